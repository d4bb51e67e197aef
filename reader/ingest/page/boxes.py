"""Drop the boxes within a story that aren't part of it: share buttons, teasers, lists of links.

Also what the classes and ids of an element say about it, which decides for much of a page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reader.ingest import word_set

if TYPE_CHECKING:
    from reader.ingest.page.html_tree import Node


_POSITIVE: Final = re.compile(
    r"article|body|content|entry|hentry|h-entry|main|page|pagination|post|text|blog|story|prose|markup",
    re.IGNORECASE,
)
_NEGATIVE: Final = re.compile(
    r"-ad-|(?<![\w-])hidden(?![\w-])|^hid$| hid$| hid |^hid |banner|combx|comment(?!ar)|com-|contact|foot(?!note)|gdpr|masthead|media|meta|outbrain"
    r"|promo|related|scroll|share|shoutbox|sidebar|skyscraper|sponsor|shopping|tags|tool|widget|newsletter|subscribe",
    re.IGNORECASE,
)
_BUILDER: Final = re.compile(
    r"elementor-widget[\w-]*|website-component-block|code-toolbar|et_pb_\w*|wp-block-media-text[\w-]*",
    re.IGNORECASE,
)
"""Classes that programs for making pages give to all they make."""
_APPENDED: Final = re.compile(
    r"share|sharedaddy|social|related|newsletter|subscribe|signup|comment(?!ar)|promo|jp-relatedposts|author-box|post-tags"
    r"|recirc|toc\b|table-of-contents|cookie|breadcrumb|(?<![a-z])ads?-|advert|sponsor",
    re.IGNORECASE,
)
"""Names of small boxes within a story that aren't part of it."""
_MENU: Final = re.compile(
    r"menu|nav|tags?\b|categor|share|social|related|toc\b|links|crumb|pag(?:er|ination)|archive|recent",
    re.IGNORECASE,
)
_MAX_CARD: Final = 800
"""Characters of the longest teaser of another story."""
_NO_BOXES: Final = word_set("p h1 h2 h3 article main li a span pre code td")
_CONTAINERS: Final = word_set("table ul ol div section fieldset dl")
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")


@lru_cache(maxsize=4096)
def _strip_label(label: str) -> str:
    return _BUILDER.sub("", label)


def get_label(node: Node) -> str:
    """Return the classes and the id of an element, without those that say nothing."""
    return _strip_label(node.label)


def link_density(node: Node) -> float:
    """Return the share of an element's text that is in links, 0 to 1."""
    return node.link_length / node.length if node.length else 0.0


@lru_cache(maxsize=4096)
def _rate_label(label: str) -> int:
    return 25 * bool(_POSITIVE.search(label)) - 25 * bool(_NEGATIVE.search(label)) if label else 0


def rate_names(node: Node) -> int:
    """Return the points that an element gets for its classes and its id, -50 to 50."""
    return _rate_label(_strip_label(node.get("class"))) + _rate_label(node.get("id"))


@dataclass(slots=True)
class _Counts:
    """What an element holds, dropped parts aside."""

    length: int = 0
    links: float = 0.0
    commas: int = 0
    paragraphs: int = 0
    images: int = 0
    items: int = 0
    inputs: int = 0
    heading_length: int = 0
    list_length: int = 0
    figures: int = 0
    rows: int = 0
    head_cells: int = 0
    rules: int = 0
    codes: int = 0
    linked_headings: int = 0

    def add(self, other: _Counts) -> None:
        """Add each of another element's counts."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))


_COUNTS: Final = tuple(field.name for field in fields(_Counts))


_COUNTED: Final = {
    "p": "paragraphs", "img": "images", "li": "items", "input": "inputs", "figure": "figures", "tr": "rows",
    "th": "head_cells", "caption": "head_cells", "thead": "head_cells", "hr": "rules", "br": "rules",
    "pre": "codes",
}  # fmt: skip


class BoxCleaner:
    """Drops share buttons, lists of links and the like from a part of the story."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._counts: dict[int, _Counts] = {}

    def clean(self, part: Node) -> None:
        """Drop the boxes in `part`, the inner ones first."""
        order = [node for node in part.walk() if node.tag != "#text"]
        for node in reversed(order):  # children before their parents
            counts = self._count(node)
            if node is not part and self._is_box(node, counts):
                node.dropped = True
            else:
                self._counts[id(node)] = counts

    def _count(self, node: Node) -> _Counts:
        totals = _Counts()
        for child in node.children:
            if child.tag == "#text":
                totals.length += child.length
                totals.commas += child.commas
            elif not child.dropped:
                if (inner := self._counts.get(id(child))) is not None:
                    totals.add(inner)
                if (name := _COUNTED.get(child.tag)) is not None:
                    setattr(totals, name, getattr(totals, name) + 1)
        is_heading = node.tag in _HEADINGS
        if node.tag == "a":
            totals.links = totals.length * (0.3 if node.get("href").startswith("#") else 1)
        if is_heading:
            totals.heading_length = totals.length
        if node.tag in ("ul", "ol"):
            totals.list_length = totals.length
        is_linked_heading = is_heading and totals.links > 0.8 * totals.length
        if is_linked_heading or (node.tag == "a" and totals.heading_length):
            totals.linked_headings = 1
        return totals

    def _is_box(self, node: Node, counts: _Counts) -> bool:
        tag, length, total = node.tag, counts.length, self._total
        if tag in ("footer", "aside"):
            return length < total / 3 and not is_attribution(node)
        if counts.codes:
            return False
        if tag in ("ul", "ol", "div", "section") and self._holds_cards(node, length):
            return True
        is_small = length < 500 and length < total / 4
        if tag not in _NO_BOXES and is_small and _APPENDED.search(get_label(node)):
            return True
        return tag in _CONTAINERS and self._holds_boilerplate(node, counts)

    def _holds_boilerplate(self, node: Node, counts: _Counts) -> bool:
        if counts.heading_length * 2 >= max(counts.length, 1) and not counts.linked_headings:
            return False  # a heading with a button beside it
        if not counts.length:
            return not (counts.images or counts.rules or counts.figures)
        if rate_names(node) < 0 and counts.length < self._total / 3:
            return not _holds_facts(counts)
        return counts.commas < 10 and self._is_unlike_text(node, counts)

    def _holds_cards(self, node: Node, length: int) -> bool:
        """Return whether an element holds three or more teasers of other stories."""
        parts = [
            child for child in node.elements() if child.tag not in ("script", "style", "hr", "br")
        ]
        cards = [
            child
            for child in parts
            if (inner := self._counts.get(id(child))) is not None
            and 0 < inner.linked_headings <= 2
            and inner.length < _MAX_CARD
            and child.tag not in _HEADINGS
        ]
        return (
            len(cards) >= 3
            and len(cards) * 4 >= len(parts) * 3
            and length < self._total * (0.75 if all(_is_article(child) for child in cards) else 0.4)
        )

    def _is_unlike_text(self, node: Node, counts: _Counts) -> bool:
        tag, length, total = node.tag, counts.length, self._total
        density = counts.links / length
        is_list = tag in ("ul", "ol") or counts.list_length / length > 0.9
        has_figure = bool(counts.figures) or any(each.tag == "figure" for each in node.ancestors(3))
        if tag == "table" and (counts.head_cells or (counts.rows > 1 and density < 0.5)):
            return False
        is_good = rate_names(node) >= 25
        few_paragraphs = (
            counts.images > 1 and counts.paragraphs * 2 < counts.images and length < 200
        )
        is_stub = (
            counts.heading_length / length < 0.9
            and length < 25
            and not 0 < counts.images < 3
            and density > 0
        )
        return (
            (not has_figure and few_paragraphs)
            or (not is_list and counts.items - 100 > counts.paragraphs)
            or counts.inputs > counts.paragraphs / 3 + 0.1
            or (not is_list and not has_figure and is_stub)
            or (not is_list and not is_good and density > 0.2 and length < total / 3)
            or (not is_list and is_good and density > 0.5)
            or (
                is_list
                and density > 0.6
                and counts.items > 2
                and length < total / 3
                and self._is_menu(node)
            )
        )

    def _is_menu(self, node: Node) -> bool:
        """Return whether a list of links is a menu: its names say so, or entries of one follow."""
        return any(_MENU.search(get_label(each)) for each in (node, *node.ancestors(2)))


def _holds_facts(counts: _Counts) -> bool:
    """Return whether a box has a table or a picture with its caption, and hardly any links."""
    has_table = counts.rows > 2 or counts.head_cells > 1
    has_figure = counts.figures > 0 and counts.paragraphs < 2
    return (has_table or has_figure) and counts.links < 0.2 * counts.length


def _is_article(node: Node) -> bool:
    """Return whether a part of a list is an article of its own."""
    return node.tag == "article" or any(child.tag == "article" for child in node.elements())


def is_attribution(node: Node) -> bool:
    """Return whether a footer says who is quoted, or whose picture it is."""
    return node.tag == "footer" and any(
        each.tag in ("blockquote", "figure") for each in node.ancestors(3)
    )
