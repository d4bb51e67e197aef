"""All stories: the catalog, how it is filled from files, and where links lead.

Link destinations are decided from the text of the link alone; nothing is opened. Only http,
https and mailto lead out, and only stories of the catalog lead in, so that no text can name
a file or a program.
"""

from __future__ import annotations

import re
import stat
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from reader.config import to_local
from reader.errors import ReaderError, UnknownStory
from reader.library.files import find_file, scan_folder
from reader.library.index import describe_file, describe_unreadable
from reader.library.story import STORY_LINK_PREFIX
from reader.text.cells import sanitize_line
from reader.text.document import Place
from reader.text.links import find_heading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from reader.library.files import File
    from reader.library.index import Index
    from reader.library.story import Story
    from reader.text.document import Document


_MAX_NAMES: Final = 6
"""Stories named where several were meant."""


class Catalog:
    """The stories known so far, one a path, in their order: the newest first, then by title."""

    def __init__(self, stories: Iterable[Story] = ()) -> None:
        self._stories: dict[Path, Story] = {story.path: story for story in stories}
        self.folders: list[Path] = []
        """The folders that were gathered, as they really are."""

    def add(self, story: Story) -> None:
        """Take `story` in, in place of what was known of its file."""
        self._stories[story.path] = story

    def __len__(self) -> int:
        return len(self._stories)

    def __contains__(self, path: object) -> bool:
        return path in self._stories

    def get(self, path: Path) -> Story | None:
        """Return the story of that file."""
        return self._stories.get(path)

    def list_stories(self) -> list[Story]:
        """Return the stories in their order. A date in the future doesn't pin one on top."""
        today = to_local(datetime.now(UTC)).date()
        return sorted(self._stories.values(), key=lambda story: _sort_key(story, today))

    def find_story(self, name: str) -> Story:
        """Return the story with that id, title or unique part of a title.

        Raises `UnknownStory`, which names the nearest titles, or those that all match.
        """
        stories, wanted = self.list_stories(), _normalize_title(name)
        for match in (
            [s for s in stories if s.id == name],
            [s for s in stories if _normalize_title(s.title) == wanted],
            [s for s in stories if wanted and wanted in _normalize_title(s.title)],
        ):
            several = {s.id: s for s in match}
            if len(several) == 1:
                return match[0]
            if match:
                names = ", ".join([f"{s.title} ({s.id})" for s in several.values()][:_MAX_NAMES])
                more = ", ..." if len(several) > _MAX_NAMES else ""
                raise UnknownStory(f"several stories match '{name}': {names}{more}")
        raise UnknownStory(
            f"there is no file and no story '{name}'{_format_nearest_titles(name, stories)}"
        )


def _normalize_title(title: str) -> str:
    """Return a title as somebody types it: in lower case, with straight quotes."""
    for printed, typed in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"')):
        title = title.replace(printed, typed)
    return " ".join(title.casefold().split())


def _format_nearest_titles(name: str, stories: list[Story]) -> str:
    titles = {
        word: s.title
        for s in stories
        for word in (_normalize_title(s.title), *_normalize_title(s.title).split())
    }
    near = get_close_matches(_normalize_title(name), titles, 3, cutoff=0.5)
    found = list(dict.fromkeys(titles[word] for word in near))
    return f"; the nearest: {', '.join(found)}" if found else "; see: reader list"


def _sort_key(story: Story, today: date) -> tuple[int, str, int, str]:
    published = story.published
    newest = -published.toordinal() if published is not None and published <= today else 0
    return (
        newest,
        _title_sort_key(story.series or story.title),
        story.part,
        _title_sort_key(story.title),
    )


def _title_sort_key(title: str) -> str:
    """Return a title as it is filed: without its article or opening mark."""
    folded = title.casefold().lstrip("“‘\"'«„(")
    for article in ("the ", "a ", "an "):
        folded = folded.removeprefix(article)
    return folded


class CatalogBuilder:
    """Fills a library from folders and files."""

    def __init__(self, catalog: Catalog, index: Index) -> None:
        self._catalog = catalog
        self._index = index
        self._scanned_paths: set[Path] = set()

    def add_folders(self, folders: Iterable[Path], notices: list[str]) -> list[File]:
        """Take in the stories of `folders` whose files are known; return the other files.

        What can't be scanned adds a line to `notices`.
        """
        return self._add_indexed(
            [file for folder in folders for file in scan_folder(folder, notices)]
        )

    def add_started_stories(self, stories: Iterable[tuple[str, Path, str]]) -> list[File]:
        """Take in stories by id, path and folder, wherever they are kept; as `folders` does."""
        ids = {story.id for story in self._catalog.list_stories()}
        files = []
        for story, path, folder in stories:
            is_new = story not in ids and path not in self._scanned_paths
            if is_new and (file := find_file(path)) is not None:
                files.append(file._replace(folder=folder))
        return self._add_indexed(files)

    def add_stories(self, stories: list[tuple[File, Story]]) -> None:
        """Take in stories that were described by a worker, and keep what is known of them."""
        for _, story in stories:
            self._catalog.add(story)
        self._index.save_stories(stories)

    def index_story(self, story: Story) -> None:
        """Keep what the whole text of a story tells of it, for the next start."""
        file = find_file(story.path) if story.is_persistent else None
        if file is not None and not self._index.load_stories([file]):
            self._index.save_stories([(file, story)])

    def _add_indexed(self, files: list[File]) -> list[File]:
        self._scanned_paths.update(file.path for file in files)
        known = self._index.load_stories(files)
        for story in known.values():
            self._catalog.add(story)
        return [file for file in files if file.path not in known]


def describe_files(files: Iterable[File]) -> Iterator[tuple[File, Story]]:
    """Yield the story of each file, read and parsed: a worker's job.

    A file that can't be read is a story that says why not.
    """
    for file in files:
        try:
            yield file, describe_file(file)
        except ReaderError as error:
            yield file, describe_unreadable(file, error)


ALLOWED_SCHEMES: Final = ("http", "https", "mailto")
PICTURE_SUFFIXES: Final = frozenset(
    {".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".bmp", ".tif", ".tiff"}
)
"""Suffixes of pictures. SVG is none of them: it may hold programs, which a browser would run."""
_WIKILINK_START: Final = "[["
"""What the target of a wikilink begins with, which is written as the link is."""
_NAME_SEPARATORS: Final = re.compile(r"[\s_-]+")


class LinkKind(Enum):
    """What kind of thing a link leads to."""

    HEADING = auto()
    STORY = auto()
    WEB = auto()
    BROKEN = auto()


class LinkDestination(NamedTuple):
    """Where a link leads."""

    kind: LinkKind
    text: str = ""
    """The address as it may be shown, or why it leads nowhere."""
    place: Place | None = None
    story: Story | None = None


def resolve_link(
    target: str, story: Story, document: Document, catalog: Catalog
) -> LinkDestination:
    """Return where `target` leads from `story`, whose text is `document`."""
    if target.startswith(STORY_LINK_PREFIX):
        return _resolve_id(target.removeprefix(STORY_LINK_PREFIX), catalog)
    if target.startswith(_WIKILINK_START):
        return _resolve_wikilink(
            target.removeprefix(_WIKILINK_START).removesuffix("]]"), story, document, catalog
        )
    return _resolve_address(target, story, document, catalog)


def _resolve_id(name: str, catalog: Catalog) -> LinkDestination:
    found = next((story for story in catalog.list_stories() if story.id == name), None)
    if found is None:
        return LinkDestination(
            LinkKind.BROKEN, f"{sanitize_line(name, 200)}: no story of this library"
        )
    return LinkDestination(LinkKind.STORY, story=found)


def _resolve_address(
    target: str, story: Story, document: Document, catalog: Catalog
) -> LinkDestination:
    shown = sanitize_line(target, 2_000)
    try:
        parts = urlsplit(target)
    except ValueError:
        return LinkDestination(LinkKind.BROKEN, f"{shown}: not an address")
    if parts.scheme in ALLOWED_SCHEMES:
        whole = parts.scheme == "mailto" or parts.netloc
        return LinkDestination(LinkKind.WEB if whole else LinkKind.BROKEN, shown)
    if parts.scheme or parts.netloc:
        return LinkDestination(
            LinkKind.BROKEN, f"{shown}: only http, https and mailto are followed"
        )
    if not parts.path:
        place = find_heading(document, unquote(parts.fragment))
        lead = LinkKind.HEADING if place is not None else LinkKind.BROKEN
        return LinkDestination(lead, f"{shown}: there is no such heading", place)
    found = _find_by_path(unquote(parts.path), story, catalog)
    if found is None:
        return LinkDestination(LinkKind.BROKEN, f"{shown}: no story of this library")
    return LinkDestination(LinkKind.STORY, story=found)


def _resolve_wikilink(
    target: str, story: Story, document: Document, catalog: Catalog
) -> LinkDestination:
    """Return where `[[name#heading]]` leads: a story by its name, else a heading here."""
    name, _, part = (side.strip() for side in target.partition("#"))
    found = _find_by_name(name, catalog) if name else story
    if found is not None and found is not story:
        return LinkDestination(LinkKind.STORY, story=found)
    place = find_heading(document, part or name) if part or found is None else Place()
    lead = LinkKind.HEADING if place is not None else LinkKind.BROKEN
    shown = sanitize_line(target, 200)
    return LinkDestination(lead, f"{shown}: no story or heading of that name", place)


def _find_by_name(name: str, catalog: Catalog) -> Story | None:
    """Return the story whose file, id or title is `name`, spaces, dashes and case alike."""
    wanted = _normalize_name(name.rpartition("/")[2].removesuffix(".md"))
    for known in catalog.list_stories():
        if wanted in (
            _normalize_name(Path(known.path).stem),
            _normalize_name(known.id),
            _normalize_name(known.title),
        ):
            return known
    return None


def _normalize_name(name: str) -> str:
    return _NAME_SEPARATORS.sub("-", name.casefold()).strip("-")


def _find_by_path(path: str, story: Story, catalog: Catalog) -> Story | None:
    """Return the story of the library that a relative path names, with its suffix or without."""
    try:
        aim = (story.path.parent / path).resolve()
    except (OSError, ValueError, RuntimeError):
        return None
    for known in catalog.list_stories():
        here = Path(known.path).resolve()
        if aim in (here, here.with_suffix("")) or aim.name == known.id:
            return known
    return None


def find_picture(target: str, story: Story, folders: Iterable[Path]) -> Path | None:
    """Return the file of the picture that `target` names in `story`, or None.

    A relative path only, to a regular file with a picture's suffix, in the story's folder or
    one of the library's `folders`, wherever links on the disk may lead.
    """
    try:
        parts = urlsplit(target)
        if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
            return None
        here = story.path.parent.resolve()
        path = (here / unquote(parts.path)).resolve()
        is_ours = any(path.is_relative_to(root) for root in (here, *folders))
        is_picture = path.suffix.lower() in PICTURE_SUFFIXES and stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError, RuntimeError):
        return None
    return path if is_ours and is_picture else None
