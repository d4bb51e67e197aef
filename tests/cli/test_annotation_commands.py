"""`highlights`, `history` and `STORY@ADDRESS` use the reading data; private runs write nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING

import pytest

from reader.cli.context import open_by_name, open_session
from reader.cli.main import main
from reader.finding.describing import fill_catalog
from reader.paths import Paths
from reader.reading.annotations import Highlight
from reader.reading.progress import ReadStatus
from reader.store.repository import Store
from reader.store.stories import StoryDetails
from reader.text.document import Anchor, Place, fingerprint_text
from reader.text.places import format_address

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str, str | bytes], Path]
    Run = Callable[..., tuple[int, str, str]]

TEXT = "# Title\n\nFirst one.\n\nSecond *one*.\n\nThird one."


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs the command line and returns code, output and errors."""

    def run(*arguments: object, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(stdin)))
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def story(write: Write) -> Path:
    return write("title.md", TEXT)


def save_highlight(path: Path, story: str, text: str, title: str) -> None:
    store = Store.open(Paths.default().state)
    store.save_story_details(story, StoryDetails(path, "mine", title=title))
    anchor = Anchor(Place(1, 0), fingerprint_text(text), text)
    store.annotation_store.save_highlight(
        Highlight(
            f"highlight in {story}", story, anchor, text, "", datetime(2026, 1, 2, tzinfo=UTC)
        )
    )
    store.close()


def test_highlights_are_printed_as_markdown(run: Run, tmp_path: Path) -> None:
    save_highlight(tmp_path / "gone.md", "gone", "So it is.", "A Gone Story")
    code, out, err = run("highlights")
    assert (code, err) == (0, "")
    assert out.startswith(
        f"## A Gone Story\n\n> So it is.\n>\n> — *A Gone Story*, `{tmp_path}/gone.md`"
    )


@pytest.mark.parametrize("name", ["gone", "gone st", "A Gone Story"])
def test_highlights_of_a_deleted_story_are_found_by_its_name(
    name: str, run: Run, tmp_path: Path
) -> None:
    save_highlight(tmp_path / "gone.md", "gone", "So it is.", "A Gone Story")
    save_highlight(tmp_path / "other.md", "other", "So it was.", "Another")
    records = json.loads(run("highlights", name, "--json")[1])
    assert [record["text"] for record in records] == ["So it is."]


def test_highlights_of_a_story_are_found_by_a_part_of_its_title(run: Run, tmp_path: Path) -> None:
    save_highlight(tmp_path / "x.md", "forty-seconds", "So it is.", "Forty Seconds")
    save_highlight(tmp_path / "other.md", "other", "So it was.", "Another")
    assert [record["story"] for record in json.loads(run("highlights", "forty", "--json")[1])] == [
        "forty-seconds"
    ]


def test_highlights_of_an_unknown_story_are_an_error(run: Run) -> None:
    code, out, err = run("highlights", "xyzzy")
    assert (code, out) == (2, "")
    assert err.startswith("reader: there is no file and no story 'xyzzy'")


def test_without_highlights_nothing_is_printed(run: Run) -> None:
    assert run("highlights") == (0, "", "")
    assert run("highlights", "--json") == (0, "[]\n", "")
    assert run("history") == (0, "", "")


def test_the_history_lists_finished_stories_without_those_marked_unread(run: Run) -> None:
    run("mark", "forty-seconds", "finished")
    run("mark", "the-page-turner", "finished")
    run("mark", "forty-seconds", "unread")
    records = json.loads(run("history", "--json")[1])
    assert [(record["story"], record["minutes"] > 0) for record in records] == [
        ("the-page-turner", True)
    ]
    assert records[0]["title"] in run("history")[1]


def test_a_command_that_writes_makes_a_backup(run: Run) -> None:
    run("mark", "forty-seconds", "finished")
    path = Paths.default().state
    assert path is not None
    assert len(list((path.parent / "backups").glob("state-*.db"))) == 1


@pytest.mark.parametrize(
    ("address", "output"),
    [("2", "Second one.\n\nThird one.\n"), ("2.3", "Second one.\n\nThird one.\n"),
     ("99", "Third one.\n")],
)  # fmt: skip
def test_show_begins_at_an_address(address: str, output: str, run: Run, story: Path) -> None:
    code, out, _ = run("show", f"{story}@{address}")
    assert code == 0
    assert out.startswith(output)


def test_a_place_is_found_again_by_its_fingerprint(run: Run, story: Path) -> None:
    address = format_address(Anchor(Place(1, 0), fingerprint_text("Second one."), ""))
    story.write_text(TEXT.replace("First", "Inserted.\n\nMore.\n\nFirst"))
    assert run("show", f"{story}@{address}")[1].startswith("Second one.\n\nThird")


def test_without_a_terminal_reader_prints_from_an_address(run: Run, story: Path) -> None:
    assert run(f"{story}@3")[1].startswith("Third one.\n")


def test_a_file_name_with_an_at_sign_wins_over_an_address(run: Run, write: Write) -> None:
    path = write("title.md@2", "Not the other.")
    write("title.md", TEXT)
    assert "Not the other." in run("show", path)[1]


def test_a_title_with_an_at_sign_wins_over_an_address(run: Run, write: Write) -> None:
    path = write("at.md", "---\nid: at\ntitle: Forty@2 and more\n---\nText.")
    store = Store.open(Paths.default().state)
    store.save_story_details("at", StoryDetails(path, "mine"))
    store.raise_status("at", ReadStatus.READING)
    store.close()
    assert "Forty@2 and more" in run("show", "forty@2")[1]


@pytest.mark.parametrize("name", ["forty-seconds@x", "@3", "xyzzy@3", "forty-seconds@0"])
def test_an_invalid_story_or_address_is_an_unknown_story(name: str, run: Run) -> None:
    code, out, err = run("show", name)
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_the_app_opens_at_an_address(story: Path) -> None:
    with open_session() as session:
        opened, start = open_by_name(session, f"{story}@2.3")
        session.enter(opened)
        assert (opened.place, start) == (Place(1, 3), Place(1, 3))


def read_files(home: Path) -> dict[str, bytes]:
    return {str(f): f.read_bytes() for f in home.rglob("*") if f.is_file()}


@pytest.fixture
def private_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READER_PRIVATE", "1")


@pytest.mark.usefixtures("private_mode")
@pytest.mark.parametrize(
    "command", [["list"], ["show", "forty"], ["forty"], ["highlights"], ["history"]]
)
def test_a_private_command_creates_no_file_or_folder(
    command: list[str], run: Run, home: Path
) -> None:
    assert run(*command)[0] == 0
    assert list(home.iterdir()) == []


def test_private_mode_uses_the_reading_data_without_changing_it(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("mark", "forty-seconds", "finished")
    before = read_files(home)
    monkeypatch.setenv("READER_PRIVATE", "1")
    assert "✓          Forty Seconds" in run("list")[1]
    with open_session() as session:
        fill_catalog(session)
        session.read_statuses.set_status(
            session.catalog.find_story("the-page-turner"), ReadStatus.FINISHED
        )
    assert read_files(home) == before


def test_the_option_turns_on_private_mode(run: Run, home: Path) -> None:
    assert run("--private", "forty")[0] == 0
    assert list(home.iterdir()) == []


@pytest.mark.usefixtures("private_mode")
def test_mark_is_refused_in_private_mode(run: Run) -> None:
    message = "reader: Private mode: nothing was marked\n"
    assert run("mark", "forty-seconds", "finished") == (1, "", message)


@pytest.mark.usefixtures("private_mode")
def test_private_mode_leaves_a_damaged_database_alone(run: Run) -> None:
    path = Paths.default().state
    assert path is not None
    path.parent.mkdir(parents=True)
    path.write_bytes(b"garbage")
    code, _, err = run("list")
    assert (code, err.count("\n")) == (0, 1)
    assert [file.name for file in path.parent.iterdir()] == ["state.db"]
