from shop.jobs import Direct, Wrapped


def test_jobs():
    assert Direct.run is Wrapped.run
