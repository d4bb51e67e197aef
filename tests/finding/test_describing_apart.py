"""Large and many files are described by another process, with the same result."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from reader.finding import describing_apart, helper_process
from reader.finding.describing_apart import (
    LARGE_BYTES,
    _SharedFiles,
    answer_words,
    describe_apart,
    describe_for_command,
    describe_heads,
    describe_one,
)
from reader.finding.helper_process import HelperProcess
from reader.library.describing import describe_file, describe_files, describe_head
from reader.library.files import File, find_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from reader.library.story import Story

STORIES = {
    "own title.md": "---\nauthor: A. Writer\ntags: [sea, sky]\ndate: 2020-03-04\n---\n\n# Its *own*\n\nSome words.\n",
    "no_title.md": "Words without a title. " * 40,
    "caf\udce9.md": "# A name that is not UTF-8\n\nWords.\n",
}
SOON_ENDING = """
import reader.finding.helper_process as helper_process
write = helper_process._write
def write_one(results):
    write(results[:1])
    raise SystemExit
helper_process._write = write_one
helper_process.serve({})
"""
NEVER_ENDING = """
import reader.library.describing
def describe_file(file, must_stop):
    print("begun", flush=True)
    while not must_stop():
        pass
reader.library.describing.describe_file = describe_file
from reader.finding.helper_process import serve
serve(0)
"""


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> Iterator[HelperProcess]:
    monkeypatch.setattr(helper_process, "_END_SECONDS", 60)  # the machine may be busy
    helper = HelperProcess()
    yield helper
    helper.close()


def find(path: Path) -> File:
    file = find_file(path)
    assert file is not None
    return file


def describe(
    files: list[File], helper: HelperProcess, smallest: int = LARGE_BYTES
) -> dict[str, Story]:
    found = describe_apart(files, lambda: False, helper, smallest)
    return {file.path.name: story for file, story in found}


def test_the_process_describes_files_as_this_one_does(
    write: Callable[[str, str], Path], helper: HelperProcess
) -> None:
    files = [find(write(name, text)) for name, text in STORIES.items()]
    assert [describe_one(file, helper) for file in files] == [*map(describe_file, files)]


@pytest.fixture
def many(write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch) -> list[File]:
    """Files that are enough to be shared with the process."""
    monkeypatch.setattr(describing_apart, "MANY_FILES", 3)
    monkeypatch.setattr(describing_apart, "_count_processors", lambda: 2)
    return [find(write(name, text)) for name, text in STORIES.items()]


@pytest.fixture
def described_here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Leave all files to the process; return the names of those that are described here all the same."""
    names: list[str] = []

    def take_none(shared: _SharedFiles) -> Iterator[File]:
        while shared._pending:  # noqa: SLF001  no event says that all were sent
            pass
        return iter(())

    def describe_recorded(
        files: Iterable[File], must_stop: Callable[[], bool], *, are_heads_enough: bool = False
    ) -> Iterator[tuple[File, Story]]:
        for found in describe_files(files, must_stop, are_heads_enough=are_heads_enough):
            names.append(found[0].path.name)
            yield found

    monkeypatch.setattr(_SharedFiles, "take", take_none)
    monkeypatch.setattr("reader.library.describing.describe_files", describe_recorded)
    return names


def test_this_process_and_the_other_one_describe_many_files_together(
    many: list[File], helper: HelperProcess
) -> None:
    assert dict(describe_heads(many, lambda: False, helper)) == {f: describe_head(f) for f in many}
    assert dict(describe_for_command(many)) == {file: describe_file(file) for file in many}


def test_the_process_describes_many_files_as_this_one_does(
    many: list[File], helper: HelperProcess, described_here: list[str]
) -> None:
    heads = [(file, describe_head(file)) for file in many]
    stories = [(file, describe_file(file)) for file in many]
    assert [*describe_heads(many, lambda: False, helper)] == heads
    assert [*describe_for_command(many)] == stories
    assert [*describe_apart(many, lambda: False, helper, 0)] == stories
    assert described_here == []


def test_files_that_the_process_had_when_it_ended_are_described_here(
    many: list[File],
    helper: HelperProcess,
    monkeypatch: pytest.MonkeyPatch,
    described_here: list[str],
) -> None:
    monkeypatch.setattr(helper_process, "_PROGRAM", SOON_ENDING)
    ending = HelperProcess()
    expected = [(file, describe_head(file)) for file in many]
    assert [*describe_heads(many, lambda: False, ending)] == expected
    assert described_here == [file.path.name for file in many[1:]]
    ending.close()


def test_few_files_are_described_here(many: list[File], helper: HelperProcess) -> None:
    expected = [(file, describe_head(file)) for file in many[:2]]
    assert [*describe_heads(many[:2], lambda: False, helper)] == expected
    assert helper._process is None  # noqa: SLF001  none was started


def test_many_files_are_described_here_if_only_one_processor_may_be_used(
    many: list[File], helper: HelperProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(describing_apart, "MANY_FILES", 3)
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {5}, raising=False)
    expected = [(file, describe_head(file)) for file in many]
    assert [*describe_heads(many, lambda: False, helper)] == expected
    assert helper._process is None  # noqa: SLF001  none was started


def test_stories_from_the_process_share_what_many_have(
    helper: HelperProcess, many: list[File]
) -> None:
    one, other = (describe_one(many[0], helper) for _ in range(2))
    assert one is not None
    assert other is not None
    assert one.author is other.author
    assert one.published is other.published
    assert one.tags[1] is other.tags[1]


def test_only_large_files_are_described_by_the_process_and_last(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch, helper: HelperProcess
) -> None:
    large = find(write("a.md", "# A\n\nWords."))._replace(size=LARGE_BYTES)
    story = describe_file(find(write("b.md", "# B\n\nWords.")))
    answer = answer_words([*find(story.path)], lambda: False)
    monkeypatch.setattr(helper, "run", lambda *_: iter([answer]))
    found = describe([large, find(story.path)], helper)
    assert [*found.items()] == [("b.md", story), ("a.md", replace(story, location=str(large.path)))]


def test_a_file_is_described_here_if_the_process_can_not_be_started(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch, helper: HelperProcess
) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert describe([find(write("a.md", "# A\n\nWords."))], helper, 0)["a.md"].words == 1


def test_a_large_file_that_can_not_be_read_has_an_entry_with_the_reason(
    write: Callable[[str, str], Path], helper: HelperProcess
) -> None:
    file = find(write("a.md", ""))
    file.path.write_bytes(bytes(range(256)) * 40)
    story = describe([file], helper, 0)["a.md"]
    assert (story.is_readable, story.deck) == (False, "not text (or not in UTF-8)")


def test_a_process_that_is_closed_ends_at_once(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch, helper: HelperProcess
) -> None:
    monkeypatch.setattr(helper_process, "_PROGRAM", "import time; time.sleep(600)")
    file = find(write("a.md", "Words."))
    answers: list[Story | None] = []
    thread = Thread(target=lambda: answers.append(describe_one(file, helper)))
    thread.start()
    while helper._process is None:  # noqa: SLF001  no event says that it was started
        pass
    helper.close()
    thread.join()
    assert answers == [None]
    assert describe_one(file, helper) is None


def test_the_process_ends_in_the_middle_of_a_file_once_its_input_is_closed() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", NEVER_ENDING], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(b'["reader.finding.describing_apart:answer_words", [["a.md", 1, 1, ""]]]\n')
    child.stdin.flush()
    assert child.stdout.readline() == b"begun\n"
    child.stdin.close()
    assert child.wait(60) == 0
    child.stdout.close()
