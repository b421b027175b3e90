"""What is left of the old shop."""

import warnings

warnings.warn("shop.legacy is deprecated, use shop.api instead", DeprecationWarning, stacklevel=2)


def discount():
    return 0
