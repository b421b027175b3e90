import warnings


def deliver(text):
    warnings.warn("deliver() is deprecated, use send instead", DeprecationWarning, stacklevel=2)
    return text


def post(text):
    warnings.warn("post() is slow", DeprecationWarning, stacklevel=2)
    return text
