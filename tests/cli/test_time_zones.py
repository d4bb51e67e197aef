"""With a time zone that can't be used, times are shown in UTC."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest
from pseudo_terminal import PseudoTerminal

from reader.cli.main import main
from reader.local_time import to_local
from reader.paths import Paths
from reader.reading.annotations import Highlight
from reader.store.repository import Store
from reader.store.stories import StoryDetails
from reader.text.document import Anchor, Place, fingerprint_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOON: Final = datetime(2026, 1, 2, 12, tzinfo=UTC)
FIRST: Final = datetime.min.replace(tzinfo=UTC)
LAST: Final = datetime.max.replace(tzinfo=UTC)
UNUSABLE: Final = ("UTC+0200", "IST-0530", "UTC-24", "<+99>-99", "UTC+167:59:59")
"""Zones that are more than a day from UTC, as POSIX defines them."""
ODD: Final = ("", ":/nonexistent", "A" * 5_000, "\x1b]0;x\x07", "\x01", "/tmp", ":", "X25Y")  # noqa: S108  no file is made
COMMANDS: Final = (["list"], ["show", "story"], ["history"], ["highlights"], ["doctor"])
ALL_COMMANDS: Final = f"""
import sys
from reader.cli.main import main
sys.exit(max(main(arguments) for arguments in {COMMANDS!r}))
"""


@pytest.fixture
def story(write: Callable[[str, str], Path]) -> Path:
    """Return a finished story with a date and a highlight."""
    text = "Words of it."
    path = write("story.md", f"---\nid: story\ntitle: Story\ndate: 2021-06-12\n---\n\n{text}\n")
    store = Store.open(Paths.default().state)
    store.save_story_details("story", StoryDetails(path, "mine", title="Story"))
    anchor = Anchor(Place(0, 0), fingerprint_text(text), text)
    store.annotation_store.save_highlight(Highlight("q", "story", anchor, text, "", NOON))
    store.close()
    assert main(["mark", str(path), "finished"]) == 0
    return path


@pytest.fixture
def use_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Return a function that sets the local time zone."""

    def use(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield use
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("zone", UNUSABLE)
def test_in_an_unusable_zone_a_time_is_in_utc(zone: str, use_zone: Callable[[str], None]) -> None:
    use_zone(zone)
    assert to_local(NOON).isoformat() == "2026-01-02T12:00:00+00:00"


def test_in_a_usable_zone_a_time_is_local(use_zone: Callable[[str], None]) -> None:
    use_zone("IST-05:30")
    assert to_local(NOON).isoformat() == "2026-01-02T17:30:00+05:30"


def test_the_first_and_the_last_year_have_a_local_time(use_zone: Callable[[str], None]) -> None:
    for zone, when in (("A+12", FIRST), ("A-12", LAST)):
        use_zone(zone)
        assert to_local(when).year == when.year


@pytest.mark.parametrize("zone", [*UNUSABLE, *ODD], ids=lambda zone: ascii(zone)[:20])
def test_every_command_succeeds(
    zone: str,
    story: Path,
    use_zone: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    use_zone(zone)
    capsys.readouterr()
    assert [main([*words]) for words in list_commands(story)] == [0] * len(COMMANDS)
    output, errors = capsys.readouterr()
    assert errors == ""
    assert "12 June 2021" in output
    assert "2 January 2026" in output


def list_commands(story: Path) -> list[list[str]]:
    return [[str(story) if word == "story" else word for word in words] for words in COMMANDS]


@pytest.mark.parametrize("zone", ["UTC+0200", "A" * 5_000], ids=["far", "long"])
def test_a_program_that_starts_in_such_a_zone_succeeds(zone: str, story: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-c", ALL_COMMANDS.replace("'story'", repr(str(story)))],
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stderr) == (0, "")
    assert "12 June 2021" in process.stdout or "2021-06-12" in process.stdout
    assert "2 January 2026" in process.stdout


@pytest.mark.parametrize("zone", ["UTC+0200"])
def test_the_app_starts_and_shows_its_dates(zone: str, story: Path) -> None:
    with PseudoTerminal([str(story)], env={"TZ": zone}) as terminal:
        terminal.wait_for("Words of it.", 60.0)
        terminal.write(b"R")
        terminal.wait_for("Enter open", 60.0)
        terminal.write(b"q")
        terminal.wait_for("Words of it.", 60.0)
        terminal.write(b"Q")
        terminal.wait_for("2 January 2026", 60.0)
        terminal.write(b"qq")
        assert terminal.wait(60.0) == 0
