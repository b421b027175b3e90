from parcels.store import get_store


def take_in(number):
    get_store().put(number, "here")
