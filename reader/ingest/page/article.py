"""Find the article in a page: the elements that hold the story, without what surrounds it.

Paragraphs give points to the elements they are in, as in Mozilla's Readability
(https://github.com/mozilla/readability), whose weights are used. Three rules are added. What holds
a third of the page's prose is never junk, whatever its name or tag. If the best element holds less
than 60 % of the prose, its ancestors are tried. If the result is short, the search is repeated
without guessing from names.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reader.ingest import word_set
from reader.ingest.copied.boilerplate import is_boilerplate
from reader.ingest.page.boxes import (
    BoxCleaner,
    get_label,
    is_attribution,
    link_density,
    rate_names,
)
from reader.ingest.page.html_tree import has_block, measure_tree, sum_prose

if TYPE_CHECKING:
    from reader.ingest.page.html_tree import Node, Page


_NEVER_TEXT: Final = word_set(
    "script style noscript template svg canvas iframe object embed form button input select textarea nav link meta"
    " dialog head title menu audio video map datalist"
)
_MAY_HOLD_TEXT: Final = word_set("form nav button dialog object menu")
"""Those of them that some pages wrap round the whole story."""
_EMPTY_TAGS: Final = word_set("div section p ul ol li aside")
"""Elements that are nothing without text or pictures."""
_ROLES: Final = word_set(
    "menu menubar complementary navigation alert alertdialog dialog banner contentinfo search tablist toolbar"
)
_UNLIKELY: Final = re.compile(
    r"-ad-|ai2html|banner|breadcrumb|combx|comment(?!ar)|community|cookie|consent|disqus|extra|footer|gdpr|header|legends|menu"
    r"|related|remark|replies|rss|shoutbox|sidebar|skyscraper|social|sponsor|supplemental|ad-break|agegate|pagination"
    r"|pager|popup|yom-remote|newsletter|subscribe|promo|recirc|share|toolbar|widget|modal|paywall|signup|sign-up"
    r"|author-bio|masthead|lightbox|tooltip|screen-reader|sr-only|visually-hidden|skip-link|editsection|\blandmark\b|edit-section|page-?num(?:ber)?\b",
    re.IGNORECASE,
)
_MAYBE: Final = re.compile(
    r"and|article|body|column|content|main|shadow|post|entry|story", re.IGNORECASE
)
_AROUND: Final = re.compile(
    r"comment(?!ar)|respons|repl(?:y|ies)|disqus|discussion|related|recirc|recommend|footer|sidebar|aside|promo|teaser"
    r"|newsletter|more-(?:from|news|posts|stories|articles)|also-like|read-?next|up-?next|card|latest|trending|subscri|disclaim|author|bio",
    re.IGNORECASE,
)
"""Names of what stands around a story and may hold prose."""
_CONSENT: Final = re.compile(
    r"cookie-?(?:law|consent|notice|banner|bar|popup|policy)|onetrust|cybotcookiebot|didomi|cmplz|cli-(?:modal|tab|bar)|gdpr"
    r"|consent-|truste|sp_message|usercentrics|qc-cmp|osano",
    re.IGNORECASE,
)
"""Names of dialogs about cookies. Their text may be longer than a short story."""
_HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_KEPT_TAGS: Final = word_set("body html a article main p pre code table h1 h2 h3 blockquote")
_BASE_SCORES: Final = {
    "div": 5, "article": 8, "main": 6, "pre": 3, "td": 3, "blockquote": 3, "address": -3, "ol": -3, "ul": -3, "dl": -3,
    "dd": -3, "dt": -3, "li": -3, "form": -3, "h1": -5, "h2": -5, "h3": -5, "h4": -5, "h5": -5, "h6": -5, "th": -5,
}  # fmt: skip
_BUTTON_TAGS: Final = word_set("div span a p figcaption")
_MIN_BUTTON, _MAX_BUTTON = 16, 80
"""Characters of what a button or a notice says. Shorter ones may be words of the story."""
_MIN_SCORED: Final = 25
_MIN_PROSE: Final = 60
_MIN_RESULT: Final = 250
"""Characters of a result that is good enough not to search again."""


def find_article(page: Page) -> list[Node]:
    """Return the elements that hold the story, in their order; what isn't in it is `dropped`."""
    parts: list[Node] = []
    for is_strict in (True, False):
        page.restore()
        body = _find_body(page.root)
        measure_tree(body)
        paragraphs = sum(p.length for p in body.find_all("p") if p.length > _MIN_PROSE)
        total = paragraphs or body.length
        _prune(body, total, is_strict=is_strict)
        measure_tree(body)
        sum_prose(body, _find_prose(body))
        top = _find_top(body)
        parts = _gather(top) if top is not None else [body]
        size = sum(part.length for part in parts)
        for part in parts:
            BoxCleaner(max(size, 1)).clean(part)
            measure_tree(part)
        if sum(part.length for part in parts) >= _MIN_RESULT:
            break
    return parts


def _find_body(root: Node) -> Node:
    bodies = [node for node in root.walk() if node.tag == "body"]
    return bodies[0] if bodies else root


@lru_cache(maxsize=4096)
def _is_around(label: str) -> bool:
    return bool(_AROUND.search(label))


# What can't be part of the story


def _prune(body: Node, total: int, *, is_strict: bool) -> None:
    """Drop what can't be part of the story; nothing that holds a third of the prose is dropped."""
    pending = [body]
    while pending:
        for child in pending.pop().children:
            if child.tag == "#text":
                continue
            child.dropped = _is_junk(child, total, is_strict=is_strict)
            if not child.dropped:
                pending.append(child)


def _is_junk(node: Node, total: int, *, is_strict: bool) -> bool:
    tag, is_large = node.tag, node.length > total / 3
    if not node.length and not node.media and tag in _EMPTY_TAGS and not node.get("id"):
        return True
    if tag in _NEVER_TEXT:
        return not (is_large and tag in _MAY_HOLD_TEXT)
    if _CONSENT.search(node.label) and tag not in ("body", "html") and node.length < 2.5 * total:
        return True
    if is_large:
        return False
    is_button = tag in _BUTTON_TAGS and not node.media and _MIN_BUTTON <= node.length <= _MAX_BUTTON
    if is_button and is_boilerplate(node.read_text()):
        return True
    return _is_unseen(node) or (is_strict and _is_named_as_junk(node, total))


def _is_unseen(node: Node) -> bool:
    """Return whether an element isn't shown, or serves to move about in the page."""
    is_hidden = "hidden" in node.attributes or bool(_HIDDEN_STYLE.search(node.get("style")))
    is_silent = node.get("aria-hidden") == "true" and "fallback-image" not in node.label
    return is_hidden or is_silent or node.get("role") in _ROLES


def _is_named_as_junk(node: Node, total: int) -> bool:
    tag, label = node.tag, get_label(node)
    if tag == "article" and any(each.tag == "article" for each in node.ancestors()):
        return True  # a comment, or another story (HTML standard, 4.3.2)
    if tag not in _KEPT_TAGS and _UNLIKELY.search(label) and not _MAYBE.search(label):
        return not _holds_facts(node) and not _is_section_header(node, label)
    if tag in ("header", "footer", "aside") and node.length < total / 4:
        is_head = tag == "header" and (node.find_all("h1", "h2") or len(node.find_all("p")) > 2)
        return not is_head and not is_attribution(node)
    return False


def _holds_facts(node: Node) -> bool:
    """Return whether an element has code, or a table or caption with hardly any links beside it."""
    if node.find_all("pre"):
        return True
    return link_density(node) < 0.2 and bool(node.find_all("th", "figcaption"))


def _is_section_header(node: Node, label: str) -> bool:
    """Return whether an element is called a header because it holds the heading of a section."""
    is_called_so = "header" in label.lower() and not _UNLIKELY.search(
        re.sub("(?i)header", "", label)
    )
    is_in_story = any(each.tag in ("article", "main") for each in node.ancestors())
    return is_called_so and is_in_story and bool(node.find_all("h2", "h3", "h4"))


def _find_prose(body: Node) -> set[int]:
    """Return the ids of the elements that are paragraphs of the story's prose."""
    found = set()
    for node in body.walk():
        if node.length <= _MIN_PROSE or not _is_paragraph(node):
            continue
        is_around = any(
            _is_around(get_label(each)) or each.tag in ("aside", "footer")
            for each in node.ancestors(7)
        )
        if link_density(node) < 0.3 and not is_around:
            found.add(id(node))
    return found


def _is_paragraph(node: Node) -> bool:
    if node.tag in ("p", "pre"):
        return True
    if node.tag == "li":
        return not any(child.tag == "p" for child in node.elements())
    return node.tag in ("div", "td", "span", "blockquote", "section") and not has_block(node)


def _find_top(body: Node) -> Node | None:
    """Return the element with the most points for its paragraphs."""
    candidates = _score(body)
    if not candidates:
        return None
    for node in candidates:
        node.score = (node.score or 0.0) * (1 - min(link_density(node), 1))
    candidates.sort(key=lambda node: -(node.score or 0.0))
    top = _join_alternatives(candidates)
    top = _climb_by_score(top)
    top = _climb_by_prose(top, body.prose)
    for parent in top.ancestors():
        if parent.tag in ("body", "#root", "html") or len(parent.elements()) != 1:
            break
        top = parent
    return top


def _score(body: Node) -> list[Node]:
    candidates: list[Node] = []
    for node in body.walk():
        if node.length < _MIN_SCORED or not _gives_points(node):
            continue
        points = 1 + node.commas + min(node.length // 100, 3)
        for level, parent in enumerate(node.ancestors(5)):
            if parent.tag in ("#root", "html"):
                break
            if parent.score is None:
                parent.score = rate_names(parent) + _BASE_SCORES.get(parent.tag, 0)
                candidates.append(parent)
            parent.score += points / (1 if level == 0 else 2 if level == 1 else level * 3)
    return candidates


def _gives_points(node: Node) -> bool:
    if node.tag in ("p", "pre", "td", "blockquote"):
        return True
    if node.tag == "li":
        return not any(child.tag == "p" for child in node.elements())
    if node.tag in ("div", "section", "article", "span") and not has_block(node):
        return True
    loose = sum(child.length for child in node.children if child.tag == "#text")
    return node.tag == "div" and loose > 80


def _join_alternatives(candidates: list[Node]) -> Node:
    """Return the best element, or the one that it shares with others that are nearly as good."""
    top = candidates[0]
    best = max(top.score or 0.0, 1e-9)
    others = [each for each in candidates[1:6] if (each.score or 0.0) / best >= 0.75]
    if len(others) < 2:
        return top
    above = [{id(parent) for parent in each.ancestors()} for each in others]
    for parent in top.ancestors():
        if parent.tag in ("body", "#root", "html"):
            break
        if sum(id(parent) in ids for ids in above) >= 2:
            parent.score = parent.score or 0.0
            return parent
    return top


def _climb_by_score(top: Node) -> Node:
    """Return an ancestor whose points show that it holds more of the story."""
    last = top.score or 0.0
    least = last / 3
    for parent in top.ancestors():
        if parent.tag in ("body", "#root", "html"):
            break
        if parent.score is None:
            continue
        if parent.score < least:
            break
        if parent.score > last:
            return parent
        last = parent.score
    return top


def _climb_by_prose(top: Node, whole: int) -> Node:
    """Return an ancestor with 60 % of the prose, if `top` has less and it isn't full of links."""
    parent = top
    while parent.prose < 0.6 * whole:
        if parent.parent is None or parent.parent.tag in ("#root", "html"):
            break
        parent = parent.parent
    if parent is not top and parent.prose >= 0.6 * whole and link_density(parent) < 0.35:
        parent.score = parent.score or 0.0
        return parent
    return top


def _gather(top: Node) -> list[Node]:
    """Return `top` and the elements beside it that belong to the same story."""
    parent = top.parent
    if parent is None or parent.tag in ("#root", "html") or top.tag == "body":
        return [top]
    score = top.score or 0.0
    least = max(10.0, score * 0.2)
    parts = []
    for child in parent.elements():
        bonus = (
            score * 0.2 if child.get("class") and child.get("class") == top.get("class") else 0.0
        )
        is_part = child is top or (child.score is not None and child.score + bonus >= least)
        if child.tag == "p" and not is_part:
            density = link_density(child)
            is_sentence = (
                0 < child.length <= 80 and not density and re.search(r"\.( |$)", child.read_text())
            )
            is_part = bool((child.length > 80 and density < 0.25) or is_sentence)
        if is_part:
            parts.append(child)
    return parts
