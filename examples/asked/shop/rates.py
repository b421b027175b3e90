import warnings


def rate(kind):
    warnings.warn("rate() is deprecated, use shop.tracker.rate_of()", DeprecationWarning, stacklevel=2)
    return {"standard": 20}[kind]
