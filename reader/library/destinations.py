"""Where the links of a story lead.

That is decided from the text of a link alone, and nothing is opened. Only http, https and mailto
links lead to the outside, and only stories of the catalog and of the story's own folder can be
reached inside, so that a story can't make the reader open another file or run a program.
"""

from __future__ import annotations

import os
import re
import stat
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from reader.library.catalog import normalize_title
from reader.library.files import STORY_SUFFIXES, find_file
from reader.library.story import STORY_LINK_PREFIX
from reader.text.cells import sanitize_line
from reader.text.document import Place
from reader.text.links import find_heading
from reader.text.web_addresses import parse_web_address

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from reader.library.files import File
    from reader.library.story import Story
    from reader.text.document import Document


PICTURE_SUFFIXES: Final = frozenset(
    {".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".bmp", ".tif", ".tiff"}
)
"""Suffixes of the pictures that can be opened. SVG is left out: it may hold scripts, which a
browser would run."""
_WIKILINK_START: Final = "[["
"""The start of a wikilink's target, which stays as typed."""
_NAME_SEPARATORS: Final = r"[\s_-]+"


class LinkKind(Enum):
    """What a link leads to."""

    HEADING = auto()
    STORY = auto()
    WEB = auto()
    BROKEN = auto()


class LinkDestination(NamedTuple):
    """Where a link leads."""

    kind: LinkKind
    text: str = ""
    """The address of a web page as it is opened, or why the link is broken."""
    place: Place | None = None
    """Where a heading is."""
    story: Story | None = None
    host: str = ""
    """The host of a web page, or who gets the mail."""
    heading: str = ""
    """The heading of `story` that the link names, as its slug or text."""


def resolve_link(
    target: str, story: Story, document: Document, stories: Collection[Story]
) -> LinkDestination:
    """Return where a link to `target` in `story` leads; `document` is the text of the story.

    It may lead to one of `stories`, to the first of several with one name. Takes time in
    proportion to their number, so call it in a worker for a large library.
    """
    if target.startswith(STORY_LINK_PREFIX):
        return _resolve_id(target.removeprefix(STORY_LINK_PREFIX), stories)
    if target.startswith(_WIKILINK_START):
        name = target.removeprefix(_WIKILINK_START).removesuffix("]]")
        return _resolve_wikilink(name, story, document, stories)
    return _resolve_address(target, story, document, stories)


def _resolve_id(story_id: str, stories: Collection[Story]) -> LinkDestination:
    story = next((each for each in stories if each.id == story_id), None)
    if story is None:
        return _make_broken(
            f"{sanitize_line(story_id, 200)}: there is no such story in this library"
        )
    return LinkDestination(LinkKind.STORY, story=story)


def _make_broken(reason: str) -> LinkDestination:
    return LinkDestination(LinkKind.BROKEN, reason)


def _resolve_address(
    target: str, story: Story, document: Document, stories: Collection[Story]
) -> LinkDestination:
    text = sanitize_line(target, 2_000)
    try:
        parts = urlsplit(target)
    except ValueError:
        return _resolve_web_address(target)
    if parts.scheme or parts.netloc:
        return _resolve_web_address(target)
    heading = unquote(parts.fragment)
    linked_story = _find_by_path(unquote(parts.path), story, stories) if parts.path else None
    if not parts.path or (linked_story is not None and linked_story.path == story.path):
        place = find_heading(document, heading, story.title) if heading else Place()
        place = place if target else None
        kind = LinkKind.HEADING if place is not None else LinkKind.BROKEN
        return LinkDestination(kind, f"{text}: there is no such heading", place)
    if linked_story is None:
        return _make_broken(f"{text}: there is no such story in this library")
    return LinkDestination(LinkKind.STORY, story=linked_story, heading=heading)


def _resolve_web_address(target: str) -> LinkDestination:
    try:
        address = parse_web_address(target)
    except ValueError as error:
        return _make_broken(f"{sanitize_line(target, 2_000)}: {error}")
    return LinkDestination(LinkKind.WEB, address.url, host=address.host)


def _resolve_wikilink(
    target: str, story: Story, document: Document, stories: Collection[Story]
) -> LinkDestination:
    """Return where `[[name#heading]]` leads: to a story, else to a heading of this one."""
    name, _, heading = (part.strip() for part in target.partition("#"))
    linked_story = _find_by_name(name, stories) if name else story
    # The last of `[[story#Part#Section]]` is the heading that is meant.
    heading = heading.rpartition("#")[2].strip()
    if linked_story is not None and linked_story.path != story.path:
        return LinkDestination(LinkKind.STORY, story=linked_story, heading=heading)
    wanted = name if linked_story is None else heading
    place = find_heading(document, wanted, story.title) if wanted else Place()
    kind = LinkKind.HEADING if place is not None else LinkKind.BROKEN
    text = sanitize_line(target, 200)
    return LinkDestination(kind, f"{text}: there is no such story or heading", place)


def _find_by_name(name: str, stories: Collection[Story]) -> Story | None:
    """Return the story whose file name, id or title is `name`.

    Case doesn't matter, nor whether words are separated by spaces, dashes or underscores.
    """
    wanted = _normalize_name(name.rpartition("/")[2].removesuffix(".md"))
    found = _find_named(wanted, _normalize_name, stories)
    return found or _find_named(normalize_title(wanted), normalize_title, stories)


def _find_named(
    wanted: str, normalize_name: Callable[[str], str], stories: Collection[Story]
) -> Story | None:
    """Return the first story of which a normalized name is `wanted`; None for an empty one."""
    for story in stories if wanted else ():
        for name in (_get_stem(story.location), story.id, story.title):
            # Most names begin with another letter: to normalize all takes seconds.
            if _may_begin(name, wanted[0]) and normalize_name(name) == wanted:
                return story
    return None


def _get_stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]  # noqa: PTH119, PTH122  faster than a Path


def _may_begin(name: str, letter: str) -> bool:
    """Return whether a name may begin with `letter` once it is normalized."""
    first = name[:1]
    return not (first.isascii() and first.isalnum()) or first.lower() == letter


def _normalize_name(name: str) -> str:
    return re.sub(_NAME_SEPARATORS, "-", normalize("NFC", name).casefold()).strip("-")


def _find_by_path(path: str, story: Story, stories: Collection[Story]) -> Story | None:
    """Return the story at a path relative to `story`, with or without its suffix.

    Without such a file, the story with that id.
    """
    typed = str(story.path.parent / path)
    try:
        target = Path(typed).resolve()
    except (OSError, ValueError, RuntimeError):
        return None
    # The paths of stories are real except for their last names, so that none is resolved here.
    wanted = {normalize("NFC", each) for each in (str(target), os.path.normpath(typed))}
    found = next((each for each in stories if _is_path(each.location, wanted)), None)
    if found is None:
        found = next((each for each in stories if each.id == target.name), None)
    return found or _find_link(wanted, stories)


def _is_path(path: str, wanted: Collection[str]) -> bool:
    """Return whether `path` is one of those that are wanted, with or without its suffix."""
    if not path.isascii():
        path = normalize("NFC", path)
    return path in wanted or os.path.splitext(path)[0] in wanted  # noqa: PTH122  of a text


def _find_link(wanted: Collection[str], stories: Collection[Story]) -> Story | None:
    """Return the story whose file is a link to one of the paths that are wanted."""
    links = (each for each in stories if os.path.islink(each.location))  # noqa: PTH114  a third of the time
    return next((each for each in links if _is_path(_resolve(each.path), wanted)), None)


def _resolve(path: Path) -> str:
    """Return the real path of a link; empty if that can't be told."""
    try:
        return str(path.resolve())
    except (OSError, ValueError, RuntimeError):
        return ""


def find_linked_file(target: str, story: Story) -> tuple[File, str] | None:
    """Return the file beside `story` that a link names, and the heading that it names in it.

    For links to what is not in the catalog, because only one file was opened. The file must be
    regular and have a story's suffix, and its real path must be in the folder of `story` or below.
    Only the names in that folder are read.
    """
    is_wikilink = target.startswith(_WIKILINK_START)
    try:
        parts = urlsplit("" if is_wikilink else target)
        path, heading = unquote(parts.path), unquote(parts.fragment)
        if is_wikilink:
            name = target.removeprefix(_WIKILINK_START).removesuffix("]]")
            path, _, heading = (part.strip() for part in name.partition("#"))
        if parts.scheme or parts.netloc or not path or not story.is_persistent:
            return None
        base = story.path.parent.resolve()
        wanted = (base / path).resolve()
        if any(part.startswith(".") for part in wanted.relative_to(base).parts):
            return None
        normalize_name = _normalize_name if is_wikilink else partial(normalize, "NFC")
        file = _find_in_folder(wanted, base, normalize_name)
    except (OSError, ValueError, RuntimeError):
        return None
    return (file, heading) if file is not None else None


def _find_in_folder(wanted: Path, base: Path, normalize_name: Callable[[str], str]) -> File | None:
    """Return the story's file that has the name of `wanted`, with or without its suffix."""
    for entry in sorted(wanted.parent.iterdir()):
        names = map(normalize_name, (entry.name, entry.stem))
        if entry.suffix.lower() in STORY_SUFFIXES and normalize_name(wanted.name) in names:
            file = find_file(entry)
            if file and entry.is_file() and entry.resolve().is_relative_to(base):
                return file
    return None


def find_picture(target: str, story: Story, folders: Iterable[Path]) -> Path | None:
    """Return the file of the picture `target` in `story`, or None.

    `target` must be a relative path to a regular file with a picture's suffix, and the real
    path of the file must be in the story's folder or in one of `folders`.
    """
    try:
        parts = urlsplit(target)
        if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
            return None
        story_folder = story.path.parent.resolve()
        path = (story_folder / unquote(parts.path)).resolve()
        is_inside = any(path.is_relative_to(folder) for folder in (story_folder, *folders))
        is_picture = path.suffix.lower() in PICTURE_SUFFIXES and stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError, RuntimeError):
        return None
    return path if is_inside and is_picture else None
