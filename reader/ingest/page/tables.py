"""Tell tables of facts from those that lay out a page, and list their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reader.ingest import word_set

if TYPE_CHECKING:
    from reader.ingest.page.html_tree import Node


_MAX_CELL: Final = 600
"""Characters of the longest cell of a table of facts. One with longer cells is laid out by it."""
_CELL_BLOCKS: Final = word_set("table ul ol dl pre blockquote figure h1 h2 h3 h4")


def list_rows(table: Node) -> list[list[Node]]:
    """Return the cells of each row, those of tables within aside."""
    rows = []
    for row in table.find_all("tr"):
        owner = next((each for each in row.ancestors() if each.tag == "table"), None)
        cells = [child for child in row.elements() if child.tag in ("td", "th")]
        if owner is table and cells:
            rows.append(cells)
    return rows


def is_data_table(table: Node, rows: list[list[Node]]) -> bool:
    """Return whether a table has facts in it, and doesn't only lay out the page."""
    if not rows or table.get("role") == "presentation":
        return False
    widest = max(map(len, rows))
    cells = [cell for row in rows for cell in row]
    if widest < 2 or any(each.tag in _CELL_BLOCKS for each in table.walk() if each is not table):
        is_list = any(
            each.tag in ("table", "pre", "figure", "blockquote")
            for each in table.walk()
            if each is not table
        )
        if widest < 2 or is_list or not any(cell.tag == "th" for cell in cells):
            return False
    longest = max(len(cell.read_text()) for cell in cells)
    return (longest <= _MAX_CELL and len(rows) > 1) or any(cell.tag == "th" for cell in cells)


def is_in_head(row: list[Node]) -> bool:
    """Return whether a row is in the head of its table."""
    return any(each.tag == "thead" for each in row[0].ancestors(3))
