from parcels.register import open_register


def route(numbers):
    register = open_register()
    for number in numbers:
        register.put(number, "on its way")
    return register
