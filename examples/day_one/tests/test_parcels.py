from parcels.intake import take_in
from parcels.labels import label
from parcels.returns import send_back
from parcels.routing import route
from parcels.store import get_store


def test_what_is_taken_in_is_here():
    take_in("P-1")
    assert get_store().state("P-1") == "here"


def test_a_label_says_so():
    assert label("P-1") == "PARCEL P-1: labelled"


def test_a_parcel_is_routed():
    assert route(["P-1", "P-2"]).state("P-2") == "on its way"


def test_a_parcel_is_sent_back():
    assert send_back("P-1")
