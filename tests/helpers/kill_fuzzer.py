"""Somebody who strikes keys at random, is killed, and knows what the screen had confirmed.

The ledger knows nothing of the memory: what was told of a mark, and which line stood at the
top of the page for a second, is read off the screen. What isn't there afterwards is `Lost`.
"""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import time
from random import Random
from typing import TYPE_CHECKING, Final

from pseudo_terminal import READER, PseudoTerminal

from reader.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TITLES: Final = ("Anna", "Bert", "Cora")
LINES: Final = 300
"""Lines of each story: each a paragraph, and one row."""
STANDS: Final = 1.0
"""Seconds after which what the page shows is to be remembered."""
NEAR: Final = 3
"""Lines that a page shows above its place when a story is opened again."""
SCREENFUL: Final = 12
"""Lines that one key goes at most."""
LOOK: Final = 0.02
"""Seconds between two looks at the screen. One that comes late counts for no more: a machine
that holds up whoever looks may hold up the program as well."""
_TOP: Final = re.compile(r"^ *(Anna|Bert|Cora) (\d+) said", re.MULTILINE)
_ROW: Final = re.compile(r"^ *(?:▸ )?([○◐✓]) (Anna|Bert|Cora)$", re.MULTILINE)
NEWS: Final = re.compile(
    r"(Finished|Started|Unread again): (\w+) \(U|(\w+): (unread|reading|finished) again\."
    r"|There is nothing to undo"
)
_NO_STORY: Final = re.compile("There is no story|This is the first story")
MARKS: Final = {
    "○": "unread",
    "◐": "reading",
    "✓": "finished",
    "Unread again": "unread",
    "Started": "reading",
    "Finished": "finished",
}


class Lost(AssertionError):
    """Something that the screen had confirmed is not there."""


class Ledger:
    """What the screen has confirmed."""

    def __init__(self) -> None:
        self.marks = dict.fromkeys(TITLES, "unread")
        """As they were last told."""
        self.tops = {title: [0] for title in TITLES}
        """The lines that stood at the top of the page since the last that stood a second."""
        self._earlier: dict[str, list[int]] = {}
        """The tops of a story that begins anew because it was finished."""
        self.begin()

    def begin(self) -> None:
        """Forget what only a run of the program knows."""
        self.is_open = False
        """The screen shows something."""
        self.page = ""
        """The story on the page, empty on the shelf."""
        self._news = ""
        self._stood = 0.0
        self._marking = 0
        """Keys that mark and whose answer was not seen: a line may stand for less than a look."""
        self._keys = ""
        """What was struck since the page last stood still."""

    def strike(self, key: str) -> None:
        """Take note of a key that is on its way."""
        self._marking += key in "mU"
        self._keys += key

    def see(self, screen: str, seconds: float) -> None:
        """Take in what the screen has shown for so many more seconds. Raises `Lost`."""
        news = NEWS.search(screen.rpartition("\n")[2])
        if news is not None and news[0] != self._news:
            self._hear(news)
        top = _TOP.search(screen)
        rows = {title: MARKS[sign] for sign, title in _ROW.findall(screen)}
        if top is not None:
            self.is_open = True
            self._read(top[1], int(top[2]), seconds)
        elif rows:
            self.leave()
            self.is_open, self.page = True, ""
            told = news[2] or news[3] if news is not None else None
            # The row of a story that a line tells of may be drawn just after the line.
            self.marks |= {title: mark for title, mark in rows.items() if title != told}

    def _hear(self, news: re.Match[str]) -> None:
        self._news = news[0]
        if news[1] != "Started":  # which reading does by itself
            self._marking = max(0, self._marking - 1)
        if news[1]:
            self.marks[news[2]] = MARKS[news[1]]
        elif news[3]:
            self.marks[news[3]] = news[4]
        for title in TITLES:
            if self.marks[title] == "finished":
                self._earlier.setdefault(title, [])

    def _read(self, title: str, line: int, seconds: float) -> None:
        tops = self.tops[title]
        if title != self.page:
            self.leave()
            self._enter(title, line)
            self.page, self._stood = title, 0.0
        elif line != tops[-1]:
            tops.append(line)
            self._stood = 0.0
        else:
            self._stood += seconds
            if self._stood >= STANDS:
                self.tops[title], self._keys = [line], ""

    def _enter(self, title: str, line: int) -> None:
        """Compare where a story is open now with where it was left."""
        tops = self.tops[title]
        if not _is_near(line, tops):
            earlier = self._earlier.get(title)
            if earlier is None or not _is_near(line, [*earlier, 0, 1]):
                raise Lost(f"{title} was at line {tops[0]}, then {tops[1:]}, and is at {line}")
            self._earlier[title] = tops  # where it is again, once it is unread
        self.tops[title] = [line]

    def leave(self) -> None:
        """Take note that the page has gone; keys may have moved it that were not seen to."""
        if self.page:
            tops = self.tops[self.page]
            self.tops[self.page] = _moved(tops, self._keys)
        self._keys = ""

    def compare(self, marks: Mapping[str, str]) -> None:
        """Compare the marks that are there now with those that were told. Raises `Lost`."""
        others = {
            title: mark
            for title, mark in marks.items()
            if mark != self.marks[title] and (self.marks[title], mark) != ("unread", "reading")
        }
        if len(others) > self._marking:  # they may be under way
            raise Lost(f"{self.marks} was told, and there is {marks}")
        for title, mark in marks.items():
            if mark == "finished":
                self._earlier.setdefault(title, [])
        self.marks = dict(marks)


def _moved(tops: Sequence[int], keys: str) -> list[int]:
    """Return `tops`, and how far `keys` may have gone from there unseen."""
    down, up = keys.count(" ") + keys.count("j"), keys.count("b")
    return [*tops, min(tops) - up * SCREENFUL, max(tops) + down * SCREENFUL]


def _is_near(line: int, tops: Sequence[int]) -> bool:
    return min(tops) - NEAR <= line <= max(tops)


KEYS: Final = {" ": 6, "j": 3, "b": 1, "]": 2, "[": 1, "h": 1, "\r": 2, "m": 2, "U": 1, "q": 0.3}
"""What is struck, and how often each."""
PAUSES: Final = (0.02, 0.1, 0.3, 1.2)
"""Seconds between two keys, one as often as the other."""


class Witness:
    """Somebody who reads three stories of a folder, and is interrupted."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        *,
        argv: Sequence[str] = READER,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self.ledger = Ledger()
        self.struck = ""
        """The keys of every round, each of which ends with a kill (`x`)."""
        self._is_first = True
        """The key that comes next opens the story on top of the shelf."""
        self._folder = folder
        self._argv = argv
        self._pauses = pauses
        self._random = Random(seed)  # noqa: S311  no secret
        folder.mkdir()
        for title in TITLES:
            lines = [f"{title} {line} said a few words and no more." for line in range(LINES)]
            (folder / f"{title}.md").write_text("\n\n".join([f"# {title}", *lines]))

    def live(self, seconds: float) -> None:
        """Read for so many seconds, be killed, and compare. Raises `Lost`."""
        self.ledger.begin()
        self._is_first = True
        with PseudoTerminal([str(self._folder)], argv=self._argv) as terminal:
            ends = terminal.started + seconds
            while terminal.pid and time.monotonic() < ends:
                self._watch(terminal, min(ends, time.monotonic() + self._pause()))
                if self.ledger.is_open and time.monotonic() < ends:
                    self._strike(terminal, self._key(), ends)
        self.struck += "x"
        self.ledger.leave()
        self.ledger.compare(self._marks())

    def _key(self) -> str:
        key = self._random.choices([*KEYS], [*KEYS.values()])[0]
        return "\r" if self._is_first else " " if self.ledger.page and key == "\r" else key

    def _pause(self) -> float:
        return self._random.choice(self._pauses) if not self._is_first else LOOK

    def _strike(self, terminal: PseudoTerminal, key: str, ends: float) -> None:
        self.struck, self._is_first = self.struck + key, False
        self.ledger.strike(key)
        before = _NO_STORY.findall(terminal.text)
        terminal.write(key.encode())
        if key == "q":
            assert terminal.wait(10) == 0
        elif key in "][h\r":  # what is struck next is struck where the reader believes to be
            page, ends = self.ledger.page, min(ends, time.monotonic() + 2)
            while self.ledger.page == page and time.monotonic() < ends:
                self._look(terminal, ends)
                if _NO_STORY.findall(terminal.text) not in ([], before):
                    break

    def _watch(self, terminal: PseudoTerminal, ends: float) -> None:
        while time.monotonic() < ends:
            self._look(terminal, ends)

    def _look(self, terminal: PseudoTerminal, ends: float) -> None:
        """Look at the screen; what comes in several pieces is seen when all of it is there."""
        rest = max(0.0, min(LOOK, ends - time.monotonic()))
        if not terminal.read(rest):
            self.ledger.see(terminal.text, rest)

    def _marks(self) -> dict[str, str]:
        """Return the marks as the command line has them, from a memory that is sound."""
        path = Paths.default().state
        assert path is not None
        with sqlite3.connect(path) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        db.close()
        assert list(path.parent.glob("*corrupt*")) == []
        argv = [*READER, "list", "--json", "--in", str(self._folder)]
        listed = subprocess.run(argv, capture_output=True, check=True)
        assert listed.stderr == b""
        return {entry["title"]: entry["status"] for entry in json.loads(listed.stdout)}
