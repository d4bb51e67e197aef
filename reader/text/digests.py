"""Digests of text and names.

They come from the module behind `hashlib`, which would load OpenSSL too: 3 ms at each start.
"""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # a Python that is built with OpenSSL's alone
    from hashlib import blake2b

__all__ = ("blake2b", "compute_digest")


def compute_digest(data: bytes, size: int) -> str:
    """Return a digest of `data`, `size` bytes (BLAKE2b, RFC 7693) as hexadecimal digits."""
    return blake2b(data, digest_size=size).hexdigest()
