"""The encoding of a file that isn't UTF-8: recognised by its mark, a declaration, or its bytes."""

from __future__ import annotations

import codecs
import re
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import category

from reader.errors import UnreadableFile
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


NOT_TEXT: Final = "not text (or not in UTF-8)"
"""What is wrong with a file that has other bytes."""
_MAX_BINARY_SHARE: Final = 0.3
"""The share of undecodable characters above which a file is not text."""
ENCODING_BYTES: Final = 400_000
"""Bytes at the start of a file that decide whether it is damaged UTF-8."""
_SAMPLE_CHARACTERS: Final = 100_000
"""Characters at the start of a file in which that share is counted."""
_BYTE_ORDER_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
"""Byte order marks and their encodings; of two that begin alike, the longer comes first."""
_MARKS: Final = tuple(mark for mark, _ in _BYTE_ORDER_MARKS)
_ENCODING_NAMES: Final = {
    "cp1252": "Windows-1252", "iso8859-1": "Latin-1", "iso8859-15": "Latin-9",
    "cp1250": "Windows-1250", "iso8859-2": "Latin-2", "cp1257": "Windows-1257",
    "cp1254": "Windows-1254", "iso8859-9": "Latin-5", "cp1258": "Windows-1258",
    "cp1251": "Windows-1251", "koi8-r": "KOI8-R", "koi8-u": "KOI8-U", "cp866": "CP866",
    "iso8859-5": "ISO 8859-5", "cp1253": "Windows-1253", "iso8859-7": "ISO 8859-7",
    "cp1255": "Windows-1255", "iso8859-8": "ISO 8859-8", "cp1256": "Windows-1256",
    "iso8859-6": "ISO 8859-6", "cp874": "Windows-874", "tis-620": "TIS-620",
    "cp932": "Shift-JIS", "shift_jis": "Shift-JIS", "euc_jp": "EUC-JP", "gb18030": "GB18030",
    "gbk": "GBK", "gb2312": "GB2312", "big5": "Big5", "big5hkscs": "Big5", "cp950": "Big5",
    "cp949": "EUC-KR", "euc_kr": "EUC-KR", "mac-roman": "Mac OS Roman",
}  # fmt: skip
"""The encodings that are recognised, by the names of Python's codecs."""
_WESTERN: Final = frozenset({"cp1252", "iso8859-1", "iso8859-15"})
"""These differ in few characters, which decide between them."""
_MIN_UTF16_ZEROS: Final = 50
"""In UTF-16 one character in so many has a zero byte: in Chinese only spaces and line ends."""
_NO_TEXT: Final = frozenset({"Cc", "Cn", "Co"})
_LONE_SURROGATE: Final = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_DECLARATION: Final = re.compile(
    rb"(?:charset|coding|encoding)[\"']?[ \t]*[=:][ \t]*[\"']?([\w.-]{2,20})", re.IGNORECASE
)
_MAX_DECLARATION_OFFSET: Final = 1_024
"""Bytes in which an encoding is declared, as in HTML."""
_FOREIGN_BYTE: Final = re.compile(rb"[\x80-\xff]")
_MAX_SAMPLE_LINES: Final = 500
_IMPLAUSIBLE: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]|(?<!\\w)[ÿþ](?!\\w)")
"""What no text has: control characters, and what bytes such as 0xFF alone are in Latin-1."""
_MIN_FOREIGN_BYTES: Final = 4
_MIN_CONFIDENCE: Final = 0.09
"""The detector gave 0.09 to 0.9 to encodings that were right, and 0.05 to 0.08 to wrong ones."""
_MIN_CHARACTERS_PER_ERROR: Final = 500


class DecodedText(NamedTuple):
    """A file's text, with only newlines as line ends."""

    text: str
    notice: str = ""
    """A line on its encoding; empty if all of it is UTF-8."""


def decode_text(data: bytes, path: Path | str) -> DecodedText:
    """Return `data` as text: UTF-8, or in the encoding that it is recognised to have.

    That is what a byte order mark, the text itself or a detector says. Bytes that mean nothing
    become U+FFFD, and the notice counts them. Raises `UnreadableFile` if `data` isn't text.
    """
    encoding, data = _find_mark(data)
    if encoding == "utf-8" and b"\0" in data[:_SAMPLE_CHARACTERS]:
        encoding = _find_utf16(data) or encoding
    is_valid = True
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8" and not _is_damaged_utf8(data, error):
            encoding = _find_declared(data) or _detect_encoding(data) or encoding
        text, is_valid = data.decode(encoding, "replace"), False
    notice = ""
    if not is_valid or encoding != "utf-8" or b"\0" in data or "\ufffd" in text:
        notice = _describe_encoding(text, data, encoding, path)
    # Each encoding has a carriage return as that byte, and to look for a byte takes no time.
    text = text.replace("\r\n", "\n").replace("\r", "\n") if b"\r" in data else text
    return DecodedText(text, notice)


def _describe_encoding(text: str, data: bytes, encoding: str, path: Path | str) -> str:
    """Return a line on the encoding and the damage of a text. Raises `UnreadableFile`."""
    sample = text[:_SAMPLE_CHARACTERS]
    if sample.count("\0") + sample.count("\ufffd") > _MAX_BINARY_SHARE * len(sample):
        raise UnreadableFile(f"{sanitize_line(str(path))}: {NOT_TEXT}")
    notice = "" if encoding == "utf-8" else f"[not UTF-8: read as {_name_encoding(encoding)}]"
    damage = len(re.findall("\ufffd+", text)) if "\ufffd" in text else 0
    if damage and text.encode(encoding, "replace") != data:
        places = "1 place" if damage == 1 else f"{damage} places"
        kind = "UTF-8" if encoding == "utf-8" else "valid"
        notice = f"{notice} [{places} not {kind}, shown as \ufffd]".strip()
    return notice


def _find_mark(data: bytes) -> tuple[str, bytes]:
    """Return the encoding that the byte order mark gives, UTF-8 without one, and the rest."""
    if not data.startswith(_MARKS):
        return "utf-8", data
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return name, data[len(mark) :]
    return "utf-8", data


def _find_utf16(data: bytes) -> str:
    """Return the form of UTF-16 that `data` has without a mark; empty if that isn't certain.

    Letters of Latin text, spaces and line ends have their zero bytes on one side.
    """
    sample = data[: _SAMPLE_CHARACTERS * 2]
    if len(data) % 2:
        return ""
    zeros = {"utf-16-be": sample[0::2].count(0), "utf-16-le": sample[1::2].count(0)}
    name, other = sorted(zeros, key=lambda each: -zeros[each])
    try:
        text = codecs.getincrementaldecoder(name)().decode(sample)  # it may end in a character
    except UnicodeDecodeError:
        return ""
    is_one_sided = zeros[name] * _MIN_UTF16_ZEROS >= len(text) and zeros[other] * 4 <= zeros[name]
    is_text = not _IMPLAUSIBLE.search(text) and not any(
        category(character) in _NO_TEXT and not character.isspace() for character in text
    )
    return name if is_one_sided and is_text else ""


def _is_damaged_utf8(data: bytes, error: UnicodeDecodeError) -> bool:
    """Return whether `data`, which isn't valid, is UTF-8 that is cut or has some wrong bytes."""
    is_cut = error.reason == "unexpected end of data" and error.end - error.start > 1
    if is_cut or _LONE_SURROGATE.search(data):
        return True
    return is_mostly_utf8(data)


def is_mostly_utf8(data: bytes) -> bool:
    """Return whether `data` begins with more characters of UTF-8 than wrong bytes.

    It is read as UTF-8 then, whatever follows the `ENCODING_BYTES`.
    """
    text = data[:ENCODING_BYTES].decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = len(text) - len(text.encode("ascii", "ignore")) - wrong
    return right > wrong


def _find_declared(data: bytes) -> str:
    """Return the encoding that the first lines of `data` name, empty without one that fits."""
    match = _DECLARATION.search(data[:_MAX_DECLARATION_OFFSET])
    try:
        name = codecs.lookup(match[1].decode("ascii")).name if match else ""
        if name in _ENCODING_NAMES:
            data.decode(name)
            return name
    except (LookupError, UnicodeError):
        pass
    return ""


def _detect_encoding(data: bytes) -> str:
    """Return the encoding that the bytes of `data` show, empty if none is certain."""
    if b"\0" in data[:_SAMPLE_CHARACTERS]:
        return ""
    import chardet  # takes 80 ms, and most files are UTF-8

    # Lines in ASCII say nothing, and the first other one may come late.
    lines = islice(_iter_foreign_lines(data), _MAX_SAMPLE_LINES)
    sample = b"\n".join(lines)[:_SAMPLE_CHARACTERS]
    result = chardet.detect(sample)
    found = result["encoding"] or "ascii"
    name = codecs.lookup(found).name
    foreign, letters = (len(re.findall(p, sample)) for p in (b"[\x80-\xff]", b"[A-Za-z]"))
    is_guess = name not in _ENCODING_NAMES or result["confidence"] < _MIN_CONFIDENCE
    if foreign < _MIN_FOREIGN_BYTES or (is_guess and foreign < letters):
        name = "cp1252"  # a text of few words in Latin letters, of which detectors aren't sure
    if name in _WESTERN:
        name = "cp1252" if re.search(b"[\x80-\x9f]", data) else "iso8859-1"
        if found.endswith("15") and re.search(b"[\xa4\xa6\xa8\xb4\xb8\xbc-\xbe]", data):
            name = "iso8859-15"
    if name not in _ENCODING_NAMES:
        return ""
    text = sample.decode(name, "replace")
    wrong = len(_IMPLAUSIBLE.findall(text))
    return name if wrong * _MIN_CHARACTERS_PER_ERROR <= len(text) and wrong < 5 else ""


def _iter_foreign_lines(data: bytes) -> Iterator[bytes]:
    """Yield the lines that have bytes beyond ASCII, in linear time however long the lines are."""
    end = -1
    while (match := _FOREIGN_BYTE.search(data, end + 1)) is not None:
        start = data.rfind(b"\n", end + 1, match.start()) + 1 or end + 1
        end = data.find(b"\n", match.end())
        yield data[start : end if end >= 0 else None]
        if end < 0:
            return


def _name_encoding(codec: str) -> str:
    name = _ENCODING_NAMES.get(codec, codec.upper())
    return name if name.lower() == codec else f"{name} ({codec})"
