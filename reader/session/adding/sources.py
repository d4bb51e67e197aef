"""What is to be added: addresses, files or text, as they were typed, pasted or dropped."""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from reader.ingest.sources import is_web_address
from reader.text.cells import sanitize_line
from reader.text.web_addresses import find_host

if TYPE_CHECKING:
    from collections.abc import Callable

ADDRESS, FILE, TEXT = "address", "file", "text"
"""The kinds of a source."""
PASTED_NAME: Final = "the pasted text"
_HOST: Final = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}(?::\d+)?(?:[/?#]\S*)?")
"""An address without its scheme, as people type it."""
_ESCAPED: Final = re.compile(r"\\(.)")
_MAX_COUNTED: Final = 200_000
"""Characters of a text whose words are counted while a key is handled."""
_MIN_PASTED_WORDS: Final = 12
"""Words of one line that is taken for a text, and not for the name of a file."""


class Source(NamedTuple):
    """What is to be added."""

    kind: str
    text: str
    """The address, the path, or the text itself."""

    @property
    def name(self) -> str:
        """What it is called in a line of text; sanitised."""
        if self.kind == TEXT:
            return PASTED_NAME
        host = find_host(self.text) if self.kind == ADDRESS else ""
        return sanitize_line(host or self.text, 200)


def normalize_lines(text: str) -> str:
    """Return `text` with every line end a line feed: terminals paste carriage returns."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_sources(text: str, is_file: Callable[[str], bool]) -> list[Source]:
    """Return what was typed or pasted as sources: addresses, files, or one text.

    Several addresses, or several files that are there, may stand on a line each. A path may be
    quoted or escaped, as terminals paste the name of a file that is dropped on them. `is_file`
    looks at the disk, which may take long.
    """
    text = normalize_lines(text)
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        return []
    addresses = list(takewhile(bool, (_parse_address(line.strip(), is_file) for line in lines)))
    if len(addresses) == len(lines):
        return [Source(ADDRESS, address) for address in dict.fromkeys(addresses)]
    path = _parse_path(lines[0].strip(), is_file)
    if len(lines) == 1 and (len(lines[0].split()) < _MIN_PASTED_WORDS or is_file(path)):
        return [Source(FILE, path)]
    paths = (_parse_path(line.strip(), is_file) for line in lines)
    files = list(takewhile(is_file, paths))
    if len(files) == len(lines):
        return [Source(FILE, path) for path in dict.fromkeys(files)]
    return [Source(TEXT, text)]


def _parse_address(line: str, is_file: Callable[[str], bool]) -> str:
    """Return an address with its scheme; empty if `line` is none."""
    address = line[1:-1] if line.startswith("<") and line.endswith(">") else line
    if len(address.split()) != 1 or address.lower().startswith("file:"):
        return ""
    if is_web_address(address):
        return address
    if not _HOST.fullmatch(address) or is_file(_parse_path(address, is_file)):
        return ""
    is_site = "/" in address or address.lower().startswith("www.")
    return f"https://{address}" if is_site else ""


def _parse_path(line: str, is_file: Callable[[str], bool]) -> str:
    if line.lower().startswith("file:"):
        line = _parse_file_address(line)
    elif len(line) > 1 and line[0] == line[-1] and line[0] in "'\"":
        line = line[1:-1]
    elif not is_file(line):
        line = _ESCAPED.sub(r"\1", line)
    if line == "~" or line.startswith("~/"):
        try:
            return str(Path(line).expanduser())
        except RuntimeError:  # there is no home folder
            return line
    return line


def _parse_file_address(address: str) -> str:
    """Return the path in an address that begins with `file:`; all of one that isn't valid."""
    try:
        return unquote(urlsplit(address).path) if "\0" not in address else address
    except ValueError:  # there is no such file then
        return address


def is_file_there(path: str) -> bool:
    """Return whether there is a file at `path`."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):  # the name is too long, or holds a NUL
        return False


def describe_text(text: str) -> str:
    """Return one line that says what adding `text` does. It doesn't look at the disk."""
    sources = parse_sources(text, lambda _: False)
    if not sources:
        return ""
    if len(sources) > 1:
        return f"Enter fetches {len(sources):,} pages and shows the first one, unsaved."
    source = sources[0]
    if source.kind == ADDRESS:
        return f"Enter fetches the page from {source.name} and shows it, unsaved."
    if source.kind == FILE:
        return "Enter reads the file and shows it, unsaved."
    if len(text) > _MAX_COUNTED:
        return f"Pasted text: {len(text):,} characters."
    words, lines = len(text.split()), sum(1 for line in source.text.split("\n") if line.strip())
    return f"Pasted text: {lines:,} line{'s' if lines != 1 else ''}, {words:,} words."
