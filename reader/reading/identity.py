"""Fingerprints by which a text is found again after its file was renamed, moved or edited.

A fingerprint has a digest of all words of a text, and a sample of its pairs of adjacent words.
Two samples tell how many pairs two texts share: an edit of a tenth leaves two thirds or more.
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, b2a_base64, crc32
from functools import lru_cache
from heapq import nsmallest
from struct import iter_unpack, pack
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import normalize

from reader.text.digests import blake2b
from reader.text.words import may_have_wide_characters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


SAMPLE_SIZE: Final = 48
"""Pairs in a sample. The share of common pairs is known to 0.07 then (standard deviation)."""
MAX_FINGERPRINT_CHARACTERS: Final = 14 + (SAMPLE_SIZE * 4 + 2) // 3 * 4
_FORMAT_VERSION: Final = "1"
"""The first character of a fingerprint: the version of its format."""
_DIGEST_LENGTH: Final = 12
_PUNCTUATION: Final = bytes(
    code if code > 0x7F or chr(code).isalnum() else 0x20 for code in range(0x100)
)
"""Maps each byte of UTF-8 that is no letter and no digit in ASCII to a space."""
_OTHER_PUNCTUATION: Final = (
    r"[\x80-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\u2000-\u206f\u3000-\u303f\uff00-\uff0f]"
)
_IDEOGRAPH: Final = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
"""A letter of Chinese, Japanese or Korean, which counts as a word."""
_PIECE_CHARACTERS: Final = 16_000
"""Characters that are handled in one step, in less than a frame, so that other threads can run."""


class Fingerprint(NamedTuple):
    """What is known of the words of a text."""

    digest: str
    """Twelve hexadecimal digits; equal if all words are. Case and punctuation don't count."""
    has_title: bool
    """The text has a title, which isn't one of its words; else the file's name is the title."""
    sample: tuple[int, ...]
    """The lowest hashes of its pairs of adjacent words, in their order."""


def make_fingerprint(texts: Iterable[str], *, has_title: bool) -> str:
    """Return the fingerprint of a text's blocks as it is stored; empty for a text without words.

    The sample is a bottom-k sketch (Andrei Broder, 1997): the lowest hashes of both texts
    together are a random sample of all their pairs. Takes a twentieth of the time of parsing.
    """
    digest, hashes, last = blake2b(digest_size=_DIGEST_LENGTH // 2), set[int](), b""
    for piece in _split(texts):
        words = piece.encode("utf-8", "replace").translate(_PUNCTUATION).split()
        if not words:
            continue
        digest.update(b" ".join((b"", *words)))
        hashes.update(map(crc32, map(b" ".join, zip((last, *words), words, strict=False))))
        if len(hashes) > 32 * SAMPLE_SIZE:
            hashes = {*_take_lowest(hashes)}
        last = words[-1]
    if not hashes:
        return ""
    sample = _take_lowest(hashes)
    packed = b2a_base64(pack(f">{len(sample)}I", *sample), newline=False).decode()
    return f"{_FORMAT_VERSION}{digest.hexdigest()}{int(has_title)}{packed}"


def _take_lowest(hashes: set[int]) -> list[int]:
    """Return the lowest hashes of a sample in their order.

    They are even over 32 bits, so that those below a limit are hardly more than the sample.
    """
    limit = (SAMPLE_SIZE << 33) // len(hashes)
    low = [value for value in hashes if value < limit]
    return sorted(low if len(low) >= SAMPLE_SIZE else hashes)[:SAMPLE_SIZE]


def _split(texts: Iterable[str]) -> Iterator[str]:
    """Yield the texts in lower case, without punctuation beyond ASCII, long ones in pieces."""
    for text in texts:
        for start in range(0, len(text), _PIECE_CHARACTERS):
            piece = text[start : start + _PIECE_CHARACTERS]
            if not piece.isascii():
                piece = re.sub(_OTHER_PUNCTUATION, " ", normalize("NFC", piece))
                if may_have_wide_characters(piece):
                    piece = re.sub(_IDEOGRAPH, r" \g<0> ", piece)
            yield piece.casefold()


@lru_cache(maxsize=1_024)
def parse_fingerprint(text: str) -> Fingerprint | None:
    """Return the fingerprint that was stored as `text`, or None if it can't be read."""
    if not text.startswith(_FORMAT_VERSION) or len(text) > MAX_FINGERPRINT_CHARACTERS:
        return None
    end = 1 + _DIGEST_LENGTH
    try:
        packed = a2b_base64(text[end + 1 :].encode())
    except (Error, UnicodeEncodeError):
        return None
    if not packed or len(packed) % 4:
        return None
    return Fingerprint(
        text[1:end], text[end] == "1", tuple(value for (value,) in iter_unpack(">I", packed))
    )


def measure_similarity(one: Fingerprint, other: Fingerprint) -> float:
    """Return the share of word pairs that two texts have in common, 0 to 1; 1 for equal words."""
    if one.digest == other.digest:
        return 1.0
    first, second = {*one.sample}, {*other.sample}
    lowest = nsmallest(SAMPLE_SIZE, first | second)
    return sum(value in first and value in second for value in lowest) / len(lowest)
