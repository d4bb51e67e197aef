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
from reader.library.files import file_at, scan
from reader.library.index import derive, unreadable
from reader.library.story import BY_ID
from reader.text.cells import clean_line
from reader.text.document import Place
from reader.text.links import heading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from reader.library.files import File
    from reader.library.index import Index
    from reader.library.story import Story
    from reader.text.document import Document


_NAMED: Final = 6
"""Stories named where several were meant."""


class Library:
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

    def stories(self) -> list[Story]:
        """Return the stories in their order. A date in the future doesn't pin one on top."""
        today = to_local(datetime.now(UTC)).date()
        return sorted(self._stories.values(), key=lambda story: _order(story, today))

    def named(self, name: str) -> Story:
        """Return the story with that id, title or unique part of a title.

        Raises `UnknownStory`, which names the nearest titles, or those that all match.
        """
        stories, wanted = self.stories(), _typed(name)
        for match in (
            [s for s in stories if s.id == name],
            [s for s in stories if _typed(s.title) == wanted],
            [s for s in stories if wanted and wanted in _typed(s.title)],
        ):
            several = {s.id: s for s in match}
            if len(several) == 1:
                return match[0]
            if match:
                names = ", ".join([f"{s.title} ({s.id})" for s in several.values()][:_NAMED])
                more = ", ..." if len(several) > _NAMED else ""
                raise UnknownStory(f"several stories match '{name}': {names}{more}")
        raise UnknownStory(f"there is no file and no story '{name}'{_nearest(name, stories)}")


def _typed(title: str) -> str:
    """Return a title as somebody types it: in lower case, with straight quotes."""
    for printed, typed in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"')):
        title = title.replace(printed, typed)
    return " ".join(title.casefold().split())


def _nearest(name: str, stories: list[Story]) -> str:
    titles = {
        word: s.title for s in stories for word in (_typed(s.title), *_typed(s.title).split())
    }
    near = get_close_matches(_typed(name), titles, 3, cutoff=0.5)
    found = list(dict.fromkeys(titles[word] for word in near))
    return f"; the nearest: {', '.join(found)}" if found else "; see: reader list"


def _order(story: Story, today: date) -> tuple[int, str, int, str]:
    published = story.published
    newest = -published.toordinal() if published is not None and published <= today else 0
    return newest, _filed(story.series or story.title), story.part, _filed(story.title)


def _filed(title: str) -> str:
    """Return a title as it is filed: without its article or opening mark."""
    folded = title.casefold().lstrip("“‘\"'«„(")
    for article in ("the ", "a ", "an "):
        folded = folded.removeprefix(article)
    return folded


class Gathering:
    """Fills a library from folders and files."""

    def __init__(self, library: Library, index: Index) -> None:
        self._library = library
        self._index = index
        self._gathered: set[Path] = set()

    def folders(self, folders: Iterable[Path], notices: list[str]) -> list[File]:
        """Take in the stories of `folders` whose files are known; return the other files.

        What can't be scanned adds a line to `notices`.
        """
        return self._take_known([file for folder in folders for file in scan(folder, notices)])

    def begun(self, stories: Iterable[tuple[str, Path, str]]) -> list[File]:
        """Take in stories by id, path and folder, wherever they are kept; as `folders` does."""
        ids = {story.id for story in self._library.stories()}
        files = []
        for story, path, folder in stories:
            is_new = story not in ids and path not in self._gathered
            if is_new and (file := file_at(path)) is not None:
                files.append(file._replace(folder=folder))
        return self._take_known(files)

    def learn(self, described: list[tuple[File, Story]]) -> None:
        """Take in stories that were described by a worker, and keep what is known of them."""
        for _, story in described:
            self._library.add(story)
        self._index.store(described)

    def know(self, story: Story) -> None:
        """Keep what the whole text of a story tells of it, for the next start."""
        file = file_at(story.path) if story.kept else None
        if file is not None and not self._index.known([file]):
            self._index.store([(file, story)])

    def _take_known(self, files: list[File]) -> list[File]:
        self._gathered.update(file.path for file in files)
        known = self._index.known(files)
        for story in known.values():
            self._library.add(story)
        return [file for file in files if file.path not in known]


def described(files: Iterable[File]) -> Iterator[tuple[File, Story]]:
    """Yield the story of each file, read and parsed: a worker's job.

    A file that can't be read is a story that says why not.
    """
    for file in files:
        try:
            yield file, derive(file)
        except ReaderError as error:
            yield file, unreadable(file, error)


SCHEMES: Final = ("http", "https", "mailto")
PICTURES: Final = frozenset(
    {".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".bmp", ".tif", ".tiff"}
)
"""Suffixes of pictures. SVG is none of them: it may hold programs, which a browser would run."""
_WIKI: Final = "[["
"""What the target of a wikilink begins with, which is written as the link is."""
_PARTS: Final = re.compile(r"[\s_-]+")


class Lead(Enum):
    """What kind of thing a link leads to."""

    HEADING = auto()
    STORY = auto()
    WEB = auto()
    NOWHERE = auto()


class Destination(NamedTuple):
    """Where a link leads."""

    lead: Lead
    words: str = ""
    """The address as it may be shown, or why it leads nowhere."""
    place: Place | None = None
    story: Story | None = None


def destination(target: str, story: Story, document: Document, library: Library) -> Destination:
    """Return where `target` leads from `story`, whose text is `document`."""
    if target.startswith(BY_ID):
        return _by_id(target.removeprefix(BY_ID), library)
    if target.startswith(_WIKI):
        return _wiki(target.removeprefix(_WIKI).removesuffix("]]"), story, document, library)
    return _address(target, story, document, library)


def _by_id(name: str, library: Library) -> Destination:
    found = next((story for story in library.stories() if story.id == name), None)
    if found is None:
        return Destination(Lead.NOWHERE, f"{clean_line(name, 200)}: no story of this library")
    return Destination(Lead.STORY, story=found)


def _address(target: str, story: Story, document: Document, library: Library) -> Destination:
    shown = clean_line(target, 2_000)
    try:
        parts = urlsplit(target)
    except ValueError:
        return Destination(Lead.NOWHERE, f"{shown}: not an address")
    if parts.scheme in SCHEMES:
        whole = parts.scheme == "mailto" or parts.netloc
        return Destination(Lead.WEB if whole else Lead.NOWHERE, shown)
    if parts.scheme or parts.netloc:
        return Destination(Lead.NOWHERE, f"{shown}: only http, https and mailto are followed")
    if not parts.path:
        place = heading(document, unquote(parts.fragment))
        lead = Lead.HEADING if place is not None else Lead.NOWHERE
        return Destination(lead, f"{shown}: there is no such heading", place)
    found = _story(unquote(parts.path), story, library)
    if found is None:
        return Destination(Lead.NOWHERE, f"{shown}: no story of this library")
    return Destination(Lead.STORY, story=found)


def _wiki(target: str, story: Story, document: Document, library: Library) -> Destination:
    """Return where `[[name#heading]]` leads: a story by its name, else a heading here."""
    name, _, part = (side.strip() for side in target.partition("#"))
    found = _named(name, library) if name else story
    if found is not None and found is not story:
        return Destination(Lead.STORY, story=found)
    place = heading(document, part or name) if part or found is None else Place()
    lead = Lead.HEADING if place is not None else Lead.NOWHERE
    shown = clean_line(target, 200)
    return Destination(lead, f"{shown}: no story or heading of that name", place)


def _named(name: str, library: Library) -> Story | None:
    """Return the story whose file, id or title is `name`, spaces, dashes and case alike."""
    wanted = _alike(name.rpartition("/")[2].removesuffix(".md"))
    for known in library.stories():
        if wanted in (_alike(Path(known.path).stem), _alike(known.id), _alike(known.title)):
            return known
    return None


def _alike(name: str) -> str:
    return _PARTS.sub("-", name.casefold()).strip("-")


def _story(path: str, story: Story, library: Library) -> Story | None:
    """Return the story of the library that a relative path names, with its suffix or without."""
    try:
        aim = (story.path.parent / path).resolve()
    except (OSError, ValueError, RuntimeError):
        return None
    for known in library.stories():
        here = Path(known.path).resolve()
        if aim in (here, here.with_suffix("")) or aim.name == known.id:
            return known
    return None


def picture(target: str, story: Story, folders: Iterable[Path]) -> Path | None:
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
        is_picture = path.suffix.lower() in PICTURES and stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError, RuntimeError):
        return None
    return path if is_ours and is_picture else None
