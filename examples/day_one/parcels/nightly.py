import parcels.register


def sweep():
    return len(parcels.register.Register().parcels)
