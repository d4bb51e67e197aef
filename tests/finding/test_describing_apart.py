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
    describe_apart,
    describe_for_command,
    describe_heads,
    describe_one,
)
from reader.finding.helper_process import Answers, HelperProcess
from reader.library.describing import describe_file, describe_head
from reader.library.files import File, find_file
from reader.library.index import story_to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from reader.finding.helper_process import Answer
    from reader.library.story import Story

STORIES = {
    "own title.md": "---\nauthor: A. Writer\ntags: [sea, sky]\ndate: 2020-03-04\n---\n\n# Its *own*\n\nSome words.\n",
    "no_title.md": "Words without a title. " * 40,
    "caf\udce9.md": "# A name that is not UTF-8\n\nWords.\n",
}
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


def test_the_heads_of_many_files_are_described_by_the_process_as_by_this_one(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch, helper: HelperProcess
) -> None:
    monkeypatch.setattr(describing_apart, "MANY_FILES", 3)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    files = [find(write(name, text)) for name, text in STORIES.items()]
    expected = [(file, describe_head(file)) for file in files]
    answers: list[object] = []
    run = helper.run

    def run_recorded(answer: Answer, items: Iterable[object], count: int) -> Answers:
        recorded, found = Answers(None, 0), [*run(answer, items, count)]
        answers.extend(found)
        recorded._results.extend(found)  # noqa: SLF001  as if they were read by now
        return recorded

    monkeypatch.setattr(helper, "run", run_recorded)
    assert dict(describe_for_command(files)) == {file: describe_file(file) for file in files}
    assert [*describe_heads(files, lambda: False, helper)] == expected
    assert [*describe_heads(files[:2], lambda: False, helper)] == expected[:2]
    assert [story for _, story in describe_apart(files, lambda: False, helper, 0)] == [
        *map(describe_file, files)
    ]
    assert len(answers) == 6
    assert all(answers)


def test_only_large_files_are_described_by_the_process_and_last(
    write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch, helper: HelperProcess
) -> None:
    large = find(write("a.md", "# A\n\nWords."))._replace(size=LARGE_BYTES)
    story = describe_file(find(write("b.md", "# B\n\nWords.")))
    answer = [(story_to_json(story), True)]
    monkeypatch.setattr(helper, "run", lambda *_: iter(answer))
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
