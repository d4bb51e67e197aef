"""Decode a page: what its bytes show wins over what the server and the page say.

Labels mean what browsers take them to mean (WHATWG Encoding Standard, 4.2): Latin-1 is
Windows-1252.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Final

from reader.errors import UnreadableFile
from reader.ingest import word_set
from reader.library.source.encodings import NOT_TEXT, decode_text

_DECLARATION: Final = re.compile(
    rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,30})", re.IGNORECASE
)
_MAX_OFFSET: Final = 4_096
_CODECS: Final = word_set(
    "utf-8 utf-16 utf-16-le utf-16-be cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp866 cp874"
    " iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-13 iso8859-14 iso8859-15"
    " iso8859-16 koi8-r koi8-u mac-roman gb2312 gbk gb18030 big5 big5hkscs euc_jp shift_jis cp932 iso2022_jp euc_kr cp949"
)
_ALIASES: Final = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gbk",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode_page(data: bytes, charset: str = "") -> str:
    """Return a page as text; `charset` is the label that the server sent, if any.

    Raises `UnreadableFile` if `data` isn't text.
    """
    if data.startswith(_MARKS):
        return _decode(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _DECLARATION.search(data[:_MAX_OFFSET])
    for label in (charset, declared[1].decode("ascii", "replace") if declared else ""):
        codec = _find_codec(label)
        if codec and codec != "utf-8":
            return data.decode(codec, "replace")
    try:
        return _decode(data)
    except UnreadableFile:
        if data[:1_000].count(b"\0") or b"<" not in data[:4_000]:
            raise
        return data.decode("utf-8", "replace")


def _decode(data: bytes) -> str:
    """Return a page as text by its own bytes. Raises `UnreadableFile`, without its name."""
    try:
        return decode_text(data, Path()).text
    except UnreadableFile as error:
        raise UnreadableFile(NOT_TEXT) from error


def _find_codec(label: str) -> str:
    """Return the codec that a label names; empty for none, and for codecs that aren't of text."""
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name if label.isascii() and label else ""
    except (LookupError, ValueError):
        return ""
    name = _ALIASES.get(name, name)
    return name if name in _CODECS else ""
