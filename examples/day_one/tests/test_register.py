from parcels.register import Register, open_register


def test_a_parcel_is_found_again():
    register = Register()
    register.put("P-1", "here")
    assert register.state("P-1") == "here"


def test_an_unknown_parcel_has_no_state():
    assert open_register().state("P-2") is None
