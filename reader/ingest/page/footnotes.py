"""Tell the footnotes of a page apart from its links and lists.

A footnote is an element with an id to which a link in the text leads, whose own text is the number
of the note. It leads back to that link, or stands in a list of notes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reader.ingest.page.html_tree import Node


_REFERENCE: Final = re.compile(r"\[?(?:note )?(\d{1,3}|[*†‡§]|[a-z])\]?")
_NOTE_ID: Final = re.compile(
    r"(?:^|[-_:#])(?:fn|foot|footnote|note|endnote|cite_note|ftn|_ftn|sdfootnote)", re.IGNORECASE
)
_BACK: Final = re.compile(r"[↩︎⤴^↑\s]*|\[?\d{1,3}\]?\.?|back|return|jump up", re.IGNORECASE)


class Footnotes:
    """The footnotes of a story, numbered as they are referred to."""

    def __init__(self, parts: list[Node]) -> None:
        self.notes: dict[str, Node] = {}
        """The element of each note, by its number."""
        self._numbers: dict[int, str] = {}
        """The number of the note to which a link leads, by the link's id."""
        targets = {
            node.get("id") or node.get("name"): node
            for part in parts
            for node in part.walk()
            if node.get("id") or (node.tag == "a" and node.get("name"))
        }
        for part in parts:
            for link in part.find_all("a"):
                self._read_link(link, targets)

    def _read_link(self, link: Node, targets: dict[str, Node]) -> None:
        fragment = link.get("href").partition("#")[2]
        target = targets.get(fragment)
        if target is None or not _REFERENCE.fullmatch(link.read_text()):
            return
        item = next(
            (
                each
                for each in (target, *target.ancestors(3))
                if each.tag in ("li", "p", "dd", "div", "aside")
            ),
            None,
        )
        notes = [item, *self.notes.values()]
        if item is None or any(each is note for each in link.ancestors() for note in notes):
            return  # it leads back from a note
        if item.length > 3_000 or not (_NOTE_ID.search(fragment) or _leads_back(item, link)):
            return
        known = next((number for number, node in self.notes.items() if node is item), "")
        number = known or str(len(self.notes) + 1)
        self.notes[number] = item
        self._numbers[id(link)] = number

    def find_reference(self, link: Node) -> str:
        """Return the number of the note to which a link leads, empty if it leads to none."""
        return self._numbers.get(id(link), "")

    def take_notes(self) -> list[tuple[str, Node]]:
        """Take the notes out of the text, without the links back to it, and return them."""
        for node in self.notes.values():
            for link in node.find_all("a"):
                if link.get("href").startswith("#") and _BACK.fullmatch(link.read_text()):
                    link.dropped = True
            node.dropped = True
        return list(self.notes.items())


def _leads_back(item: Node, link: Node) -> bool:
    """Return whether a link in `item` leads to the place of `link`."""
    names = {each.get("id") or each.get("name") for each in (link, *link.ancestors(2))} - {""}
    return any(each.get("href").partition("#")[2] in names for each in item.find_all("a"))
