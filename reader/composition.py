"""In which manner a text is set, as far as the reader may choose: one value, handed down.

The settings make it, the galley and the typesetter obey it. Knows no text and no file.
"""

from __future__ import annotations

from typing import Final, NamedTuple

LANGUAGE: Final = "en_US"
"""By whose rules words are divided in a story that doesn't name its language."""
WIDEST_SPACING: Final = 2


class Composition(NamedTuple):
    """How paragraphs are set."""

    justified: bool = False
    """Flush on both sides."""
    hyphens: str = ""
    """The language by whose rules words may be divided at a line's end; empty: none may."""
    indent: bool = False
    """Paragraphs begin with an indent instead of standing a row apart."""
    spacing: int = 1
    """Rows from one line of prose to the next."""

    def in_language(self, language: str) -> Composition:
        """Return this manner for a story in `language`, empty if it doesn't say."""
        return self._replace(hyphens=language or LANGUAGE) if self.hyphens else self


PLAIN: Final = Composition()
"""What is set if nobody chose anything."""
