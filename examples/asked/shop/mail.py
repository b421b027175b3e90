import shop.legacy


def remind(orders, log=None):
    log = log or shop.legacy.OrderLog()
    for order in orders:
        log.write(order, "reminded")
    return len(log.lines)
