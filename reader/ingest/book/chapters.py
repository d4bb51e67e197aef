"""The text of a book's parts: XHTML to Markdown, with links between the parts, and pictures."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote, unquote

from reader.errors import UnreadableFile
from reader.ingest import BookPart, Draft, Picture, clean_line
from reader.ingest.book.contents import read_contents
from reader.ingest.book.package import read_package
from reader.ingest.book.parts import plan_parts
from reader.ingest.book.xhtml import parse_xhtml
from reader.ingest.fragment import drop_controls
from reader.ingest.known_stories import fold_title
from reader.ingest.page.footnotes import Footnotes
from reader.ingest.page.html_to_markdown import Converter
from reader.ingest.page.html_tree import measure_tree
from reader.ingest.page.trim import read_plain
from reader.ingest.save import PICTURE_FOLDER, make_file_stem
from reader.ingest.zip_file import is_picture_name, read_picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reader.ingest.book.package import Package
    from reader.ingest.book.parts import Part, Piece
    from reader.ingest.page.html_tree import Node
    from reader.ingest.zip_file import Archive


_HOST: Final = "https://book.invalid/"
"""Stands for the archive's root in links, until it is known where they lead."""
_LINK: Final = re.compile(
    r"(!?)\[((?:[^\[\]\\\n]|\\.)*)\]\(https://book\.invalid/([^\s()#]*)(?:#([^\s()]*))?\)"
)
_ID: Final = re.compile(rb"\s(?:id|name)\s*=\s*[\"']([^\"'<>]{1,300})[\"']")
_FRAGMENT: Final = re.compile(rb"\shref\s*=\s*[\"']([^\"'#<>]{0,900})#([\w.:-]{1,100})[\"']")
_MAX_SCANNED_BYTES: Final = 16 << 20
"""Of a book whose links are looked for; in a longer one they lead to the beginnings of parts."""
_NAME: Final = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
_ANCHOR: Final = re.compile(r'<a id="[\w.:-]{1,100}"></a>')
_REFERENCE: Final = re.compile(r"\[\^[^\[\]\s]{1,20}\]")
_PAGE_BREAKS: Final = frozenset({"pagebreak", "doc-pagebreak"})
_TABLES: Final = frozenset({"toc", "landmarks", "page-list", "loi", "lot"})
_NO_PICTURE_TEXT: Final = "Illustration"
_MAX_STEM: Final = 40
"""Characters of a chapter's title in the name of its file."""


class _Chapter(NamedTuple):
    """A piece of a file, converted."""

    blocks: list[str]
    heading: str
    has_text: bool


def read_book(archive: Archive, name: str) -> Iterator[Draft]:
    """Yield the parts of a book, each when it is requested.

    Raises `UnreadableFile` if it is protected, or has nothing but pictures.
    """
    package = read_package(archive, name)
    yield from _Book(archive, package, name).read_parts()


class _Book:
    """A book that is being read."""

    def __init__(self, archive: Archive, package: Package, name: str) -> None:
        self._archive, self._package, self._name = archive, package, name
        self._ids: dict[str, dict[str, int]] = {}
        names = [item.name for item in package.spine]
        entries = read_contents(archive, package)
        listed = {entry.name for entry in entries}
        last = [each for each in names if each in package.asides and each not in listed]
        order = [each for each in names if each not in package.asides or each in listed]
        self._parts = plan_parts(order, entries, archive.size, self._find_places)
        self._parts += plan_parts(last, [], archive.size, self._find_places)
        self._width = len(str(len(self._parts)))
        self._stems = [self._name_part(n, part) for n, part in enumerate(self._parts, 1)]
        titles = (part.title or f"Part {n}" for n, part in enumerate(self._parts, 1))
        self._titles = tuple(clean_line(title) for title in titles)
        self._targets: dict[str, dict[str, str]] = {}
        """The stories of the pieces of a file, by the ids with which they begin."""
        self._starts: dict[str, list[str]] = {}
        """The ids with which the pieces of a file begin."""
        for part, stem in zip(self._parts, self._stems, strict=True):
            for piece in part.pieces:
                self._targets.setdefault(piece.name, {})[piece.start] = f"{stem}.md"
                self._starts.setdefault(piece.name, []).append(piece.start)
        size = sum(map(archive.size, self._starts))
        self._has_anchors = size <= _MAX_SCANNED_BYTES
        self._first, self._first_anchors = "", frozenset[str]()
        self._wanted: frozenset[str] | None = None
        self._pictures: dict[str, Picture] = {}
        self._file = ""
        self._chapters: dict[str, _Chapter] = {}

    def _find_places(self, name: str, fragments: list[str]) -> list[int]:
        """Return where in a file the elements with these ids begin, in bytes; 0 for none."""
        places = self._list_ids(name)
        return [places.get(fragment, 0) for fragment in fragments]

    def _list_ids(self, name: str) -> dict[str, int]:
        """Return where in a file its elements with an id begin, in bytes."""
        if name not in self._ids:
            found = {
                match[1].decode("utf-8", "replace"): match.start()
                for match in _ID.finditer(self._read(name))
            }
            self._ids = {name: found}  # links often lead to one file in a row
        return self._ids[name]

    def _choose_anchors(self, name: str, data: bytes) -> frozenset[str]:
        """Return the ids in a file to which links may lead.

        The first file is read alone, so that a long book opens soon: others' links to it lead to
        its beginning. All files are searched for links when the second one is read.
        """
        if not self._has_anchors:
            return frozenset()
        if name == (self._first or name):
            self._first = name
            self._first_anchors = frozenset(self._find_fragments(name, data))
            return self._first_anchors
        if self._wanted is None:
            found = (self._find_fragments(each, self._read(each)) for each in self._starts)
            self._wanted = frozenset().union(*found)
        return self._wanted

    def _read(self, name: str) -> bytes:
        """Return the content of a file, empty if it can't be read."""
        try:
            return self._archive.read(name)
        except UnreadableFile:
            return b""

    def _find_fragments(self, name: str, data: bytes) -> set[str]:
        """Return the ids to which links in a file lead; those within one part don't count."""
        is_split = len(self._starts[name]) > 1
        return {
            match[2].decode("ascii", "ignore")
            for match in _FRAGMENT.finditer(data)
            if match[1] or is_split
        }

    def _name_part(self, number: int, part: Part) -> str:
        title = make_file_stem(part.title)[:_MAX_STEM].strip("-") if part.title else ""
        return f"{number:0{self._width}d}-{title}".strip("-")

    def read_parts(self) -> Iterator[Draft]:
        """Yield a draft for each part that has text; what has none is added to the next."""
        carried: list[str] = []
        count = 0
        for number, part in enumerate(self._parts, 1):
            self._pictures = {}
            chapters = [self._read_piece(piece) for piece in part.pieces]
            blocks = [block for chapter in chapters for block in chapter.blocks]
            if not any(chapter.has_text for chapter in chapters):
                is_cover = number == 1 and not any(read_plain(b) for b in blocks)
                carried += [] if is_cover else blocks
                continue
            heading = next((chapter.heading for chapter in chapters if chapter.heading), "")
            count += 1
            yield self._make_draft(number, count, heading, carried, blocks)
            carried = []
        if carried and count:
            yield self._make_draft(len(self._parts), count + 1, "", carried, [])
        if not count:
            raise UnreadableFile(
                f"{self._name}: the book has pictures of its pages and no text, so there is nothing to read"
            )

    def _make_draft(
        self, number: int, count: int, heading: str, carried: list[str], blocks: list[str]
    ) -> Draft:
        """Return part `number` of the plan, which is number `count` of those with text."""
        part, facts, book_id = self._parts[number - 1], self._package.facts, self._package.book_id
        title = part.title or heading or f"{facts.title}, part {number}"
        # The page shows these above the text.
        shown = title if len(self._parts) > 1 or not facts.title else ""
        known = {*map(fold_title, (shown, facts.title, facts.author))} - {""}
        anchors: list[str] = []
        while len(blocks) > 1 and (
            _ANCHOR.fullmatch(blocks[0]) or fold_title(read_plain(blocks[0])) in known
        ):
            anchors += blocks[:1] if _ANCHOR.fullmatch(blocks[0]) else []
            blocks = blocks[1:]
        written = self._place_links([*carried, *anchors, *blocks], self._stems[number - 1])
        first = part.pieces[0]
        key = f"{book_id}\n{first.name}\n{first.start}"
        place = BookPart(
            book_id,
            make_file_stem(facts.title or posixpath.basename(self._name)),
            self._stems[number - 1],
            blake2b(key.encode(), digest_size=6).hexdigest(),
            len(self._parts),
            tuple(self._pictures.values()),
            number - 1,
            self._titles,
        )
        if len(self._parts) > 1:
            facts = replace(facts, title=title, series=facts.title or title, part=count)
        return Draft(replace(facts, title=facts.title or title), tuple(written), place=place)

    def _read_piece(self, piece: Piece) -> _Chapter:
        """Return a piece of a file, all of whose pieces are converted together."""
        if piece.name != self._file:
            starts = self._starts[piece.name]
            self._file, self._chapters = piece.name, self._convert(piece.name, starts)
        return self._chapters[piece.start]

    def _convert(self, name: str, starts: list[str]) -> dict[str, _Chapter]:
        """Return the pieces of a file by the ids with which they begin."""
        try:
            data = self._archive.read(name)
            root = parse_xhtml(data)
        except UnreadableFile as error:  # the other files are worth having all the same
            note = f"[This part can't be read: {_describe(error)}]"
            chapters = {start: _Chapter([], "", has_text=False) for start in starts}
            chapters[starts[0]] = _Chapter([note.replace("[", "\\[")], "", has_text=False)
            return chapters
        bodies = root.find_all("body")
        body = bodies[0] if bodies else root
        _prepare(body)
        measure_tree(body)
        footnotes = Footnotes([body])
        notes = footnotes.take_notes()
        converter = Converter(f"{_HOST}{quote(name)}", footnotes)
        blocks = converter.convert([body])
        written = converter.convert_notes(notes, len(blocks))
        wanted = self._choose_anchors(name, data)
        places = self._find_blocks(body, wanted.union(starts))
        bounds = [0]
        for start in starts[1:]:
            bounds.append(max(bounds[-1], min(places.get(start, len(blocks)), len(blocks))))
        bounds.append(len(blocks))
        anchors: dict[int, list[str]] = {}
        for key in wanted & places.keys():
            anchors.setdefault(places[key], []).append(f'<a id="{key}"></a>')
        chapters = {}
        for number, start in enumerate(starts):
            first, last = bounds[number], bounds[number + 1]
            chapters[start] = _make_chapter(
                [
                    each
                    for place in range(first, last)
                    for each in (*sorted(anchors.get(place, ())), blocks[place])
                ],
                written,
                is_last=start == starts[-1],
            )
        return chapters

    def _find_blocks(self, body: Node, wanted: frozenset[str]) -> dict[str, int]:
        """Return the number of the block with which each element begins, by its id."""
        wanted -= {""}
        found: dict[str, int] = {}
        pending: list[str] = []
        for node in body.walk():
            keys = (node.get("id"), node.get("name") if node.tag == "a" else "")
            pending += [key for key in keys if key in wanted and key not in found]
            if node.tag == "#text" and node.block >= 0 and node.text.strip():
                for key in pending:
                    found.setdefault(key, node.block)
                pending = []
        return found

    def _place_links(self, blocks: list[str], stem: str) -> list[str]:
        place_link = partial(self._place_link, f"{stem}.md")
        placed = (_LINK.sub(place_link, block) if _HOST in block else block for block in blocks)
        return [block for block in placed if block.strip()]

    def _place_link(self, own: str, match: re.Match[str]) -> str:
        """Return a link to another part, or a picture beside the story; else the text alone."""
        text, name = match[2], self._archive.find(unquote(match[3]))
        if match[1]:
            picture = self._add_picture(name)
            shown = "" if text == _NO_PICTURE_TEXT else text
            return f"![{text}]({PICTURE_FOLDER}/{picture})" if picture else shown
        target, fragment = self._find_target(name, match[4] or "")
        return f"[{text}]({quote(target)}{fragment})" if target and target != own else text

    def _find_target(self, name: str, fragment: str) -> tuple[str, str]:
        """Return the story to which a link leads, and the place in it as `#id`, each if any."""
        pieces = self._targets.get(name, {})
        has_anchor = self._has_anchors and (name != self._first or fragment in self._first_anchors)
        ids = self._list_ids(name) if pieces and has_anchor and _NAME.fullmatch(fragment) else {}
        place = ids.get(fragment)
        if place is None:
            return next(iter(pieces.values()), ""), ""
        stories = [
            story for start, story in pieces.items() if not start or ids.get(start, 0) <= place
        ]
        return stories[-1] if stories else "", f"#{fragment}"

    def _add_picture(self, name: str) -> str:
        """Return the name of the file for a picture, empty if it isn't one that can be shown."""
        if not is_picture_name(name):
            return ""
        if name not in self._pictures:
            digest = blake2b(name.encode(), digest_size=3).hexdigest()
            stem, suffix = posixpath.splitext(posixpath.basename(name))
            file = f"{make_file_stem(stem)}-{digest}{suffix.lower()}"
            self._pictures[name] = Picture(file, partial(read_picture, self._archive, name))
        return self._pictures[name].name


def _describe(error: UnreadableFile) -> str:
    return str(error).partition(": ")[2] or str(error)


def _prepare(body: Node) -> None:
    """Drop what isn't text, and make what only EPUB has into what pages have."""
    drop_controls(body)
    targets = {node.get("id"): node for node in body.walk() if node.get("id")}
    for node in body.walk():
        kinds = set(f"{node.get('epub:type')} {node.get('role')}".lower().split())
        if kinds & _PAGE_BREAKS or (node.tag == "nav" and kinds & _TABLES):
            node.dropped = True
        elif node.tag == "epub:switch":
            _choose_case(node)
        elif node.tag == "image":
            node.tag = "img"
            node.attributes["src"] = node.get("xlink:href") or node.get("href")
        elif node.tag == "a" and kinds & {"noteref", "doc-noteref"}:
            target = targets.get(node.get("href").removeprefix("#"))
            if target is not None and node.get("href").startswith("#"):
                target.attributes["id"] = node.attributes["href"] = f"#fn-{node.get('href')[1:]}"
                target.attributes["id"] = target.get("id")[1:]
        if node.tag == "img" and not node.get("alt").strip():
            node.attributes["alt"] = _NO_PICTURE_TEXT


def _choose_case(switch: Node) -> None:
    """Keep the default of a choice between kinds of content, which everything can show."""
    has_default = any(each.tag == "epub:default" for each in switch.elements())
    for each in switch.elements():
        each.dropped = has_default and each.tag == "epub:case"


def _make_chapter(blocks: list[str], notes: list[str], *, is_last: bool) -> _Chapter:
    """Return a chapter with the footnotes to which it refers; the last one has the others too."""
    referred = set(_REFERENCE.findall("\n".join(blocks)))
    used = [note for note in notes if is_last or note.partition("]")[0] + "]" in referred]
    notes[:] = [note for note in notes if note not in set(used)]
    shown = [block for block in blocks if not _ANCHOR.fullmatch(block)]
    heading = next((read_plain(block) for block in shown[:3] if block.startswith("#")), "")
    has_text = any(_is_text(block) for block in blocks)
    return _Chapter([*blocks, *used], heading, has_text)


def _is_text(block: str) -> bool:
    """Return whether a block is more than a heading, a picture or a number of a page."""
    is_other = block.startswith(("#", "![")) or bool(_ANCHOR.fullmatch(block))
    return not is_other and any(character.isalpha() for character in read_plain(block))
