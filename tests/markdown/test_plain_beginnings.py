"""A text that begins with plain prose is shown without markdown-it, with the same blocks."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.library.files import find_bundled_folder
from reader.library.story import read_source
from reader.markdown.parser import parse
from reader.markdown.plain_prose import find_plain_beginning
from reader.markdown.slices import parse_slices
from reader.text.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PIECES = [
    "a", "Some words", "é", "漢字", "한", "1", "12", "12. ", "1) ", " ", " ", "  ", "\n", "\n", "\n\n", "\n\n", "\n \n",
    "*", "*", "**", "***", "_", "# ", "## ", "#", "- ", "+ ", "-", "--", "---", "===", "==", "=", "> ", ": ",
    ":", "~ ", "~~", "|", "[a]", "[a]: b", "[^1]", "[^1]: c", "^", "%%", "$$", "<b>", "&amp;", "\t", "\\", "`",
    "{", "{: .x}", "://", "http://a.b", '"', "'", "“", "”", "’", "…", "...", ".", ",", "!", "?", "(", ")", "—", "–",
    "\u00a0", "\u3000", "\u00ad", "\x0c", "✓ ", "import a", "/", "@", "%", "+", ";", "«", "»", "¿", "[!NOTE]",
]  # fmt: skip
SENTENCES = [
    'He said "so" and *left*.', "*Best* of times,", "the **worst**, of times!", "(*Almost* nobody)", "“*Who?*”",
    "*Who goes there?* he asked.", "It was---as they say---late.", "1984 was a *good* year", "A line\nand *another*\nline.",
    "漢字\n漢字", "漢字\n*漢字*", "- no item", "It's 5 * 3.", "A *b* c*d*.", "Rock ’n’ roll...", "*a*-*b*", "a* b *c",
    "**a** *b* **c**", "*a **b** c*", "under_score", "*a\nb* c", "x *a*b", "*(a)* b", "*a*. *b*, *c*; *d*: *e*! *f*? *g*",
]  # fmt: skip
BLOCKS = [
    "\n\n",
    "\n\n",
    "\n\n",
    "\n",
    " ",
    " ",
    "\n\n# ",
    "\n\n## ",
    "\n\n: ",
    "\n---\n",
    "\n\n- ",
    "\n\n1. ",
]


def collect(text: str, title: str, monkeypatch: pytest.MonkeyPatch, size: int) -> Document:
    monkeypatch.setattr("reader.markdown.plain_prose.MIN_CHARACTERS", 0)
    monkeypatch.setattr("reader.markdown.slices.FIRST_SLICE_CHARACTERS", size)
    document = Document()
    for piece in parse_slices(text, title):
        document.extend(piece.blocks)
        if piece.is_last:
            document.finish(piece.footnotes)
    return document


def assert_same(text: str, size: int = 400) -> None:
    with pytest.MonkeyPatch.context() as patch:
        fast, slow = collect(text, "A", patch, size), parse(text, "A")
    assert (fast.blocks, fast.footnotes) == (slow.blocks, slow.footnotes)
    assert fast.is_complete


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.integers(1, 30))
def test_any_text_has_the_blocks_of_the_parser(text: str, size: int) -> None:
    assert_same(text, size)


@given(st.lists(st.tuples(st.sampled_from(SENTENCES), st.sampled_from(BLOCKS)), max_size=9))
def test_prose_has_the_blocks_of_the_parser(parts: list[tuple[str, str]]) -> None:
    assert_same("".join(map("".join, parts)))


@pytest.mark.parametrize("path", sorted(find_bundled_folder().glob("*.md")), ids=lambda p: p.stem)
def test_the_included_stories_have_the_blocks_of_the_parser(path: Path) -> None:
    assert_same(read_source(path).body, 3_000)


PROSE = 'Some *plain* prose, with "quotes", dashes — and **strong** words...\nIt has two lines.'


@pytest.mark.parametrize(
    ("text", "end"),
    [
        (f"# A heading\n\n{PROSE}\n\n{PROSE}\n", None),
        (f"\n\n{PROSE}\n\n## 1. A heading\n\n{PROSE}", None),
        (f"{PROSE}\n\n{PROSE}\n\n- An item\n", len(PROSE) + 2),
        (f"{PROSE}\n\nA term\n\n: Its definition\n", len(PROSE) + 2),
        (f"{PROSE}\n\nWith `code`.\n", 0),
        (f"{PROSE}\n\nUnderlined\n---\n", 0),
    ],
    ids=["prose", "blank lines", "before a list", "before a definition", "one block", "underlined"],
)
def test_plain_prose_is_taken_up_to_the_last_block_before_anything_else(
    text: str, end: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader.markdown.plain_prose.MIN_CHARACTERS", 0)
    beginning = find_plain_beginning(text, 4_000)
    assert beginning is not None
    assert beginning.end == (len(text) if end is None else end)


def test_a_beginning_of_less_than_some_screens_is_left_to_the_parser() -> None:
    assert find_plain_beginning(f"{PROSE}\n\n" * 40 + "- An item\n", 16_000) is None
    assert find_plain_beginning(f"{PROSE}\n\n" * 140 + "- An item\n", 16_000) is not None


def test_a_long_text_of_plain_prose_is_opened_without_markdown_it(
    write: Callable[[str, str], Path],
) -> None:
    path = write("long.md", f"# A title\n\n{f'{PROSE}{chr(10) * 2}' * 500}- An item\n")
    program = f"""
import sys
from pathlib import Path
from reader.library.story import read_source
from reader.session.jobs import describe_text
story, text = describe_text(read_source(Path({str(path)!r})), "")
assert story.title == "A title" and sum(len(b.text) for b in next(text.slices).blocks) > 8_000
sys.exit("markdown_it" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
