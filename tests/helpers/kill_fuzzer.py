"""Press random keys, kill the program, and check that nothing the screen confirmed is lost.

`ScreenModel` never reads the store. It reads from the screen which read status was reported,
and which line was at the top of the page for a second. `Lost` is raised if that is not so in
the next run.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from random import Random
from typing import TYPE_CHECKING, Final

from pseudo_terminal import LIMIT, PseudoTerminal

from reader.cli.main import main
from reader.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TITLES: Final = ("Anna", "Bert", "Cora")
LINES: Final = 300
"""Lines of each story: each a paragraph, and one row."""
SAVED_AFTER: Final = 1.0
"""Seconds after which the place that the page shows must be saved."""
LINES_ABOVE: Final = 3
"""Lines above the saved place that a page can show when a story is opened again."""
SCREENFUL: Final = 12
"""The most lines that one key moves."""
READ_SECONDS: Final = 0.02
"""Seconds of one read of the screen. A longer one counts as much: a machine that delays the test
may delay the program as well."""
_TOP: Final = re.compile(r"^ *(Anna|Bert|Cora) (\d+) said", re.MULTILINE)
_ROW: Final = re.compile(r"^ *(?:▸ )?([○◐✓]) (Anna|Bert|Cora)$", re.MULTILINE)
NOTICE: Final = re.compile(
    r"(Finished|Started|Unread again): (\w+) \(U|(\w+): (unread|reading|finished) again\."
    r"|There is nothing to undo"
)
_NO_STORY: Final = re.compile("There is no story|This is the first story")
STATUSES: Final = {
    "○": "unread",
    "◐": "reading",
    "✓": "finished",
    "Unread again": "unread",
    "Started": "reading",
    "Finished": "finished",
}


class Lost(AssertionError):
    """Something that the screen had confirmed was not saved."""


class ScreenModel:
    """What the screen has confirmed so far."""

    def __init__(self) -> None:
        self.statuses = dict.fromkeys(TITLES, "unread")
        """As reported last."""
        self.tops = {title: [0] for title in TITLES}
        """The top lines of the page since the last one that stayed for a second, that one first."""
        self._earlier: dict[str, list[int]] = {}
        """The top lines of a finished story, which opens at its beginning."""
        self.begin()

    def begin(self) -> None:
        """Reset what belongs to one run of the program."""
        self.is_open = False
        """The first screen was drawn."""
        self.page = ""
        """The story on the page, or an empty text on the shelf."""
        self._notice = ""
        self._stayed = 0.0
        self._unconfirmed_count = 0
        """Keys that change a status and whose notice was not seen yet."""
        self._keys = ""
        """The keys pressed since the page last stayed for a second."""

    @property
    def has_stayed(self) -> bool:
        """The page has shown the same place for so long that it must be saved."""
        return bool(self.page) and self._stayed >= SAVED_AFTER

    def begin_stay(self) -> None:
        """Count the seconds that the page stays as it is from now on."""
        self._stayed = 0.0

    def press(self, key: str) -> None:
        """Record a key before it is sent."""
        self._unconfirmed_count += key in "mU"
        self._keys += key

    def update(self, screen: str, seconds: float) -> None:
        """Record what the screen has shown for `seconds` more. Raises `Lost`."""
        notice = NOTICE.search(screen.rpartition("\n")[2])
        if notice is not None and notice[0] != self._notice:
            self._read_notice(notice)
        top = _TOP.search(screen)
        rows = {title: STATUSES[sign] for sign, title in _ROW.findall(screen)}
        if top is not None:
            self.is_open = True
            self._read_page(top[1], int(top[2]), seconds)
        elif rows:
            self.leave()
            self.is_open, self.page = True, ""
            changed = notice[2] or notice[3] if notice is not None else None
            # The row of a story may be drawn just after the notice about it.
            self.statuses |= {title: status for title, status in rows.items() if title != changed}

    def _read_notice(self, notice: re.Match[str]) -> None:
        self._notice = notice[0]
        if notice[1] != "Started":  # reading does that without a key
            self._unconfirmed_count = max(0, self._unconfirmed_count - 1)
        if notice[1]:
            self.statuses[notice[2]] = STATUSES[notice[1]]
        elif notice[3]:
            self.statuses[notice[3]] = notice[4]
        for title in TITLES:
            if self.statuses[title] == "finished":
                self._earlier.setdefault(title, [])

    def _read_page(self, title: str, line: int, seconds: float) -> None:
        tops = self.tops[title]
        if title != self.page:
            self.leave()
            self._enter(title, line)
            self.page, self._stayed = title, 0.0
        elif line != tops[-1]:
            tops.append(line)
            self._stayed = 0.0
        else:
            self._stayed += seconds
            if self._stayed >= SAVED_AFTER:
                self.tops[title], self._keys = [line], ""

    def _enter(self, title: str, line: int) -> None:
        """Check that a story opens where it was left. Raises `Lost`."""
        tops = self.tops[title]
        if not _is_near(line, tops):
            earlier = self._earlier.get(title)
            if earlier is None or not _is_near(line, [*earlier, 0, 1]):
                raise Lost(f"{title} was at line {tops[0]}, then {tops[1:]}, and is at {line}")
            self._earlier[title] = tops  # it returns there once it is unread
        self.tops[title] = [line]

    def leave(self) -> None:
        """Record that the page was left; keys may have moved it unseen before that."""
        if self.page:
            tops = self.tops[self.page]
            self.tops[self.page] = _add_reachable(tops, self._keys)
        self._keys = ""

    def compare(self, statuses: Mapping[str, str]) -> None:
        """Compare the saved statuses with those that were reported. Raises `Lost`."""
        others = {
            title: status
            for title, status in statuses.items()
            if status != self.statuses[title]
            and (self.statuses[title], status) != ("unread", "reading")
        }
        if len(others) > self._unconfirmed_count:  # a change may not be done yet
            raise Lost(f"{self.statuses} was reported, but the store has {statuses}")
        for title, status in statuses.items():
            if status == "finished":
                self._earlier.setdefault(title, [])
        self.statuses = dict(statuses)


def _add_reachable(tops: Sequence[int], keys: str) -> list[int]:
    """Return `tops` and the first and last line that `keys` can have reached from there."""
    down, up = keys.count(" ") + keys.count("j"), keys.count("b")
    return [*tops, min(tops) - up * SCREENFUL, max(tops) + down * SCREENFUL]


def _is_near(line: int, tops: Sequence[int]) -> bool:
    return min(tops) - LINES_ABOVE <= line <= max(tops)


KEYS: Final = {" ": 6, "j": 3, "b": 1, "]": 2, "[": 1, "h": 1, "\r": 2, "m": 2, "U": 1, "q": 0.3}
"""The keys and their weights."""
PAUSES: Final = (0.02, 0.1, 0.3, 1.2)
"""Seconds between two keys, all with the same weight."""


class KillFuzzer:
    """Runs the program on three stories with random keys, and kills it."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        *,
        source: str | None = None,
        is_patient: bool = False,
    ) -> None:
        """Write the stories.

        A patient reader turns a page once the last place must be saved, and is done once a
        place must be saved that is not the first one.
        """
        self.model = ScreenModel()
        self.keys = ""
        """The keys of all runs, each of which ends with a kill (`x`)."""
        self._is_first = True
        """The next key opens the first story of the shelf."""
        self._folder = folder
        self._source = source
        self._is_patient = is_patient
        self._random = Random(seed)  # noqa: S311  not for secrets
        folder.mkdir()
        for title in TITLES:
            lines = [f"{title} {line} said a few words and no more." for line in range(LINES)]
            (folder / f"{title}.md").write_text("\n\n".join([f"# {title}", *lines]))

    def run_and_kill(self, seconds: float) -> None:
        """Run for so many seconds, kill the program, and compare. Raises `Lost`."""
        self.model.begin()
        self._is_first = True
        with PseudoTerminal([str(self._folder)], source=self._source) as terminal:
            deadline = terminal.started + seconds
            while terminal.pid and time.monotonic() < deadline and not self._is_done:
                self._watch(terminal, min(deadline, time.monotonic() + self._pause()))
                if self.model.is_open and time.monotonic() < deadline and not self._is_done:
                    self._press(terminal, self._key(), deadline)
        self.keys += "x"
        self.model.leave()
        self.model.compare(self._load_statuses())

    @property
    def _is_done(self) -> bool:
        model = self.model
        return self._is_patient and model.has_stayed and model.tops[model.page][0] > LINES_ABOVE

    def _key(self) -> str:
        if self._is_patient and not self._is_first:
            return " "
        key = self._random.choices([*KEYS], [*KEYS.values()])[0]
        return "\r" if self._is_first else " " if self.model.page and key == "\r" else key

    def _pause(self) -> float:
        if self._is_first:
            return READ_SECONDS
        return LIMIT if self._is_patient else self._random.choice(PAUSES)

    def _press(self, terminal: PseudoTerminal, key: str, deadline: float) -> None:
        self.keys, self._is_first = self.keys + key, False
        self.model.press(key)
        if self._is_patient:
            self.model.begin_stay()
        before = _NO_STORY.findall(terminal.text)
        terminal.write(key.encode())
        if key == "q":
            assert terminal.wait(10) == 0
        elif key in "][h\r":  # the next key must go to the page that the model expects
            page, deadline = self.model.page, min(deadline, time.monotonic() + 2)
            while self.model.page == page and time.monotonic() < deadline:
                self._read_screen(terminal, deadline)
                if _NO_STORY.findall(terminal.text) not in ([], before):
                    break

    def _watch(self, terminal: PseudoTerminal, deadline: float) -> None:
        while time.monotonic() < deadline and not (self._is_patient and self.model.has_stayed):
            self._read_screen(terminal, deadline)

    def _read_screen(self, terminal: PseudoTerminal, deadline: float) -> None:
        """Read the screen, and update the model once no more output comes."""
        rest = max(0.0, min(READ_SECONDS, deadline - time.monotonic()))
        if not terminal.read(rest):
            self.model.update(terminal.text, rest)

    def _load_statuses(self) -> dict[str, str]:
        """Return the statuses that the command line lists, and check that the store is intact."""
        path = Paths.default().state
        assert path is not None
        if path.exists():  # the first run may have been killed before
            with sqlite3.connect(path) as db:
                assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            db.close()
        assert list(path.parent.glob("*corrupt*")) == []
        output, errors = StringIO(), StringIO()
        with redirect_stdout(output), redirect_stderr(errors):
            code = main(["list", "--json", "--in", str(self._folder)])
        assert (code, errors.getvalue()) == (0, "")
        return {entry["title"]: entry["status"] for entry in json.loads(output.getvalue())}
