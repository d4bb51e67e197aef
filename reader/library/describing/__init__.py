"""Describe stories: derive their metadata from their files.

The metadata comes from the front matter, else from the text, else from the file's path. Title and
date come from the head of a file alone, so that they don't change once all of it is read.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader.errors import ReaderError
from reader.library.files import guess_date, guess_title, read_bytes
from reader.library.source.dates import StoryDate
from reader.library.source.encodings import ENCODING_BYTES, decode_text, is_mostly_utf8
from reader.library.story import (
    Source,
    Story,
    fingerprint_words,
    get_story_maker,
    read_source,
    split_source,
)
from reader.text.cells import sanitize_line
from reader.text.digests import compute_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from reader.library.files import File
    from reader.text.document import Block, Document


_MAX_EXTRA_LINES: Final = 8
"""Fields without a use that are shown."""
_MAX_NAMES: Final = 12
"""Fields that are named as left out. The rest are counted."""
_MAX_NOTICE_CHARACTERS: Final = 1_000
HEAD_BYTES: Final = 400 * 1024
"""Bytes from which a title is taken: front matter has up to 64 K characters of up to four bytes,
and the first slice of a text, in which titles are looked for, a fourth of that. They are more than
`ENCODING_BYTES`, which decide about the encoding."""


def _read_head(location: str) -> tuple[Source, bool]:
    """Return the head of the file at a location, and whether that is all of it.

    More than the head is read if the encoding isn't plain from it. Raises `UnreadableFile`.
    """
    data = read_bytes(location, HEAD_BYTES)
    if len(data) < HEAD_BYTES:
        return split_source(decode_text(data, location), location), True
    head = data[: data.rfind(b"\n") + 1]
    if not head or not (head.isascii() or _is_utf8(head, data)) or b"\0" in head:
        return read_source(Path(location)), True
    return split_source(decode_text(head, location), location), False


def _is_utf8(head: bytes, data: bytes) -> bool:
    """Return whether a head is valid UTF-8, and so is its file, whatever follows `data`."""
    try:
        head.decode()
    except UnicodeDecodeError:
        return False
    return len(head) >= ENCODING_BYTES and is_mostly_utf8(data)


def _never_stop() -> bool:
    return False


def describe_files(
    files: Iterable[File],
    must_stop: Callable[[], bool] = _never_stop,
    *,
    are_heads_enough: bool = False,
) -> Iterator[tuple[File, Story]]:
    """Yield each file with its story, for which the file is read, or with `are_heads_enough` its head.

    Takes time in proportion to the text, so call it in a worker. It ends early, even inside a
    file, once `must_stop` returns true. A file that can't be read gets an entry with the reason.
    """
    for file in files:
        try:
            story = describe_head(file) if are_heads_enough else describe_file(file, must_stop)
        except ReaderError as error:
            story = describe_unreadable(file, error)
        if must_stop():
            return
        yield file, story


def describe_file(file: File, must_stop: Callable[[], bool] = _never_stop) -> Story:
    """Return the story of `file`, for which it is read. Raises `UnreadableFile`.

    Its words are counted without parsing, and of its opening only what decides is parsed. The
    story is incomplete if `must_stop`, which is called often, returned true.
    """
    source = read_source(file.path)
    return _count_words(source, _describe_opening(source, file.folder, None), must_stop)


def describe_head(file: File) -> Story:
    """Return the story of `file` without its words, from the head of it. Raises `UnreadableFile`.

    All else is as `describe_file` returns it, except for notices on how a large file was read.
    """
    source, is_all = _read_head(file.location)
    if not is_all and not _is_head_plain(source):
        source = read_source(file.path)
    return _describe_opening(source, file.folder, None, is_head_only=True)


def describe_document(source: Source, folder: str, document: Document) -> Story:
    """Return the story of `source`, of whose body at least the first slice is in `document`.

    It has words and a fingerprint if the document is complete.
    """
    story = _describe_opening(source, folder, document.blocks)
    return _count_words(source, story) if document.is_complete else story


def _is_head_plain(source: Source) -> bool:
    """Return whether what follows a head can't change the title and the date."""
    from reader.library.describing.opening import cut_opening

    matter = source.front_matter
    has_all = bool(matter.title) and bool(_find_day(source) or matter.date_text)
    return has_all or cut_opening(source.body) is not None


def _find_day(source: Source) -> date | None:
    """Return the day that the front matter gives, or the path if that gives no date."""
    matter = source.front_matter
    return matter.published or (None if matter.date_text else guess_date(source.location))


def _describe_opening(
    source: Source, folder: str, blocks: Sequence[Block] | None, *, is_head_only: bool = False
) -> Story:
    """Return the story of `source` without its words.

    `blocks` are its first ones. None stands for unknown ones of a file that was scanned.
    """
    matter, is_scanned, day = source.front_matter, blocks is None, _find_day(source)
    make = partial(
        _make_story, source, folder, day=day, is_scanned=is_scanned, is_head_only=is_head_only
    )
    has_date = bool(day or matter.date_text)
    if matter.title and has_date:
        return make("")
    from reader.library.describing.opening import (
        Title,
        cut_opening,
        find_date_line,
        find_title,
        parse_opening,
        take_plain_title,
    )

    if blocks is None:
        opening = cut_opening(source.body)
        plain_title = take_plain_title(opening, is_wanted=not matter.title)
        if plain_title is not None:
            return make(plain_title)
        body = opening if opening is not None else source.body
        blocks = parse_opening(body, matter.title)
    title = Title() if matter.title else find_title(blocks)
    story = make(title.text)
    date_line = StoryDate() if has_date else find_date_line(blocks, title.number + 1)
    if date_line.day is None:
        return story
    return replace(
        story,
        published=date_line.day,
        published_seconds=date_line.seconds,
        date_text=date_line.text,
        is_date_in_text=True,
    )


def _count_words(
    source: Source, story: Story, must_stop: Callable[[], bool] = _never_stop
) -> Story:
    """Return `story` with the number of its words and their fingerprint."""
    from reader.fulltext.markdown_words import extract_words  # the first screen needs none

    pieces = []
    for piece in extract_words(source.body, story.title):
        pieces.append(piece)
        if must_stop():
            break
    count = sum(piece.count_prose() for piece in pieces)
    return replace(story, words=count, fingerprint=fingerprint_words(pieces, story))


def describe_unreadable(file: File, error: ReaderError) -> Story:
    """Return an entry for a file that can't be read, with the reason as its deck."""
    reason = sanitize_line(str(error)).removeprefix(f"{sanitize_line(file.location)}: ")
    return Story(
        make_story_id(file.path),
        file.location,
        guess_title(file.path),
        file.folder,
        deck=reason,
        is_persistent=False,
        is_readable=False,
    )


def make_story_id(path: Path | str, *, is_scanned: bool = False) -> str:
    """Return twelve hex digits for the file at `path`, the same for every name of the file.

    The folder of a path that `is_scanned` is known to be a real one, which saves most of the time.
    """
    location = str(path)
    is_real = is_scanned and not os.path.islink(location)  # noqa: PTH114  faster than a Path
    return compute_digest(os.fsencode(location if is_real else os.path.realpath(location)), 6)


def _format_extra(fields: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return lines about fields that have no use: those of several words, and the others' names.

    A dedication is the story's; a layout or a weight is a matter of the site's builder.
    """
    if not fields:
        return ()
    prose = [item for item in fields if " " in item[1]][:_MAX_EXTRA_LINES]
    names = [item[0] for item in fields if item not in prose]
    lines = [f"{name[0].upper()}{name[1:]}: {text}" for name, text in prose]
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    if names:
        lines.append(f"[front matter left out: {', '.join(names[:_MAX_NAMES])}{more}]")
    return tuple(sanitize_line(line, _MAX_NOTICE_CHARACTERS) for line in lines)


def _make_story(  # noqa: PLR0913  what a story has besides its file, each for itself
    source: Source,
    folder: str,
    heading: str,
    *,
    day: date | None,
    is_scanned: bool,
    is_head_only: bool,
) -> Story:
    """Return the story of `source`; `heading` is its title if the front matter has none."""
    matter, location = source.front_matter, source.location
    title = matter.title or sanitize_line(heading)
    make = get_story_maker() if is_head_only else Story  # there are many heads
    return make(
        id=matter.id or make_story_id(location, is_scanned=is_scanned),
        location=location,
        title=title or guess_title(source.path),
        has_own_title=bool(title),
        folder=folder,
        deck=matter.deck,
        kicker=matter.kicker,
        author=matter.author,
        about=matter.about,
        credit=matter.credit,
        published=day,
        published_seconds=matter.published_seconds,
        date_text=matter.date_text,
        notices=(*_format_extra(matter.extra), *filter(None, [source.notice])),
        tags=matter.tags,
        series=matter.series,
        part=matter.part,
        language=matter.language,
        kind=matter.kind,
        url=matter.url,
        is_draft=matter.is_draft,
        is_head_only=is_head_only,
    )
