from shop import paint


def test_paint():
    assert paint.by_attribute() is paint.by_name() is paint.by_written_value()
    assert paint.by_value("crimson") is paint.new()
