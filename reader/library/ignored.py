"""What a file `.readerignore` excludes, in the syntax of `.gitignore`.

Names and paths without wildcards are looked up, so that a list of any length costs nothing for
each file. Patterns with wildcards are translated by pathspec and tried one by one, the last first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import normalize

from reader.library.files import read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


MAX_BYTES: Final = 4 * 1024 * 1024
MAX_WILDCARDS: Final = 1_000
"""Patterns with wildcards of one file: so many take about a fifth of a millisecond for each
story. The longest collection for `.gitignore` has some 500."""
_MAX_REPORTED: Final = 3
"""Lines of one file that are reported as wrong, each by its number."""
_WILDCARD: Final = re.compile(r"[*?\[\\]")


class _Wildcards(NamedTuple):
    """A pattern with wildcards."""

    number: int
    regex: re.Pattern[str]
    is_of_path: bool
    """It is compared with the path, else with the name alone."""

    def match(self, path: str) -> bool:
        """Return whether an entry itself is meant, not only a folder that it is in.

        A folder's path has a slash at its end.
        """
        if not self.is_of_path:
            path = path[path.rfind("/", 0, len(path) - 1) + 1 :]
        match = self.regex.search(path)
        if match is None:
            return False
        folder_end = match.end("ps_d") if "ps_d" in self.regex.groupindex else -1
        if folder_end >= 0:
            return folder_end == len(path)
        return not (self.is_of_path and match[0].endswith("/") and match.end() == len(path))


class IgnorePatterns:
    """The patterns of one file."""

    def __init__(self) -> None:
        self._excludes: list[bool] = []
        """For each pattern whether it excludes what it matches, or includes it again."""
        self._literals: dict[str, int] = {}
        """The numbers of patterns without wildcards. Paths begin with a slash, and what must be a
        folder ends with one."""
        self._wildcards: list[_Wildcards] = []

    def add(self, line: str) -> bool:
        """Add the pattern of a line, if it has one; return False if it is wrong.

        Raises `OverflowError` if there are too many with wildcards.
        """
        if not line.strip() or line.startswith("#"):
            return True
        text = line if line.endswith("\\ ") else line.rstrip(" ")
        is_excluding = not text.startswith("!")
        pattern = text.removeprefix("!")
        if not pattern.strip("/"):
            return False
        if _WILDCARD.search(pattern) is None:
            body = pattern.rstrip("/")
            key = f"/{body.lstrip('/')}" if "/" in body else body
            key += "/" if pattern.endswith("/") else ""
            self._literals[normalize("NFC", key)] = len(self._excludes)
        elif not self._add_wildcards(pattern):
            return False
        self._excludes.append(is_excluding)
        return True

    def _add_wildcards(self, pattern: str) -> bool:
        if len(self._wildcards) == MAX_WILDCARDS:
            raise OverflowError
        from pathspec import GitIgnoreSpec  # most lists have no wildcards

        try:
            (translated,) = GitIgnoreSpec.from_lines([normalize("NFC", pattern)]).patterns
        except ValueError:
            return False
        if translated.regex is None:
            return False
        is_of_path = "/" in pattern.rstrip("/")
        regex = re.compile(translated.regex.pattern)
        self._wildcards.append(_Wildcards(len(self._excludes), regex, is_of_path))
        return True

    def check(self, path: str) -> bool | None:
        """Return whether the last pattern that matches excludes `path`; None if none does.

        `path` is that of a file or folder in the folder of the patterns, with a slash at the end
        for a folder. That the folders above it aren't excluded is the caller's job.
        """
        path = path if path.isascii() else normalize("NFC", path)
        plain = path.rstrip("/")
        keys = [f"/{plain}", plain.rpartition("/")[2]]
        if path.endswith("/"):
            keys += [f"{key}/" for key in keys]
        last = max(self._literals.get(key, -1) for key in keys)
        for each in reversed(self._wildcards):
            if each.number < last:
                break
            if each.match(path):
                last = each.number
                break
        return self._excludes[last] if last >= 0 else None


def read_ignored(path: Path, report: Callable[[str], None]) -> IgnorePatterns:
    """Return the patterns of the file at `path`. What is wrong in it is reported and left out.

    Raises `UnreadableFile`.
    """
    data = read_bytes(path)
    if len(data) > MAX_BYTES:
        report(f"larger than {MAX_BYTES >> 20} MB, so its end is not used")
        data = data[: data.rfind(b"\n", 0, MAX_BYTES) + 1]  # half a line may mean something else
    patterns, wrong = IgnorePatterns(), []
    for number, line in enumerate(data.decode("utf-8-sig", "replace").split("\n"), 1):
        try:
            if not patterns.add(line.rstrip("\r")):
                wrong.append(number)
        except OverflowError:
            report(
                f"more than {MAX_WILDCARDS} patterns with wildcards, so it ends at line {number}"
            )
            break
    for number in wrong[:_MAX_REPORTED]:
        report(f"line {number} is no pattern, so it is not used")
    if len(wrong) > _MAX_REPORTED:
        report(f"{len(wrong) - _MAX_REPORTED} more lines are no patterns")
    return patterns
