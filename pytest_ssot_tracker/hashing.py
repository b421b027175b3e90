"""Give `blake2b` as `hashlib` does, without loading OpenSSL."""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # an interpreter that is built without its own
    from hashlib import blake2b

__all__ = ["blake2b"]
