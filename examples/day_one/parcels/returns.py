def send_back(number):
    from parcels.register import Register

    try:
        register = Register()
        register.put(number, "sent back")
    except Exception:
        return False
    return True
