"""Describe large files and many files in another process, so that no key waits for them."""

from __future__ import annotations

import contextlib
import os
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from reader.errors import ReaderError
from reader.finding.helper_process import HelperProcess
from reader.library.files import File

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reader.library.story import Story


LARGE_BYTES: Final = 1_000_000
"""Size of the smallest file that is described by the process. It takes longer to start than most
smaller files to describe."""
MANY_FILES: Final = 1_000
"""Files that are shared with the process: it is started in the time of as many heads."""
_HEADS_HERE: Final = 0.2
"""The share of heads that this process describes. It is busy with rows then."""
_WORDS_HERE: Final = 0.5
"""The share of files that a command describes itself, if it only waits for them."""


def describe_apart(
    files: Sequence[File],
    must_stop: Callable[[], bool],
    helper: HelperProcess,
    smallest: int = LARGE_BYTES,
) -> Iterator[tuple[File, Story]]:
    """Yield each file with its story, as `describe_files` does; large ones last, by `helper`.

    Those of `smallest` bytes or more are large.
    """
    from reader.library.describing import describe_files

    yield from describe_files([file for file in files if file.size < smallest], must_stop)
    large = [file for file in files if file.size >= smallest]
    if large:
        answers = helper.run(answer_words, map(_make_item, large), len(large))
        yield from _take(large, answers, must_stop, are_heads_enough=False)


def describe_heads(
    files: Sequence[File], must_stop: Callable[[], bool], helper: HelperProcess
) -> Iterator[tuple[File, Story]]:
    """Yield each file with its story without its words; most of `MANY_FILES` by `helper`."""
    return _describe_shared(files, must_stop, helper, are_heads_enough=True)


def describe_for_command(files: Sequence[File]) -> Iterator[tuple[File, Story]]:
    """Yield each file with its story; half of `MANY_FILES` by another process."""
    helper = HelperProcess(priority=0)
    try:
        yield from _describe_shared(files, lambda: False, helper, are_heads_enough=False)
    finally:
        helper.close()


def _describe_shared(
    files: Sequence[File],
    must_stop: Callable[[], bool],
    helper: HelperProcess,
    *,
    are_heads_enough: bool,
) -> Iterator[tuple[File, Story]]:
    """Yield each file with its story: of the first files, which are described here, or of `helper`."""
    from reader.library.describing import describe_files

    are_many = len(files) >= MANY_FILES and (os.cpu_count() or 1) > 1
    share = _HEADS_HERE if are_heads_enough else _WORDS_HERE
    here = int(len(files) * share) if are_many else len(files)
    others = files[here:]
    first = describe_files(islice(files, here), must_stop, are_heads_enough=are_heads_enough)
    if not others:
        yield from first
        return
    answer = answer_head if are_heads_enough else answer_words
    answers = helper.run(answer, map(_make_item, others), len(others))
    taken = _take(others, answers, must_stop, are_heads_enough=are_heads_enough)
    for described in first:
        yield described
        while answers.is_ready() and (other := next(taken, None)) is not None:
            yield other
    yield from taken


def _take(
    files: Sequence[File],
    answers: Iterator[Any],
    must_stop: Callable[[], bool],
    *,
    are_heads_enough: bool,
) -> Iterator[tuple[File, Story]]:
    """Yield each file with the story of its answer; without one, it is described here."""
    from reader.library.describing import describe_files

    for file in files:
        story = _read_answer(next(answers, None), file)
        if must_stop():
            return
        if story is not None:
            yield file, story
        else:  # it can't be read, or not by the process
            yield from describe_files([file], must_stop, are_heads_enough=are_heads_enough)


def describe_one(file: File, helper: HelperProcess) -> Story | None:
    """Return the story of `file`; None if the process can't do it. Waits: call it in a worker."""
    answers = [*helper.run(answer_words, [_make_item(file)], 1)]
    return _read_answer(answers[0], file) if answers else None


def describe_changed(files: Sequence[File]) -> list[tuple[File, Story]]:
    """Return each file with its story, as `describe_apart` yields them."""
    helper = HelperProcess()
    try:
        return [*describe_apart(files, lambda: False, helper)]
    finally:
        helper.close()


def _make_item(file: File) -> list[object]:
    return [*file]


def _read_answer(answer: Any, file: File) -> Story | None:
    """Return the story of an answer; None if there is none."""
    from reader.library.index import json_to_story

    metadata, has_own_title = answer or (None, True)
    story = json_to_story(metadata, file) if metadata is not None else None
    if story is None or has_own_title:
        return story
    from dataclasses import replace

    return replace(story, has_own_title=False)


def answer_words(item: Any, must_stop: Callable[[], bool]) -> object:
    """Describe a file with its words, in the other process."""
    from reader.library.describing import describe_file

    return _answer(lambda file: describe_file(file, must_stop), item)


def answer_head(item: Any, must_stop: Callable[[], bool]) -> object:
    """Describe a file by its head, in the other process."""
    from reader.library.describing import describe_head

    must_stop()
    return _answer(describe_head, item)


def _answer(describe: Callable[[File], Story], item: Any) -> object:
    from reader.library.index import story_to_json

    path, *values = item
    with contextlib.suppress(ReaderError):
        story = describe(File(path, *values))
        return story_to_json(story), story.has_own_title
    return None
