"""Read a source as drafts: a page from the web, a file, or text from standard input.

A kind of source is an entry in `READERS`: a function that makes drafts of content. It is called
for content of its format, which `detect` tells, or which the user names.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import replace
from email import message_from_bytes
from email.errors import MessageError
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from reader.errors import BadUsage, UnreadableFile
from reader.ingest import Draft, Facts, clean_line
from reader.ingest.detect import detect_format, detect_package
from reader.ingest.encoding import decode_page
from reader.ingest.zip_file import ZipArchive, is_zip_file
from reader.library.files import MAX_STORY_BYTES, read_bytes
from reader.library.source.encodings import decode_text
from reader.text.cells import sanitize_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reader.ingest.web.fetch import Fetched
    from reader.ingest.zip_file import Archive


_ZIP_MAGIC: Final = b"PK\x03\x04"


_SAVED_FROM: Final = re.compile(
    rb"<!--\s*(?:saved from url=\(\d{1,5}\)|Page saved with SingleFile\s+url:\s*)(https?://\S{1,2000})"
)
_SAVED_BYTES: Final = 4_096


class Content(NamedTuple):
    """What a source consists of."""

    data: bytes
    name: str
    """The file's name or the address, for messages."""
    address: str = ""
    """The address of a page from the web, after redirects."""
    charset: str = ""
    """What a server called the encoding."""
    content_type: str = ""
    etag: str = ""
    modified: str = ""
    """What a server needs to say later that nothing has changed."""
    is_local: bool = False
    """It was fetched from the user's own network."""
    more: tuple[Content, ...] = ()
    """The other pages of an article."""
    notices: tuple[str, ...] = ()
    """Lines for the reader, such as that one of these pages is missing."""
    path: Path | None = None
    """The file of an archive, which may be large, or a folder; `data` is its beginning then."""


class Reader(NamedTuple):
    """How content of one format is read."""

    help: str
    read: Callable[[Content], Iterable[Draft]]
    """Returns a draft for each story. Raises `UnreadableFile`."""


def is_web_address(source: str) -> bool:
    """Return whether a source is an address and not the name of a file."""
    scheme, separator, _ = source.partition("://")
    return bool(separator) and scheme.isalpha()


def load_source(source: str, announce: Callable[[str], None]) -> Content:
    """Return the content of the page or file that `source` names.

    `announce` is called with an address that isn't public before it is fetched. Raises
    `FetchFailed` and `UnreadableFile`.
    """
    if is_web_address(source):
        from reader.ingest.web.fetch import fetch

        hosts: list[str] = []

        def note(text: str) -> None:
            hosts.append(text)
            announce(text)

        fetched = fetch(source, note)
        content = _make_content(source, fetched, is_local=bool(hosts))
        if find_format(content) != "page":
            return content
        from reader.ingest.web.pages import follow_page

        followed = follow_page(fetched, note, is_local=bool(hosts))
        contents = [_make_content(source, each, is_local=bool(hosts)) for each in followed.pages]
        return contents[0]._replace(more=tuple(contents[1:]), notices=followed.notices)
    path = Path(source)
    if _is_folder(path) or is_zip_file(path):
        return Content(_ZIP_MAGIC, source, path=path)
    return Content(read_bytes(path), source)


def _make_content(source: str, fetched: Fetched, *, is_local: bool) -> Content:
    return Content(
        fetched.data,
        source,
        fetched.url,
        fetched.charset,
        fetched.content_type,
        fetched.etag,
        fetched.modified,
        is_local=is_local,
    )


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112  raises nothing, unlike `Path.is_dir`


def read_drafts(content: Content, format_name: str = "") -> Iterable[Draft]:
    """Return the stories of `content`, whose format may be named.

    Raises `UnreadableFile` if it has no story, and `BadUsage` for an unknown format.
    """
    name = sanitize_line(content.name, 200)
    if format_name and format_name not in READERS:
        raise BadUsage(
            f"there is no format '{sanitize_line(format_name)}'; the formats are {', '.join(READERS)}"
        )
    if not content.data.strip():
        raise UnreadableFile(f"{name}: there is no text in it")
    found = format_name or find_format(content)
    if found not in READERS:
        raise UnreadableFile(
            f"{name}: {_describe(found)} can't be added; {_ADVICE.get(found, _GENERAL_ADVICE)}"
        )
    return _read(found, content, name)


def _read(found: str, content: Content, name: str) -> Iterator[Draft]:
    """Yield the stories of a format; errors have the name of the source."""
    with name_errors(name):
        yield from READERS[found].read(content)


@contextlib.contextmanager
def name_errors(name: str) -> Iterator[None]:
    """Let the message of an `UnreadableFile` begin with the sanitised name of the source."""
    try:
        yield
    except UnreadableFile as error:
        if str(error).startswith(name):
            raise
        raise UnreadableFile(f"{name}: {error}") from error


def find_format(content: Content) -> str:
    """Return the format of `content`: an export of a service, or what `detect_format` tells.

    Raises `UnreadableFile` for a damaged archive.
    """
    from reader.ingest.archives.detect import detect_archive, detect_export

    if content.data.startswith(_ZIP_MAGIC):
        archive = _open_archive(content)
        try:
            found = detect_archive(archive) or detect_package(archive.names, archive.read)
            is_folder = content.path is not None and _is_folder(content.path)
            return "folder" if found == "zip" and is_folder else found
        finally:
            archive.close()
    return detect_export(content.data) or detect_format(
        content.data, content.name, content.content_type
    )


def _open_archive(content: Content) -> Archive:
    """Return an archive, or the folder into which it was unpacked. Raises `UnreadableFile`."""
    if content.path is not None and _is_folder(content.path):
        from reader.ingest.unpacked import UnpackedArchive

        return UnpackedArchive(content.path, content.name)
    return ZipArchive(content.path or content.data, content.name)


_GENERAL_ADVICE: Final = "copy its text and use --paste"
_ADVICE: Final = {
    "zip": "unpack it and add the files in it",
    "folder": "name the files in it, or keep it in the library with: reader folder add",
    "word": "save it as .docx, .odt or text, and add that",
    "gzip": "unpack it with gunzip and add the file in it",
    "picture": "only text can be read",
    "database": "only text can be read",
}
_NAMES: Final = {
    "word": "a Word file of this old kind, or one with a password,", "zip": "an archive", "folder": "a folder",
    "pdf": "a PDF", "picture": "a picture", "gzip": "a packed file", "database": "a database",
}  # fmt: skip


def _describe(found: str) -> str:
    return _NAMES.get(found, "a file of this kind")


def _read_page(content: Content) -> Iterable[Draft]:
    from reader.ingest.page.story import join_pages, read_page

    if not content.address:
        return [_read_saved_page(content)]
    pages = [
        _check(read_page(each.data, each.address, each.charset), each)
        for each in (content, *content.more)
    ]
    draft = join_pages(pages)
    return [replace(draft, notices=(*draft.notices, *content.notices))]


def _read_saved_page(content: Content) -> Draft:
    """Return the story of a page that was saved as a file, and say what isn't in the file."""
    from reader.ingest.page.html_tree import parse_html
    from reader.ingest.page.story import read_page
    from reader.ingest.web.leads import find_leads

    address = _find_saved_address(content.data)
    draft = read_page(content.data, address, content.charset)
    leads = find_leads(parse_html(decode_page(content.data, content.charset)), address)
    notice = ""
    if leads.target or leads.frames:
        place = leads.target or ", ".join(leads.frames)
        notice = f"its text is not in this file; add {sanitize_line(place, 400)}"
    elif leads.next_page:
        place = sanitize_line(leads.next_page, 400)
        notice = f"the article goes on at {place}; add the address of its first page for all of it"
    return _check(replace(draft, notices=(*filter(None, [notice]), *draft.notices)), content)


def _find_saved_address(data: bytes) -> str:
    """Return the address that a browser, or the extension SingleFile, wrote in a page it saved."""
    match = _SAVED_FROM.search(data[:_SAVED_BYTES])
    address = clean_line(match[1].decode("utf-8", "replace")) if match else ""
    return address if is_web_address(address) else ""


def _read_mhtml(content: Content) -> Iterable[Draft]:
    """Read the page that a browser saved with its pictures as one file (RFC 2557)."""
    from reader.ingest.page.story import read_page

    name = sanitize_line(content.name, 200)
    try:
        message = message_from_bytes(content.data)
        pages = [
            part
            for part in message.walk()
            if part.get_content_type() in ("text/html", "application/xhtml+xml")
        ]
        data = pages[0].get_payload(decode=True) if pages else b""
    except (MessageError, RecursionError, ValueError, LookupError) as error:
        raise UnreadableFile(f"{name}: the saved page is damaged; save it again as HTML") from error
    if not isinstance(data, bytes) or not data:
        raise UnreadableFile(f"{name}: there is no page in it; save it again as HTML")
    address = clean_line(
        str(pages[0].get("Content-Location") or message.get("Snapshot-Content-Location") or "")
    )
    charset = pages[0].get_param("charset")
    draft = read_page(data, address, charset if isinstance(charset, str) else "")
    return [_check(draft, content)]


def _read_text(content: Content) -> Iterable[Draft]:
    from reader.ingest.copied import read_copied

    text = decode_text(content.data, Path(content.name)).text
    return [_check(read_copied(text), content)]


def _read_markdown(content: Content) -> Iterable[Draft]:
    """Take a text in Markdown as it is, with its own front matter."""
    from reader.library.source.frontmatter import split_front_matter

    text = decode_text(content.data, Path(content.name)).text
    matter, body = split_front_matter(text)
    published = matter.published.isoformat() if matter.published and not matter.date_text else ""
    title = (
        matter.title
        or _find_title(body)
        or clean_line(Path(content.name).stem.replace("-", " ").replace("_", " "))
    )
    facts = Facts(title=title, author=matter.author, published=published, url=matter.url)
    return [_check(Draft(facts, (body.strip("\n"),), verbatim=text), content)]


def _find_title(body: str) -> str:
    from reader.library.describing.opening import find_title
    from reader.library.story import parse_slices

    first = next(iter(parse_slices(body[:20_000], "")), None)
    return find_title(first.blocks).text if first is not None else ""


def _check(draft: Draft, content: Content) -> Draft:
    """Return `draft`. Raises `UnreadableFile` if it has no text."""
    name = sanitize_line(content.name, 200)
    if len(draft.body) > MAX_STORY_BYTES:
        raise UnreadableFile(f"{name}: larger than {MAX_STORY_BYTES >> 20} MB")
    if not draft.body.strip():
        reason = (
            draft.notices[0] if draft.notices else f"no story was found in it; {_GENERAL_ADVICE}"
        )
        raise UnreadableFile(f"{name}: {reason}")
    return draft


def _read_export(kind: str, content: Content) -> Iterator[Draft]:
    """Yield the drafts of an export."""
    from reader.ingest.archives.detect import read_archive, read_export

    if not content.data.startswith(_ZIP_MAGIC):
        yield from read_export(kind, content.data, content.name)
        return
    archive = _open_archive(content)
    try:
        yield from read_archive(kind, archive)
    finally:
        archive.close()


def _read_epub(content: Content) -> Iterator[Draft]:
    from reader.ingest.book.chapters import read_book

    archive = _open_archive(content)
    try:
        yield from read_book(archive, sanitize_line(content.name, 200))
    finally:
        archive.close()


def _read_document(kind: str, content: Content) -> Iterator[Draft]:
    """Yield the story of a word processor's document."""
    from reader.ingest.documents.story import read_document

    archive = _open_archive(content)
    try:
        draft = read_document(kind, archive)
    finally:
        archive.close()
    stem = clean_line(Path(content.name).stem.replace("-", " ").replace("_", " "))
    yield _check(
        replace(draft, facts=replace(draft.facts, title=draft.facts.title or stem)), content
    )


def _read_feed(content: Content) -> Iterator[Draft]:
    """Yield the stories of a feed as far as it has them itself."""
    from reader.ingest.feeds.parse import parse_feed
    from reader.ingest.feeds.stories import make_story

    entries = parse_feed(content.data, content.address).entries
    if not entries:
        raise UnreadableFile(f"{sanitize_line(content.name, 200)}: the feed has no stories")
    for entry in entries:
        yield make_story(entry, None)


def _refuse_list(content: Content) -> Iterable[Draft]:
    name = sanitize_line(content.name, 200)
    raise UnreadableFile(
        f"{name}: a list of feeds; follow them with `reader add {name}` in a shell"
    )


_EXPORTS: Final = {
    "omnivore": "Omnivore's export, with the texts and highlights",
    "pocket": "Pocket's export: its tables, or its page of links",
    "instapaper": "Instapaper's table of links",
    "reader": "Readwise Reader's table of links",
    "readwise": "Readwise's table of highlights",
    "wallabag": "wallabag's export in JSON",
    "clippings": "My Clippings.txt of a Kindle or of KOReader",
    "links": "a table with a column of addresses",
}
READERS: Final = {
    "page": Reader("a web page, as HTML", _read_page),
    "mhtml": Reader("a web page that a browser saved as one file", _read_mhtml),
    "text": Reader("text that was copied from a page", _read_text),
    "markdown": Reader("Markdown, which is kept as it is", _read_markdown),
    "feed": Reader("a feed: RSS, Atom or JSON Feed", _read_feed),
    "opml": Reader("a list of feeds, which a feed reader exported", _refuse_list),
    "epub": Reader("a book, whose chapters become a series", _read_epub),
    "docx": Reader("a Word file", partial(_read_document, "docx")),
    "odt": Reader("an OpenDocument text, as of LibreOffice", partial(_read_document, "odt")),
    **{name: Reader(text, partial(_read_export, name)) for name, text in _EXPORTS.items()},
}
"""The formats that can be read, by the names that `--as` takes."""
