"""Blocks of a text as lists that JSON can store, and back.

A file that was written on purpose may hold anything, so each type and range is checked on the way
back, and each string for what must never reach the terminal.
"""

from __future__ import annotations

import re
from functools import cache, partial
from itertools import chain, islice, repeat
from operator import le
from typing import TYPE_CHECKING, Any, Final

from reader.text.cells import may_need_sanitizing, sanitize
from reader.text.document import (
    Block,
    Container,
    Kind,
    NestingLevel,
    Role,
    Span,
    TableColumns,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


_REQUIRED_FIELDS: Final = 3
"""The first fields of a block in JSON: kind, text and words. Empty ones at the end are left out."""
_DEFAULT_VALUES: Final[list[Any]] = [[], [], 0, "", False, None]
"""The other fields: spans, nesting, heading level, language, tight and columns."""
_make_block: Final[Callable[[tuple[Any, ...]], Block]] = partial(tuple.__new__, Block)
_make_span: Final[Callable[[tuple[Any, ...]], Span]] = partial(tuple.__new__, Span)
"""Make a named tuple from its fields, in a third of the time that calling its class takes."""
_KINDS: Final = {kind.value: kind for kind in Kind if kind.value >= Kind.PARAGRAPH.value}
"""The kinds of blocks that a story's text has."""
_CONTAINERS: Final = {container.value: container for container in Container}
_MAX_ROLE: Final = sum(role.value for role in Role)
_MAX_CELLS: Final = 1 << 26
"""The longest label or cell. A story's file isn't larger."""
_PLAIN_BYTES: Final = bytes(sorted({*range(0x20, 0x7F)} - {ord("\\")}))
"""ASCII that no string needs to be checked for."""
_COMMON_CHARACTERS: Final = "\n‘’“”–—…"
"""What else most texts have. The first screen of such a text compiles no pattern."""


def block_to_json(block: Block) -> list[Any]:
    """Return the fields of a block, of which JSON can store each."""
    spans = [[span.start, span.end, span.role.value, span.target] for span in block.spans]
    nesting = [[level.container.value, *level[1:]] for level in block.nesting]
    fields: list[Any] = [block.kind.value, block.text, block.words, spans, nesting]
    fields += [block.heading_level, block.language, block.tight, block.columns]
    while len(fields) > _REQUIRED_FIELDS and not fields[-1]:
        fields.pop()
    return fields


def is_clean(source: bytes) -> bool:
    """Return whether `sanitize` surely changes no string in a line of JSON.

    Looks only at what is not plain ASCII: sanitising each string takes longer than reading it.
    """
    rest = source.translate(None, _PLAIN_BYTES).decode().strip(_COMMON_CHARACTERS)
    has_escapes = "\\" in rest and re.search(rb"\\[^nt\"\\]", source)
    return not has_escapes and not may_need_sanitizing(rest)


def check_strings(value: object) -> None:
    """Raise `ValueError` if `sanitize` would change a string in lists of JSON."""
    require(not isinstance(value, str) or sanitize(value) == value)
    for item in value if isinstance(value, list) else ():
        check_strings(item)


def require(condition: object) -> None:
    """Raise `ValueError` unless `condition` holds."""
    if not condition:
        raise ValueError("a cached text is damaged")


def json_to_blocks(rows: list[list[Any]]) -> tuple[Block, ...]:
    """Return the blocks of a line. Raises `ValueError`, `TypeError` or `LookupError` if damaged.

    A checksum doesn't protect from a file that was written on purpose, so each type and range is
    checked: column by column, and by sums and joins, because a novel has 40,000 spans.
    """
    require(type(rows) is list)
    if not rows:
        return ()
    rows = [row + _DEFAULT_VALUES[len(row) - _REQUIRED_FIELDS :] for row in rows]
    kinds, texts, words, spans, nesting, levels, languages, tight, tables = zip(*rows, strict=True)
    require({*map(type, texts)} == {str} and {*map(type, tight)} == {bool})
    lengths = [*map(len, texts)]
    require(_are_integers(kinds, words, levels) and 0 <= min(levels) <= max(levels) <= 6)
    require(min(words) >= 0 and all(map(le, words, lengths)))
    is_table = Kind.TABLE.value.__eq__
    require([*map(is_table, kinds)] == [table is not None for table in tables])
    require(not any("\t" in text for text, table in zip(texts, tables, strict=True) if not table))
    columns = (
        map(_KINDS.__getitem__, kinds),
        texts,
        _json_to_spans(spans, lengths),
        _json_to_nesting(nesting),
        levels,
        languages,
        tight,
        words,
        map(_json_to_columns, tables, texts),
    )
    require("".join(languages).isprintable())
    return tuple(map(_make_block, zip(*columns, strict=True)))


def _are_integers(*columns: Sequence[Any]) -> bool:
    """Return whether the sum of each column is an integer; raise `TypeError` if it has none."""
    return all(type(sum(column)) is int for column in columns)


def _json_to_spans(
    spans: Sequence[list[Any]], lengths: Sequence[int]
) -> Iterable[tuple[Span, ...]]:
    """Return the spans of each block, whose text has the length given."""
    rows = [*chain.from_iterable(spans)]
    if not rows:
        return repeat((), len(spans))
    starts, ends, roles, targets = zip(*rows, strict=True)
    limits = chain.from_iterable(map(repeat, lengths, map(len, spans)))
    require(_are_integers(starts, ends, roles) and "".join(targets) is not None)
    require(min(starts) >= 0 and all(map(le, starts, ends)) and all(map(le, ends, limits)))
    require(0 <= min(roles) <= max(roles) <= _MAX_ROLE)
    flat = map(_make_span, zip(starts, ends, map(_parse_role, roles), targets, strict=True))
    return (tuple(islice(flat, len(row))) for row in spans)


def _json_to_nesting(nesting: Sequence[list[Any]]) -> Iterable[tuple[NestingLevel, ...]]:
    """Return the nesting of each block."""
    rows = [*chain.from_iterable(nesting)]
    if not rows:
        return repeat((), len(nesting))
    containers, labels, cells, is_first = zip(*rows, strict=True)
    require(_are_integers(containers, cells) and {*map(type, is_first)} == {bool})
    require(0 <= min(cells) <= max(cells) <= _MAX_CELLS)
    require(not {"\n", "\t"} & {*"".join(labels)})
    flat = map(NestingLevel, map(_CONTAINERS.__getitem__, containers), labels, cells, is_first)
    return (tuple(islice(flat, len(row))) for row in nesting)


def _json_to_columns(values: list[Any] | None, text: str) -> TableColumns | None:
    """Return the columns of a table with this `text`: at least as many as its longest row has."""
    if values is None:
        return None
    require(len(values) == len(TableColumns._fields))
    alignments, natural_widths, min_widths, header_cells, has_header, continues_row = values
    require(continues_row is False)  # pieces aren't cached
    require(all(type(part) is list for part in values[:4]) and type(has_header) is bool)
    require({*map(type, (*alignments, *header_cells))} <= {str})
    widths = (*natural_widths, *min_widths)
    require({*map(type, widths)} == {int} and min(widths) >= 0 and max(widths) <= _MAX_CELLS)
    count = max(row.count("\t") for row in text.split("\n")) + 1
    require(count <= len(natural_widths) == len(min_widths) <= len(alignments))
    return TableColumns(
        tuple(alignments), tuple(natural_widths), tuple(min_widths), tuple(header_cells), has_header
    )


@cache
def _parse_role(value: int) -> Role:
    return Role(value)  # slow to make, and few combinations occur
