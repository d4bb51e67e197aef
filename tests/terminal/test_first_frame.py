"""The first frame, which is drawn before Textual is loaded, is what the app shows.

After the first frame nothing may change on the screen, at any byte that is sent, until the app has
settled. READER_FRAMES is the number of cases that are tried; 99 tries all of them.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
from app_driver import make_numbered_story
from kept_frames import find_kept_frame, keep_next_frame, keep_order, read_story
from pseudo_terminal import READER, PseudoTerminal

from reader.cli.context import open_session
from reader.finding.describing import fill_catalog
from reader.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.usefixtures("indexed_home")]

STORIES: Final = int(os.environ.get("READER_STORIES", "320"))
"""Stories of a large folder, which a worker lists."""
WAITING: Final = """
import os, time
while not os.path.exists({gate!r}):
    time.sleep(0.005)
path = os.path.join(os.path.dirname(os.__file__), "selectors.py")
with open(path) as source:
    exec(source.read())
"""
"""A module that the app needs and the first frame doesn't: it loads once a file exists."""
FRAMES: Final = int(os.environ.get("READER_FRAMES", "4"))
END_OF_FRAME: Final = b"\x1b[?2026l"
START_OF_APP: Final = b"\x1b[?2004h"
"""What Textual's driver sends when it starts: pasted text is bracketed."""
MINUTES: Final = "0123456789min "
"""The characters of a length, as in "12 min"."""
PIECE_BYTES: Final = 400
"""Bytes after which the screen is compared: a row takes some hundred."""
SETTLED_SECONDS: Final = 0.7
"""More than until the first tick of the screen."""
STORY: Final = f"""---
title: The House on the Hill
author: A. Writer
deck: With *all* that a page may have
---
Some *text* with `code`, [a link](#part), **strong** words, ~~struck~~ ones, and a note.[^1]

- one
- two

> A quotation of some length, which goes on over the end of the line, so that it is broken there.

```python
def f(x):
    return "s"  # a comment
```

## Part

{make_numbered_story()}

[^1]: The note.
"""
PROSE: Final = "Words that take a *while*, as 'always'. " * 20 + "\n\n"
LONG: Final = f"# Long\n\n{PROSE * 14}{STORY * 40}"
"""A text that isn't complete after its first slice, which is plain prose."""
SHORT: Final = "# Short\n\nThe end card is seen.\n\n" + "Words that take a while. " * 40


class Case(NamedTuple):
    """A start of the program whose frames are compared."""

    story: str = STORY
    columns: int = 120
    rows: int = 40
    env: Mapping[str, str] = {}
    is_read: bool = False
    """It was read before, some screens far, by another program."""
    target: str = "file"
    """What is opened: `file`, `folder`, `last`, `library` or `pipe`."""
    is_edited: bool = False
    """It was edited after it was read."""
    config: str = ""
    """The content of the file of settings."""
    is_begun: bool = False
    """It was opened, and left before its text was complete."""
    is_deep: bool = False
    """It was read to a place deep in it, and all of its text is cached."""
    keys: bytes = b""
    """Keys that the page obeys before the app is loaded."""


OWN_KEYS: Final = """
[keys]
start = "ctrl+g,0"
to-page = "o"
help = ""
leave = "f10"
"""
CASES: Final[dict[str, Case]] = {
    "resumed in two panes, and scrolled": Case(is_read=True, keys=b" j\x1b[6~k\x04"),
    "resumed in two panes, with own keys": Case(is_read=True, config=OWN_KEYS),
    "never opened, 80 columns": Case(columns=80, rows=24, env={"READER_THEME": "day"}),
    "the shelf of a folder, with own keys": Case(target="folder", config=OWN_KEYS),
    "256 colours": Case(env={"COLORTERM": "", "READER_THEME": "sepia"}, is_read=True),
    "resumed in two panes": Case(is_read=True),
    "16 colours": Case(env={"COLORTERM": "", "TERM": "xterm"}),
    "no colours": Case(env={"NO_COLOR": "1"}),
    "transparent": Case(env={"READER_TRANSPARENT": "true"}, is_read=True),
    "the terminal's theme": Case(env={"READER_THEME": "terminal"}),
    "dusk": Case(env={"READER_THEME": "dusk"}, columns=60, rows=20),
    "low": Case(columns=100, rows=10, is_read=True),  # else the few words are soon read, it says
    "low in two panes": Case(columns=130, rows=12, is_read=True),
    "wide": Case(columns=200, rows=50),
    "108 columns": Case(columns=108, rows=30, target="folder"),
    "107 columns": Case(columns=107, rows=30, target="folder"),
    "tiny": Case(columns=20, rows=6),
    "narrow shelf": Case(columns=40, rows=24, target="folder"),
    "short, with its end card": Case(story=SHORT),
    "short, in 60 columns": Case(story=SHORT, columns=60, rows=40),
    "the last story": Case(target="last", is_read=True),
    "the library": Case(target="library"),
    "the library in 80 columns": Case(target="library", columns=80, rows=24),
    "a pipe": Case(target="pipe"),
    "edited after reading": Case(is_read=True, is_edited=True),
    "measure 90": Case(env={"READER_MEASURE": "90"}),
    "a long text that was left at once": Case(story=LONG, is_begun=True),
    "a long text that was never opened": Case(story=LONG, columns=80, rows=24),
    "deep in a long text": Case(story=LONG, is_deep=True),
    "a notice about the settings": Case(config="nonsense = 1\n"),
    "a notice on the shelf": Case(target="folder", config="nonsense = 1\n"),
    "reading data that can't be saved": Case(env={"XDG_DATA_HOME": "/proc/nothing"}),
    "justified": Case(env={"READER_JUSTIFIED": "true"}, is_read=True),
    "scrolled with own keys": Case(keys=b"xx", config='[keys]\npage-down = "x"\n'),
    "scrolled in 80 columns": Case(columns=80, rows=24, env={"READER_THEME": "day"}, keys=b" j"),
    "scrolled, under a notice": Case(config="nonsense = 1\n", keys=b"  b"),
    "a long text, scrolled": Case(story=LONG, keys=b"  "),
    "scrolled deep in a long text": Case(story=LONG, is_deep=True, keys=b" kb"),
    "scrolled up, without a stop line": Case(is_read=True, keys=b"kkuu"),
    "the last story, scrolled": Case(target="last", is_read=True, keys=b"d"),
    "scrolled without colours": Case(env={"NO_COLOR": "1"}, keys=b" "),
}
"""The first ones are tried by default."""


@pytest.mark.parametrize("name", [*CASES][:FRAMES])
def test_nothing_changes_from_the_first_frame_to_the_settled_app(
    name: str, write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    case = CASES[name]
    folder = write("other.md", "# Another\n\nWords.\n").parent
    with open_session() as session:  # what is described later is added to the shelf then
        fill_catalog(session, folder)
    path = write("story.md", case.story)
    if case.target == "folder":
        with open_session() as session:
            fill_catalog(session, folder)
    config = Paths.default().config
    if case.config and config is not None:
        config.parent.mkdir(parents=True)
        config.write_text(case.config)
    if case.is_begun:
        with open_session() as session:
            session.enter(session.open_file(path))
    if case.is_read:
        read_story(path)
    if case.is_deep:
        with open_session() as session:
            open_story = session.open_file(path)
            open_story.parse_all()
            session.enter(open_story)
            session.index_story(open_story).run()
            open_story.move_to(open_story.document.word_to_place(open_story.document.words // 2))
        with open_session() as session:
            assert session.open_file(path).document.read_next is not None
    if case.is_edited:
        path.write_text(case.story.replace("A quotation", "New words before it.\n\n> A quotation"))
    targets = {"file": [str(path)], "folder": [str(path.parent)]}
    argv = ("sh", "-c", f"cat {path} | {sys.executable} -m reader")
    env = {"READER_THEME": "night", **case.env}
    gate = tmp_path / "open"
    if case.keys:
        env["PYTHONPATH"] = str(tmp_path)
        (tmp_path / "selectors.py").write_text(WAITING.format(gate=str(gate)))
    with PseudoTerminal(
        targets.get(case.target, []),
        argv=argv if case.target == "pipe" else READER,
        columns=case.columns,
        rows=case.rows,
        env=env,
    ) as terminal:
        if case.keys:
            type_early(terminal, case.keys, gate)
        is_counted_later = case.story is LONG and not case.is_deep
        frames = 2 if case.keys else 1
        assert list_changes(terminal, frames, is_counted_later=is_counted_later) == []
        assert terminal.output.count(b"\x1b[?1049h") == 1


def type_early(terminal: PseudoTerminal, keys: bytes, gate: Path) -> None:
    """Type keys after the first frame, and let the app be loaded once a second one is drawn."""
    terminal.wait_until(lambda: END_OF_FRAME in terminal.output, "no first frame is drawn")
    before = terminal.text
    terminal.write(keys)
    terminal.wait_until(lambda: terminal.output.count(END_OF_FRAME) == 2, "no key is obeyed")
    assert terminal.text != before
    gate.touch()


HANGING: Final = "import time\ntime.sleep(60)\n"
"""A module whose import doesn't end: the program stays as it is before it is loaded."""
SIZE: Final = (120, 30)


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Return a function that reads a story and keeps the frame that its next start will show."""

    def keep(path: Path) -> None:
        read_story(path)
        keep_next_frame(path, SIZE, monkeypatch)
        assert find_kept_frame().exists()

    return keep


def start(path: Path, **env: str) -> PseudoTerminal:
    terminal = PseudoTerminal([str(path)], argv=READER, columns=SIZE[0], rows=SIZE[1], env=env)
    terminal.wait_until(lambda: END_OF_FRAME in terminal.output, "no first frame is drawn")
    return terminal


def test_a_kept_frame_is_shown_before_the_program_is_loaded(
    keep: Callable[[Path], None], write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    path = write("story.md", STORY)
    keep(path)
    (tmp_path / "contextvars.py").write_text(HANGING)
    with start(path, PYTHONPATH=str(tmp_path)) as terminal:
        assert "The House on the Hill" in terminal.text
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.wait() == 128 + signal.SIGTERM
        assert terminal.list_unrestored() == set()


def test_a_frame_is_kept_for_a_program_that_is_killed(
    keep: Callable[[Path], None], write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    path = write("story.md", STORY)
    (tmp_path / "contextvars.py").write_text(HANGING)
    with open_session() as session:  # as if it had been killed: its log is still there
        session.save_choice("measure", "50")
        keep(path)
        with start(path, PYTHONPATH=str(tmp_path)) as terminal:
            assert "The House on the Hill" in terminal.text


def test_a_kept_frame_is_what_the_app_shows(
    keep: Callable[[Path], None], write: Callable[[str, str], Path]
) -> None:
    path = write("story.md", STORY)
    keep(path)
    with start(path) as terminal:
        assert list_changes(terminal) == []
        assert terminal.output.count(END_OF_FRAME) == 1  # it was not replaced by another one


@pytest.mark.parametrize("is_kept", [True, False])
def test_the_first_frame_of_a_large_folder_is_what_the_app_shows(
    is_kept: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    for number in range(STORIES):
        head = f"---\ndate: {2000 + number % 20}-03-04\n---\n\n# Story {number}\n\n"
        text = "Words.\n" if number else make_numbered_story()  # which hides the end card
        (folder / f"{number}.md").write_text(head + text)
    session = keep_order(folder, monkeypatch)
    if is_kept:
        keep_next_frame(folder, SIZE, monkeypatch, session)
        assert find_kept_frame().exists()
    with start(folder, READER_THEME="night") as terminal:
        assert list_changes(terminal) == []
        assert terminal.output.count(END_OF_FRAME) == 1  # it was not replaced by another one
        assert f"{STORIES} stories" in terminal.text
        terminal.press("G")
        terminal.wait_for(f"▸ ○ Story {STORIES - 1}")


def test_no_kept_frame_is_shown_once_the_story_has_changed(
    keep: Callable[[Path], None], write: Callable[[str, str], Path]
) -> None:
    path = write("story.md", f"# Title before\n\n{make_numbered_story()}")
    keep(path)
    path.write_text(f"# Title after!\n\n{make_numbered_story()}")
    with start(path) as terminal:
        assert b"Title before" not in terminal.output
        assert b"Title after!" in terminal.output


LISTING: Final = """
import os, sys
from reader.drawing.early_screen import EarlyScreen

def list_modules(self, frame):
    os.write(1, " ".join(sys.modules).encode())
    os._exit(0)

EarlyScreen.show = list_modules
from reader.cli.main import main
main(sys.argv[1:])
"""
"""A program: the reader, which prints the modules that are loaded when it shows the first frame."""
LOADED: Final = """
cli.adding cli.adding.commands cli.commands cli.context cli.main cli.output cli.registry cli.search
cli.standard_input cli.start cli.terminal config drawing.early_screen drawing.escape_codes
drawing.hints drawing.lists drawing.opening drawing.page drawing.panes drawing.pieces drawing.shelf
drawing.status drawing.styles errors finding.describing garbage layout.blocks layout.galley
layout.linebreak layout.lines layout.nesting layout.pieces layout.tables layout.viewport
layout.viewport_rows library.catalog library.describing library.files library.index library.known_files
library.order.keys
library.scan library.source library.source.dates library.source.encodings library.source.months
library.story library.text_cache library.watch local_time paths reading.annotations reading.identity
reading.progress reading.revision render.story_frame session.annotations session.identities
session.identities.known_index
session.jobs session.known_stories session.open_story session.piped_story session.read_status
session.scanning session.session session.shelf session.shelf.end_card session.shelf.entries
session.shelf.order session.shelf.sections session.shelf.shelf_list session.shelf.suggestions
session.tracker signal_handlers
store.database store.files store.folders store.likeness store.migrations store.pending store.records
store.repository store.schema store.stories store.write_behind text.block_json text.cells
text.digests text.document text.links text.places text.web_addresses text.words ui.commands
ui.start
ui.start.first_frame
"""
"""The modules of the program that draw the first frame of a story that was opened before.

A module that isn't needed for that is imported where it is used, and not listed here.
"""
HEAVY: Final = {
    "argparse", "asyncio", "chardet", "difflib", "gettext", "hashlib", "markdown_it", "pygments",
    "rich.console", "rich.style", "shutil", "ssl", "tempfile", "textual", "traceback", "yaml",
}  # fmt: skip
"""Modules that take milliseconds to load and are not needed."""


def test_the_first_frame_loads_no_module_that_it_does_not_need(
    write: Callable[[str, str], Path], tmp_path: Path
) -> None:
    path = write("story.md", f"# Plain\n\n{make_numbered_story()}")
    with open_session() as session:
        open_story = session.open_file(path)
        open_story.parse_all()
        session.index_story(open_story).run()
    program = tmp_path / "listing.py"
    program.write_text(LISTING)
    argv = (sys.executable, str(program))
    with PseudoTerminal([str(path)], argv=argv, env={"READER_THEME": "night"}) as terminal:
        assert terminal.wait() == 0
        loaded = terminal.output.decode().split()
    packages = {name.rpartition(".")[0] for name in loaded}
    own = {name for name in loaded if name.startswith("reader.")} - packages
    assert sorted(own - {f"reader.{name}" for name in LOADED.split()}) == ["reader.markdown"]
    assert HEAVY.intersection(loaded) == set()


def wait_until_settled(terminal: PseudoTerminal) -> None:
    """Wait until the app has drawn all of its start, and the first tick has passed."""
    terminal.wait_until(lambda: START_OF_APP in terminal.output, "the app does not start")
    settled_at = time.monotonic() + SETTLED_SECONDS
    while time.monotonic() < settled_at:
        if terminal.read(0.05):
            settled_at = time.monotonic() + SETTLED_SECONDS


def list_changes(
    terminal: PseudoTerminal, frames: int = 1, *, is_counted_later: bool = False
) -> list[str]:
    """Return the cells that differ at any time until the app has settled.

    They are compared with those after the first frame, or that number of frames. What was sent is
    drawn again in small pieces, however it arrived. The minutes of a text that `is_counted_later`
    may come into blank cells, and into the status bar.
    """
    wait_until_settled(terminal)
    *before_app, rest = bytes(terminal.output).split(END_OF_FRAME, frames)
    assert len(before_app) == frames, "no first frame is drawn"
    first = END_OF_FRAME.join(before_app)
    assert START_OF_APP not in first
    terminal.clear()
    terminal.draw(first)
    before = terminal.cells
    changes: dict[tuple[int, int], str] = {}
    assert any(cell[0] != " " for row in before for cell in row)
    for start in range(0, len(rest), PIECE_BYTES):
        terminal.draw(rest[start : start + PIECE_BYTES])
        for y, (old_row, row) in enumerate(zip(before, terminal.cells, strict=True)):
            for x, (old, new) in enumerate(zip(old_row, row, strict=True)):
                is_minutes = y == len(before) - 1 or (old[0] == " " and str(new[0]) in MINUTES)
                if old != new and not (is_counted_later and is_minutes):
                    changes.setdefault((y, x), f"row {y}, column {x}: {old} -> {new}")
    return [*changes.values()]
