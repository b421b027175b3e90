from parcels.web.views import ParcelView


def test_a_parcel_is_shown():
    assert ParcelView().show("P-1") == {"label": "PARCEL P-1: labelled", "state": None}
