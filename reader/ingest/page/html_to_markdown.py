"""Write the elements of a story as Markdown: a string for each block, and inline markup in it.

What Markdown can't say is written as the program's Markdown shows it best: a caption is a line of
emphasis under its picture, a row of line breaks is verse, small raised figures are characters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

from reader.ingest import SCENE_BREAK, escape_line_start, escape_paragraph
from reader.ingest.page.html_tree import BLOCKS
from reader.ingest.page.inline_markdown import GUTTER, LINE_BREAK, SILENT, InlineWriter
from reader.ingest.page.tables import is_data_table, is_in_head, list_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reader.ingest.page.footnotes import Footnotes
    from reader.ingest.page.html_tree import Node


_LANGUAGE: Final = re.compile(
    r"(?:^|\s)(?:lang(?:uage)?|brush|highlight(?:-source)?|sourceCode)[-: ]+([A-Za-z][\w+#-]{0,20})"
)
_MAX_PICTURES: Final = 20
"""Pictures of one figure."""
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_TEXT_BLOCKS: Final = ("p", "figcaption", "summary", "address", "dt", "caption", "legend")
_VERSE: Final = re.compile(r"\b(?:verse|poem|poetry|lyrics)\b", re.IGNORECASE)
"""A class of an element whose lines are verse."""
_BREAK_TEXT: Final = re.compile(r"(?:[*∗⁎•·~⁂✻❦—–_-]\s*){3,}|⁂|❦|#\s+#\s+#")
_SEPARATE_LINES: Final = re.compile(r"(?:\\\n[ \t]*){2,}")
_LINE_NUMBERS: Final = re.compile(r"\s*1\s+2(?:\s+\d{1,4})*\s*")
"""A column of the numbers of lines, which some pages put beside their code."""


class _Write(Protocol):
    """Adds the blocks of an element."""

    def __call__(self, node: Node, out: list[str], *, is_top: bool) -> None: ...


class Converter:
    """Writes a story's elements as blocks of Markdown."""

    def __init__(self, base: str, footnotes: Footnotes) -> None:
        self._inline = InlineWriter(base, footnotes)
        self.blocks: list[str] = []
        self._writers: dict[str, _Write] = {
            **dict.fromkeys(_HEADINGS, self._add_heading),
            **dict.fromkeys(_TEXT_BLOCKS, self._add_text_block),
            "dl": self._add_definitions,
            "pre": self._add_code,
            "figure": self._add_figure,
            "table": self._add_table,
        }

    def convert(self, parts: Iterable[Node]) -> list[str]:
        """Return the blocks of `parts`; each text in them gets the number of its block."""
        for part in parts:
            self._add_children([part], self.blocks, is_top=True)
        return self.blocks

    def convert_notes(self, notes: Iterable[tuple[str, Node]], number: int) -> list[str]:
        """Return a block for each footnote; its texts get the numbers from `number` on."""
        written = []
        for place, (name, node) in enumerate(notes):
            self._inline.number, node.dropped = number + place, False
            inner: list[str] = []
            self._add_children(node.children, inner)
            text = _indent("\n\n".join(inner), "    ").strip()
            text = re.sub(rf"^(?:{name}|[*†‡])\\?[.:]?\s+", "", text)
            written.append(f"[^{name}]: {text}")
        return written

    def _add_children(self, nodes: Iterable[Node], out: list[str], *, is_top: bool = False) -> None:
        """Add the blocks of these nodes; inline nodes in a row are a paragraph."""
        run: list[Node] = []
        for node in nodes:
            if node.dropped or node.tag in SILENT:
                continue
            if node.tag == "#text" or not _holds_block(node):
                run.append(node)
                continue
            self._flush(run, out, is_top=is_top)
            self._add_block(node, out, is_top=is_top)
        self._flush(run, out, is_top=is_top)

    def _flush(self, run: list[Node], out: list[str], *, is_top: bool) -> None:
        if run:
            nodes = list(run)
            run.clear()
            code = _find_lone_code(nodes)
            if code is not None:
                self._add_code(code, out, is_top=is_top)
            else:
                self._add_paragraphs(self._inline.write(nodes), out, is_top=is_top)

    def _append(self, out: list[str], text: str, *, is_top: bool) -> None:
        if text.strip():
            out.append(text)
            if is_top:
                self._inline.number = len(out)

    def _add_paragraphs(self, text: str, out: list[str], *, is_top: bool) -> None:
        for piece in _SEPARATE_LINES.split(text):
            lines = [escape_line_start(line.strip()) for line in piece.split("\n")]
            paragraph = re.sub(
                r"^(?:\\\n)+|\\$", "", "\n".join(line for line in lines if line and line != "\\")
            )
            if _BREAK_TEXT.fullmatch(paragraph.replace("\\", "")):
                paragraph = SCENE_BREAK
            self._append(out, paragraph, is_top=is_top)

    def _add_block(self, node: Node, out: list[str], *, is_top: bool) -> None:
        tag = node.tag
        if "syntaxhighlighter" in node.label:
            self._add_code(node, out, is_top=is_top)
        elif tag in ("ul", "ol", "menu"):
            self._append(out, self._write_list(node), is_top=is_top)
        elif tag == "blockquote":
            self._append(out, _quote(self._convert_inside(node)), is_top=is_top)
        elif tag == "hr":
            self._append(out, SCENE_BREAK, is_top=is_top)
        else:
            write = self._writers.get(tag)
            if write is not None:
                write(node, out, is_top=is_top)
            else:
                self._add_children(node.children, out, is_top=is_top)

    def _convert_inside(self, node: Node) -> str:
        inner: list[str] = []
        self._add_children(node.children, inner)
        return "\n\n".join(inner)

    def _add_text_block(self, node: Node, out: list[str], *, is_top: bool) -> None:
        if any(child.tag in BLOCKS for child in node.walk() if child is not node):
            self._add_children(node.children, out, is_top=is_top)
            return
        code = _find_lone_code(node.children)
        if code is not None:
            self._add_code(code, out, is_top=is_top)
            return
        text = self._inline.write(node.children)
        if node.tag in ("summary", "dt") and text.strip() and "**" not in text:
            text = f"**{text.strip()}**"
        self._add_paragraphs(text, out, is_top=is_top)

    def _add_heading(self, node: Node, out: list[str], *, is_top: bool) -> None:
        text = (
            self._inline.write(node.children)
            .replace(LINE_BREAK, " ")
            .replace("\n", " ")
            .replace("**", "")
            .strip()
        )
        if text:
            self._append(out, f"{'#' * max(2, int(node.tag[1]))} {text}", is_top=is_top)

    def _write_list(self, node: Node) -> str:
        """Return a list with the lists and other blocks in its items."""
        start = node.get("start")
        number = int(start) if start.isdecimal() and len(start) < 5 else 1
        items: list[str] = []
        is_loose = False
        loose: list[Node] = []
        for child in [*node.children, None]:
            if child is not None and (child.dropped or child.tag in SILENT):
                continue
            if child is not None and child.tag != "li":
                loose.append(child)
                continue
            if loose and (text := self._write_loose(loose)):
                items.append(_indent(text, "  ") if items else text)
            loose = []
            if child is None:
                break
            inner: list[str] = []
            self._add_children(child.children, inner)
            if not inner:
                continue
            sign = f"{number}. " if node.tag == "ol" else "- "
            number += 1
            box = _find_box(child)
            is_loose = is_loose or _has_paragraphs(child)
            separator = (
                "\n\n"
                if _has_paragraphs(child) or any("\n```" in f"\n{each}" for each in inner)
                else "\n"
            )
            items.append(sign + box + _indent(separator.join(inner), " " * len(sign)).lstrip())
        return ("\n\n" if is_loose else "\n").join(items)

    def _write_loose(self, nodes: list[Node]) -> str:
        inner: list[str] = []
        self._add_children(nodes, inner)
        return "\n\n".join(inner)

    def _add_definitions(self, node: Node, out: list[str], *, is_top: bool) -> None:
        for child in node.children:
            if child.dropped or child.tag in SILENT:
                continue
            if child.tag == "dd":
                inner = self._convert_inside(child)
                if inner and out and not out[-1].startswith(("#", "`", "|", ">", "-")):
                    out[-1] += f"\n: {_indent(inner, '  ').lstrip()}"
                else:
                    self._append(out, inner, is_top=is_top)
            elif child.tag == "dt":
                text = self._inline.write(child.children).replace(LINE_BREAK, " ").strip()
                self._append(out, escape_line_start(text), is_top=is_top)
            else:
                self._add_block(child, out, is_top=is_top)

    def _add_code(self, node: Node, out: list[str], *, is_top: bool) -> None:
        text = self._inline.read_code(node).strip("\n")
        if not text.strip() or _LINE_NUMBERS.fullmatch(text):
            for each in node.walk():
                each.block = -1  # it isn't in the story
            return
        if node.tag == "pre" and _VERSE.search(node.label):
            self._add_verse(text, out, is_top=is_top)
            return
        longest = max((len(run) for run in re.findall("`+", text)), default=0)
        fence = "`" * max(3, longest + 1)
        self._append(out, f"{fence}{_find_language(node)}\n{text}\n{fence}", is_top=is_top)

    def _add_verse(self, text: str, out: list[str], *, is_top: bool) -> None:
        """Add the stanzas of verse whose lines are kept as those of code are."""
        for stanza in re.split(r"\n[ \t]*\n", text):
            lines = [escape_paragraph(line) for line in stanza.split("\n") if line.strip()]
            self._append(out, "\\\n".join(lines), is_top=is_top)

    def _add_figure(self, node: Node, out: list[str], *, is_top: bool) -> None:
        """Add a picture with its caption under it, as a line of emphasis."""
        captions = [
            each
            for each in node.find_all("figcaption")
            if not any(a.tag == "figcaption" for a in each.ancestors(3))
        ]
        caption = " ".join(self._write_caption(each) for each in captions).strip()
        for each in captions:
            each.dropped = True  # the rest is written without them
        if any(each.tag in ("pre", "table", "blockquote", "ul", "ol") for each in node.walk()):
            self._add_children(node.children, out, is_top=is_top)
            self._append(out, caption, is_top=is_top)
            return
        images = node.find_all("img")
        pictures = [text for each in images if (text := self._inline.write_picture(each))]
        loose = [each for each in node.walk() if each.tag == "#text" and each.text.strip()]
        text = " ".join(self._inline.write([each], plain=True).strip() for each in loose)
        if text and pictures and not caption:
            caption = f"*{text}*"
        elif text:
            pictures.append(escape_line_start(text))
        lines = [*dict.fromkeys(pictures[:_MAX_PICTURES]), *filter(None, [caption])]
        self._append(out, "\n".join(lines), is_top=is_top)

    def _write_caption(self, node: Node) -> str:
        text = self._inline.write(node.children, plain=True).replace(LINE_BREAK, " ")
        text = " ".join(text.split())
        return f"*{text}*" if text else ""

    def _add_table(self, node: Node, out: list[str], *, is_top: bool) -> None:
        rows = list_rows(node)
        for caption in (each for each in node.elements() if each.tag == "caption"):
            self._add_text_block(caption, out, is_top=is_top)
        if not is_data_table(node, rows):
            for row in rows:
                for cell in (each for each in row if not GUTTER.search(each.label)):
                    self._add_children(cell.children, out, is_top=is_top)
            return
        lines = [self._write_row(row) for row in rows]
        lines = [line for line in lines if any(line)]
        if not lines:
            return
        width = max(map(len, lines))
        lines = [[*line, *[""] * (width - len(line))] for line in lines]
        head = (
            lines[0]
            if any(cell.tag == "th" for cell in rows[0]) or is_in_head(rows[0])
            else [""] * width
        )
        body = lines[1:] if head is lines[0] else lines
        written = [f"| {' | '.join(line)} |" for line in (head, *body)]
        written.insert(1, f"|{' --- |' * width}")
        self._append(out, "\n".join(written), is_top=is_top)

    def _write_row(self, row: list[Node]) -> list[str]:
        cells: list[str] = []
        for cell in row:
            text = self._inline.write(cell.children).replace(LINE_BREAK, " ").replace("\n", " ")
            cells.append(re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split())))
            span = cell.get("colspan")
            cells += [""] * (min(int(span), 20) - 1 if span.isdecimal() and len(span) < 4 else 0)
        return cells


def _holds_block(node: Node) -> bool:
    return node.tag in BLOCKS or any(each.tag in BLOCKS for each in node.walk())


def _find_lone_code(nodes: Iterable[Node]) -> Node | None:
    """Return the code of several lines that a paragraph consists of."""
    filled = [
        node for node in nodes if not node.dropped and (node.tag != "#text" or node.text.strip())
    ]
    if len(filled) != 1 or filled[0].tag != "code":
        return None
    node = filled[0]
    has_lines = any(
        each.tag == "br" or (each.tag == "#text" and "\n" in each.text.strip())
        for each in node.walk()
    )
    return node if has_lines else None


def _find_language(node: Node) -> str:
    """Return the language of code, which its classes or those around it name."""
    for each in (
        node,
        *(child for child in node.elements() if child.tag == "code"),
        *node.ancestors(2),
    ):
        named = each.get("data-lang") or each.get("data-language")
        match = _LANGUAGE.search(each.get("class"))
        if match is not None or re.fullmatch(r"[A-Za-z][\w+#-]{0,20}", named):
            return (match[1] if match is not None else named).lower()
    return ""


def _find_box(item: Node) -> str:
    """Return the check box of an item of a task list, which was dropped as a control."""
    first = [child for child in item.children if child.tag != "#text"][:1]
    for box in [*first, *(child for each in first for child in each.children[:1])]:
        if box.tag == "input" and box.get("type").lower() == "checkbox":
            return "[x] " if "checked" in box.attributes else "[ ] "
    return ""


def _has_paragraphs(item: Node) -> bool:
    return (
        sum(child.tag in ("p", "pre", "blockquote", "figure", "table") for child in item.elements())
        > 1
    )


def _indent(text: str, spaces: str) -> str:
    return "\n".join(spaces + line if line else line for line in text.split("\n"))


def _quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n")) if text else ""
