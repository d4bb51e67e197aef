"""Links, pictures and headings in a document, and the web addresses that links have.

Lists the links of a block, and the headings as sections with the words under them. Reads a web
address as a browser does, so that its real host is known. `library.catalog` decides where a
link outside the document leads.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple
from unicodedata import category, normalize
from urllib.parse import quote, unquote

from reader.text.document import Kind, Place, Role
from reader.text.places import get_heading_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reader.text.document import Block, Document


_SLUG_TYPES: Final = frozenset({"Nd", "Nl", "Pc"})
"""Categories of the digits and underscores in a slug."""


class Link(NamedTuple):
    """A link in the text of a block, from offset `start` up to `end`."""

    block: int
    start: int
    end: int
    target: str
    is_footnote: bool = False
    """It is the number of a footnote, and `target` is that number."""
    is_picture: bool = False
    """It is a placeholder of a picture, and `target` is the picture's path."""


def list_links(document: Document, block: int) -> list[Link]:
    """Return the links and footnote numbers in a block, in order."""
    return list_block_links(document.get_block(block), block)


def list_block_links(block: Block, number: int) -> list[Link]:
    """Return the links and footnote numbers in `block`, whose number is `number`, in order."""
    return [
        Link(number, span.start, span.end, span.target, is_footnote=bool(span.role & Role.FOOTNOTE))
        for span in block.spans
        if span.target and span.role & (Role.LINK | Role.FOOTNOTE)
    ]


def list_pictures(document: Document, block: int) -> list[Link]:
    """Return the placeholders of pictures in a block, in order."""
    return list_block_pictures(document.get_block(block), block)


def list_block_pictures(block: Block, number: int) -> list[Link]:
    """Return the placeholders of pictures in `block`: dim spans with a target."""
    return [
        Link(number, span.start, span.end, span.target, is_picture=True)
        for span in block.spans
        if span.target and span.role & Role.DIM
    ]


def find_next_link(
    document: Document, place: Place, direction: int, footnote_links: Sequence[Link] = ()
) -> Link | None:
    """Return the first link after `place`, or with a `direction` of -1 the last before it.

    `footnote_links` come after those of the text.
    """

    def filter_links(links: Sequence[Link]) -> list[Link]:
        starts = [(Place(link.block, link.start), link) for link in links]
        return [
            link for start, link in starts if start != place and (start > place) == (direction > 0)
        ]

    in_footnotes = filter_links(footnote_links)
    if direction < 0 and in_footnotes:
        return in_footnotes[-1]
    index = min(place.block, len(document.blocks) - 1)
    while 0 <= index < len(document.blocks):
        links = filter_links(list_links(document, index))
        if links:
            return links[0 if direction > 0 else -1]
        index += direction
    return in_footnotes[0] if direction > 0 and in_footnotes else None


def find_heading(document: Document, name: str, title: str = "") -> Place | None:
    """Return the place that `#name` leads to, None without one; `name` may also be a heading's text.

    It is an element with that id, or the heading with that slug, the second of a name with `-1`
    behind it. If there is none, a heading that differs in case, accents or marks is taken, or the
    beginning of the text for its `title`, which is shown above it, and for `top`.
    """
    name = normalize("NFC", name)
    if not name:
        return None
    for index in range(document.last_block + 1):
        for span in document.get_block(index).spans:
            if span.start == span.end and normalize("NFC", span.target) == f"#{name}":
                is_heading = document.get_block(index).kind is Kind.HEADING
                return Place(index, 0 if is_heading else span.start)
    slug, title_slug = slugify(name), slugify(title)
    for typed, counted in product((False, True), ((), (title_slug,))):
        places = _map_slugs(document, counted, is_typed=typed)
        if name in places or slug in places:
            return Place(places.get(name, places.get(slug, 0)))
    if slug and slug in (title_slug, "top"):
        return Place()
    loose = _loosen(name)
    for other, index in _map_slugs(document, (), is_typed=False).items():
        if loose and _loosen(other) == loose:
            return Place(index)
    return Place() if loose and loose == _loosen(title) else None


def _map_slugs(document: Document, counted: Iterable[str], *, is_typed: bool) -> dict[str, int]:
    """Return the block of each heading by its slug, with a number from the second of a name on.

    `counted` are slugs that are given away before. If `is_typed`, dashes count as the hyphens that
    they were typed as.
    """
    blocks: dict[str, int] = {}
    counts = Counter(counted)
    for index, block in enumerate(document.blocks):
        if block.kind is Kind.HEADING:
            text = _get_own_text(block)
            if is_typed:
                text = text.replace("–", "--").replace("—", "---")
            slug = slugify(text)
            blocks.setdefault(f"{slug}-{counts[slug]}" if counts[slug] else slug, index)
            counts[slug] += 1
    return blocks


def _get_own_text(block: Block) -> str:
    """Return the text of a heading without pictures and numbers of footnotes."""
    text = block.text
    for span in reversed(block.spans):
        if span.role is Role.DIM or span.role & Role.FOOTNOTE:
            text = text[: span.start] + text[span.end :]
    return text


def _loosen(name: str) -> str:
    """Return the letters and digits of a slug or title, to compare it with one that is typed."""
    from reader.text.search import fold_text  # only a link that fits no heading needs it

    return "-".join(re.findall(r"[^\W_]+", fold_text(name)))


def slugify(text: str) -> str:
    """Return the name of a heading in an address, by the rules of GitHub.

    In lower case, with letters, marks, digits, hyphens and underscores, and hyphens for spaces.
    Source: `PUNCTUATION_REGEXP` in the filter for tables of contents of html-pipeline.
    """
    text = normalize("NFC", text.strip()).lower()
    allowed = (c for c in text if c in " -" or category(c)[0] in "LM" or category(c) in _SLUG_TYPES)
    return "".join(allowed).replace(" ", "-")


class Section(NamedTuple):
    """A heading and the text under it."""

    title: str
    place: Place
    depth: int
    """0 for the outermost headings of the document, whatever their level."""
    words: int
    """Words under the heading, those under its subheadings included."""


class _OpenSection(NamedTuple):
    """A section whose end is not yet found."""

    level: int
    """The level of its heading, 1 to 6."""
    number: int
    """Its index in the list of sections."""
    words_before: int
    """Words of the text before it."""


def list_sections(document: Document) -> list[Section]:
    """Return the headings of `document` as sections, in order."""
    sections: list[Section] = []
    open_sections: list[_OpenSection] = []  # outermost first

    def close_sections(level: int, words: int) -> None:
        """Close the sections that a heading of `level` ends, with `words` words before it."""
        while open_sections and open_sections[-1].level >= level:
            closed = open_sections.pop()
            section = sections[closed.number]
            sections[closed.number] = section._replace(words=words - closed.words_before)

    for index, block in enumerate(document.blocks):
        if block.kind is Kind.HEADING:
            place, words = Place(index), document.count_words_before(Place(index))
            close_sections(block.heading_level, words)
            title, depth = get_heading_title(block) or block.text, len(open_sections)
            open_sections.append(_OpenSection(block.heading_level, len(sections), words))
            sections.append(Section(title, place, depth, 0))
    close_sections(0, document.words)
    return sections


def find_section(sections: list[Section], place: Place) -> int:
    """Return the index of the section that `place` is in, -1 before the first."""
    return bisect_right(sections, place, key=lambda section: section.place) - 1


def find_heading_from(document: Document, place: Place | None, count: int) -> Place | None:
    """Return the heading that is `count` headings after `place`, or before it if negative.

    None if there are too few. A `place` of None is above the whole text.
    """
    blocks = document.blocks
    step = 1 if count > 0 else -1
    index = -1 if place is None else place.block
    if step < 0 and place is not None and place.offset:
        index += 1  # the heading of this very block is before the place
    for _ in range(abs(count)):
        index += step
        while 0 <= index < len(blocks) and blocks[index].kind is not Kind.HEADING:
            index += step
    return Place(index) if 0 <= index < len(blocks) else None


MAX_ADDRESS_CHARACTERS: Final = 8_000
"""The longest address that is opened. RFC 9110 asks every server to accept as much."""
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_NOT_AN_ADDRESS: Final = "not an address"
_FORBIDDEN_IN_HOST: Final = r"[\x00-\x20\x7f#%/:<>?@\[\\\]^|]"
"""The forbidden domain code points of the URL standard."""
_IGNORED_IN_HOST: Final = (
    r"[\u00ad\u034f\u180b-\u180f\u200b\u2060\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)
"""Characters that the mapping of international names (UTS 46) removes."""
_MAPPED_CHARACTER: Final = r"[^\u00df\u03c2\u200c\u200d]+"
"""Text without the characters that this mapping keeps, though lower case would change them."""
_VIRAMA: Final = 9
"""The combining class of the signs that join two letters of an Indic script."""
_UNENCODED: Final = "!#$%&'()*+,-./:;=?@[]_~"
"""Characters that stay as they are after the host of an address."""


class WebAddress(NamedTuple):
    """An address as it is opened, in printable ASCII."""

    url: str
    host: str
    """The host that a browser connects to, international names as `xn--`; or who gets the mail."""


def parse_web_address(text: str) -> WebAddress:
    """Return the http, https or mailto address `text`, read as the URL standard of browsers says.

    Raises `ValueError`, whose message says why the address can't be opened.
    """
    text = re.sub(r"[\t\n\r]", "", text.strip("".join(map(chr, range(0x21)))))
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if not colon or scheme not in (*_DEFAULT_PORTS, "mailto"):
        raise ValueError("only http, https and mailto are followed")
    try:
        address = _parse_mailto(rest) if scheme == "mailto" else _parse_hierarchy(scheme, rest)
    except UnicodeError as error:
        raise ValueError(_NOT_AN_ADDRESS) from error
    if len(address.url) > MAX_ADDRESS_CHARACTERS:
        raise ValueError("too long to be opened")
    return address


def _parse_mailto(rest: str) -> WebAddress:
    recipients, _, fields = rest.partition("?")
    if not recipients:
        raise ValueError("names nobody to write to")
    if re.search(r"(?i)(^|&)attach(ment)?=", unquote(fields)):  # some mail programs obey it
        raise ValueError("asks to attach a file")
    return WebAddress(f"mailto:{_encode_rest(rest)}", _encode_rest(recipients))


def _parse_hierarchy(scheme: str, rest: str) -> WebAddress:
    """Return the web address of `scheme` with the `rest` of the text after its colon."""
    authority, rest = _split(r"[/\\?#]", rest.lstrip("/\\"))
    user, at, authority = authority.rpartition("@")
    name, colon, password = user.partition(":")
    user = f"{quote(name, safe='%')}{colon}{quote(password, safe='%')}{at}"
    host, port = _split(r":(?![^\[]*\])", authority)
    host, port = _parse_host(host), _parse_port(port[1:], _DEFAULT_PORTS[scheme])
    path, after_path = _split("[?#]", rest)
    path = path.replace("\\", "/")
    return WebAddress(f"{scheme}://{user}{host}{port}{_encode_rest(path + after_path)}", host)


def _split(pattern: str, text: str) -> tuple[str, str]:
    """Return `text` up to the first match of `pattern`, and from there on."""
    match = re.search(pattern, text)
    return (text[: match.start()], text[match.start() :]) if match else (text, "")


def _encode_rest(text: str) -> str:
    """Return what comes after the host, with all but the usual ASCII characters as escapes."""
    return quote(text, safe=_UNENCODED)


def _parse_port(digits: str, default: int) -> str:
    """Return a port with its colon, or nothing for the default port."""
    if not re.fullmatch("0*[0-9]{0,5}", digits) or int(digits or default) > 0xFFFF:
        raise ValueError(_NOT_AN_ADDRESS)
    port = int(digits or default)
    return "" if port == default else f":{port}"


def _parse_host(text: str) -> str:
    """Return a host in ASCII and lower case. Raises `ValueError` if it is none."""
    if text.startswith("["):
        return _parse_ipv6(text)
    host = _map_to_ascii(unquote(text))
    if not host or re.search(_FORBIDDEN_IN_HOST, host):
        raise ValueError(_NOT_AN_ADDRESS)
    parts = host.removesuffix(".").split(".")
    is_number = re.fullmatch("[0-9]+|0x[0-9a-f]*", parts[-1])
    return _parse_ipv4(parts) if is_number else host


def _map_to_ascii(host: str) -> str:
    """Return `host` with its international labels as punycode. Raises `ValueError`.

    Follows UTS 46, but judges by general categories which characters are allowed. A browser may
    refuse a name that is returned; it never reads it as another one.
    """
    import unicodedata  # only links to the outside need it

    def map_case(match: re.Match[str]) -> str:
        folded = unicodedata.normalize("NFKC", match[0]).casefold()
        return unicodedata.normalize("NFKC", folded)

    if host.isascii():
        host = host.lower()
    else:
        if "\u1e9e" in host:  # its mapping has changed between versions
            raise ValueError(_NOT_AN_ADDRESS)
        host = re.sub(_MAPPED_CHARACTER, map_case, re.sub(_IGNORED_IN_HOST, "", host))
        host = unicodedata.normalize("NFC", re.sub("[\u3002\uff0e\uff61]", ".", host))
    labels = host.split(".")
    for number, label in enumerate(labels):
        is_encoded = label.startswith("xn--")
        name = label[4:].encode("ascii").decode("punycode") if is_encoded else label
        if (is_encoded or not name.isascii()) and not _is_allowed_label(name):
            raise ValueError(_NOT_AN_ADDRESS)
        if not name.isascii():
            labels[number] = f"xn--{name.encode('punycode').decode('ascii')}"
    return ".".join(labels)


def _is_allowed_label(label: str) -> bool:
    """Return whether an international label has only characters that a name may have."""
    from unicodedata import bidirectional, category, combining

    for before, character, after in zip(f".{label}", label, f"{label[1:]}.", strict=False):
        if character in "\u200c\u200d":  # joiners: after a virama, or between Arabic letters
            is_arabic = bidirectional(before) == bidirectional(after) == "AL"
            if combining(before) != _VIRAMA and not (character == "\u200c" and is_arabic):
                return False
        elif category(character)[0] in "CZ" or character == "\ufffd":
            return False
    return category(label[:1] or ".")[0] != "M" and not label.isascii()


def _parse_ipv4(parts: list[str]) -> str:
    """Return an IPv4 address with decimal numbers. Its parts may be octal or hexadecimal."""
    numbers = [_parse_number(part) for part in parts]
    if len(numbers) > 4 or any(number > 255 for number in numbers[:-1]):
        raise ValueError(_NOT_AN_ADDRESS)
    free_bytes = 5 - len(numbers)
    if numbers[-1] >= 256**free_bytes:
        raise ValueError(_NOT_AN_ADDRESS)
    value = [*numbers[:-1], *numbers[-1].to_bytes(free_bytes, "big")]
    return ".".join(map(str, value))


def _parse_number(part: str) -> int:
    if not re.fullmatch("0x[0-9a-f]{0,64}|[0-9]{1,64}", part):
        raise ValueError(_NOT_AN_ADDRESS)
    base = 16 if part.startswith("0x") else 8 if part.startswith("0") else 10
    try:
        return int(part[2 if base == 16 else 0 :] or "0", base)
    except ValueError as error:  # a digit above 7
        raise ValueError(_NOT_AN_ADDRESS) from error


def _parse_ipv6(text: str) -> str:
    """Return an IPv6 address in its shortest form, with its brackets."""
    from ipaddress import IPv6Address

    if not re.fullmatch(r"\[[0-9a-fA-F:.]+\]", text):
        raise ValueError(_NOT_AN_ADDRESS)
    try:
        groups = IPv6Address(text[1:-1]).exploded.split(":")
    except ValueError as error:
        raise ValueError(_NOT_AN_ADDRESS) from error
    short = ":".join(group.lstrip("0") or "0" for group in groups)
    zeros = max(re.findall(r"(?<![0-9a-f])0(?::0)+(?![0-9a-f])", short), key=len, default="")
    if zeros:
        before, _, after = f":{short}:".partition(f":{zeros}:")
        short = f"{before.lstrip(':')}::{after.rstrip(':')}"
    return f"[{short}]"
