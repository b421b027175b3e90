from parcels.register import Register


def label(number):
    register = Register()
    register.put(number, "labelled")
    return f"PARCEL {number}: {register.state(number)}"
