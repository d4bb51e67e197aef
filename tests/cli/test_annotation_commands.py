"""`quotes`, `history` and `STORY@ADDRESS` answer from what is remembered; private runs leave no trace."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING

import pytest

from reader.cli import context as desk
from reader.cli import main as cli
from reader.paths import Paths
from reader.reading.annotations import Highlight
from reader.reading.progress import ReadStatus
from reader.store.repository import Store, StoryDetails
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
    """Return what runs the command line and gives back code, output and errors."""

    def run(*arguments: object, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(stdin)))
        code = cli.main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def story(write: Write) -> Path:
    return write("title.md", TEXT)


def keep(path: Path, story: str, text: str, title: str) -> None:
    state = Store.open(Paths.default().state)
    state.save_story_details(story, StoryDetails(path, "mine", title=title))
    anchor = Anchor(Place(1, 0), fingerprint_text(text), text)
    state.annotations.save_highlight(
        Highlight(f"of {story}", story, anchor, text, "", datetime(2026, 1, 2, tzinfo=UTC))
    )
    state.close()


# Quotes and history ------------------------------------------------------------------------


def test_quotes_prints_markdown_of_what_was_kept(run: Run, tmp_path: Path) -> None:
    keep(tmp_path / "gone.md", "gone", "So it is.", "A Gone Story")
    code, out, err = run("highlights")
    assert (code, err) == (0, "")
    assert out.startswith(
        f"## A Gone Story\n\n> So it is.\n>\n> — *A Gone Story*, `{tmp_path}/gone.md`"
    )


@pytest.mark.parametrize("name", ["gone", "gone st", "A Gone Story"])
def test_quotes_of_a_story_whose_file_is_gone_are_asked_for_by_its_name(
    name: str, run: Run, tmp_path: Path
) -> None:
    keep(tmp_path / "gone.md", "gone", "So it is.", "A Gone Story")
    keep(tmp_path / "other.md", "other", "So it was.", "Another")
    found = json.loads(run("highlights", name, "--json")[1])
    assert [quote["text"] for quote in found] == ["So it is."]


def test_quotes_of_a_story_of_the_library_are_asked_for_as_it_is_read(
    run: Run, tmp_path: Path
) -> None:
    keep(tmp_path / "x.md", "forty-seconds", "So it is.", "Forty Seconds")
    keep(tmp_path / "other.md", "other", "So it was.", "Another")
    assert [q["story"] for q in json.loads(run("highlights", "forty", "--json")[1])] == [
        "forty-seconds"
    ]


def test_quotes_of_a_story_there_never_was_is_an_unknown_story(run: Run) -> None:
    code, out, err = run("highlights", "xyzzy")
    assert (code, out) == (2, "")
    assert err.startswith("reader: there is no file and no story 'xyzzy'")


def test_where_nothing_was_kept_nothing_is_printed(run: Run) -> None:
    assert run("highlights") == (0, "", "")
    assert run("highlights", "--json") == (0, "[]\n", "")
    assert run("history") == (0, "", "")


def test_the_history_tells_what_was_marked_finished_and_not_what_was_taken_back(run: Run) -> None:
    run("mark", "forty-seconds", "finished")
    run("mark", "the-page-turner", "finished")
    run("mark", "forty-seconds", "unread")
    found = json.loads(run("history", "--json")[1])
    assert [(one["story"], one["minutes"] > 0) for one in found] == [("the-page-turner", True)]
    assert found[0]["title"] in run("history")[1]


def test_a_command_that_writes_leaves_a_backup(run: Run) -> None:
    run("mark", "forty-seconds", "finished")
    state = Paths.default().state
    assert state is not None
    assert len(list((state.parent / "backups").glob("state-*.db"))) == 1


# Addresses ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "shown"),
    [("2", "Second one.\n\nThird one.\n"), ("2.3", "Second one.\n\nThird one.\n"),
     ("99", "Third one.\n")],
)  # fmt: skip
def test_show_begins_at_an_address(written: str, shown: str, run: Run, story: Path) -> None:
    code, out, _ = run("show", f"{story}@{written}")
    assert code == 0
    assert out.startswith(shown)


def test_a_place_is_found_again_by_its_fingerprint(run: Run, story: Path) -> None:
    where = format_address(Anchor(Place(1, 0), fingerprint_text("Second one."), ""))
    story.write_text(TEXT.replace("First", "Inserted.\n\nMore.\n\nFirst"))
    assert run("show", f"{story}@{where}")[1].startswith("Second one.\n\nThird")


def test_reader_prints_from_an_address_where_there_is_no_screen(run: Run, story: Path) -> None:
    assert run(f"{story}@3")[1].startswith("Third one.\n")


def test_a_file_with_an_at_in_its_name_wins_over_an_address(run: Run, write: Write) -> None:
    path = write("title.md@2", "Not the other.")
    write("title.md", TEXT)
    assert "Not the other." in run("show", path)[1]


def test_a_story_with_an_at_in_its_name_wins_over_an_address(run: Run, write: Write) -> None:
    path = write("at.md", "---\nid: at\ntitle: Forty@2 and more\n---\nText.")
    state = Store.open(Paths.default().state)
    state.save_story_details("at", StoryDetails(path, "mine"))
    state.raise_status("at", ReadStatus.READING)
    state.close()
    assert "Forty@2 and more" in run("show", "forty@2")[1]


@pytest.mark.parametrize("name", ["forty-seconds@x", "@3", "xyzzy@3", "forty-seconds@0"])
def test_what_is_neither_a_story_nor_an_address_is_an_unknown_story(name: str, run: Run) -> None:
    code, out, err = run("show", name)
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_the_app_opens_at_an_address(story: Path) -> None:
    with desk.open_session() as session:
        visit, start = desk.open_by_name(session, f"{story}@2.3")
        session.enter(visit)
        assert (visit.place, start) == (Place(1, 3), Place(1, 3))


# Private -----------------------------------------------------------------------------------


def everything(home: Path) -> dict[str, bytes]:
    return {str(f): f.read_bytes() for f in home.rglob("*") if f.is_file()}


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READER_PRIVATE", "1")


@pytest.mark.usefixtures("private")
@pytest.mark.parametrize(
    "command", [["list"], ["show", "forty"], ["forty"], ["highlights"], ["history"]]
)
def test_a_private_command_makes_no_file_and_no_folder(
    command: list[str], run: Run, home: Path
) -> None:
    assert run(*command)[0] == 0
    assert list(home.iterdir()) == []


def test_a_private_reader_knows_what_is_remembered_and_leaves_it(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("mark", "forty-seconds", "finished")
    before = everything(home)
    monkeypatch.setenv("READER_PRIVATE", "1")
    assert "✓          Forty Seconds" in run("list")[1]
    with desk.open_session(private=True) as session:
        desk.fill_catalog(session)
        session.read_statuses.set_status(
            session.catalog.find_story("the-page-turner"), ReadStatus.FINISHED
        )
    assert everything(home) == before


def test_the_option_reads_privately_too(run: Run, home: Path) -> None:
    assert run("--private", "forty")[0] == 0
    assert list(home.iterdir()) == []


@pytest.mark.usefixtures("private")
def test_a_mark_is_refused_in_private(run: Run) -> None:
    told = "reader: Private mode: nothing was marked\n"
    assert run("mark", "forty-seconds", "finished") == (1, "", told)


@pytest.mark.usefixtures("private")
def test_a_damaged_memory_is_left_where_it_is_in_private(run: Run) -> None:
    path = Paths.default().state
    assert path is not None
    path.parent.mkdir(parents=True)
    path.write_bytes(b"garbage")
    code, _, err = run("list")
    assert (code, err.count("\n")) == (0, 1)
    assert [file.name for file in path.parent.iterdir()] == ["state.db"]
