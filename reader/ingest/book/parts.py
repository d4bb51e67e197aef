"""Which parts a book has, by its table of contents and the sizes of its files alone.

A file with several entries is split, and a file without one belongs to the part before it. How
deep entries begin a part of their own is chosen so that a book has several parts and none is
very long; deeper ones are headings. Only long files are read for it.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reader.ingest.book.contents import Entry

    FindPlaces = Callable[[str, list[str]], list[int]]


_MIN_PARTS: Final = 3
"""Parts from which on a level of the contents is that of the chapters."""
_MAX_PART_BYTES: Final = 120_000
"""Of a file; one with longer pieces is split at the next level too: some fifteen thousand words."""


class Piece(NamedTuple):
    """A file, or what is in it from one place up to the next."""

    name: str
    start: str
    """The id of the element with which it begins; empty for the file's beginning."""


class Part(NamedTuple):
    """A part of the book."""

    title: str
    """Empty if the contents don't name it."""
    pieces: tuple[Piece, ...]


def plan_parts(
    spine: Sequence[str],
    entries: Sequence[Entry],
    get_size: Callable[[str], int],
    find_places: FindPlaces,
) -> list[Part]:
    """Return the parts of a book whose files are `spine`, in the order of reading.

    `get_size` returns the bytes of a file; `find_places` returns where in a file elements begin,
    by their ids, for files that are too long for one part.
    """
    known = set(spine)
    by_file: dict[str, list[Entry]] = defaultdict(list)
    seen: set[tuple[str, str]] = set()
    for entry in entries:
        if entry.name in known and (entry.name, entry.fragment) not in seen:
            seen.add((entry.name, entry.fragment))
            by_file[entry.name].append(entry)
    depth = _choose_depth([entry for found in by_file.values() for entry in found])
    parts: list[tuple[str, list[Piece]]] = []
    for name in spine:
        starts = _choose_starts(name, by_file.get(name, []), depth, get_size(name), find_places)
        if not starts and parts and by_file:
            parts[-1][1].append(Piece(name, ""))
            continue
        if not starts:
            parts.append(("", [Piece(name, "")]))
        for number, entry in enumerate(starts):
            is_first = not number
            parts.append((entry.title, [Piece(name, "" if is_first else entry.fragment)]))
    return [Part(title, tuple(pieces)) for title, pieces in parts]


def _choose_depth(entries: list[Entry]) -> int:
    """Return the first level at which there are several parts."""
    depths = sorted({entry.depth for entry in entries})
    for depth in depths:
        if sum(entry.depth <= depth for entry in entries) >= _MIN_PARTS:
            return depth
    return depths[-1] if depths else 1


def _choose_starts(
    name: str, entries: list[Entry], depth: int, size: int, find_places: FindPlaces
) -> list[Entry]:
    """Return the entries of a file that begin a part; its first one always does."""
    chosen = {n for n, entry in enumerate(entries) if not n or entry.depth <= depth}
    if size > _MAX_PART_BYTES and len(chosen) < len(entries):
        places = find_places(name, [entry.fragment for entry in entries])
        _split_long(entries, chosen, [*places, size])
    return [entries[n] for n in sorted(chosen) if not n or entries[n].fragment]


def _split_long(entries: list[Entry], chosen: set[int], places: list[int]) -> None:
    """Add the entries of the next level in each piece that is too long, and so on."""
    bounds = [*sorted(chosen), len(entries)]
    pending = list(pairwise(bounds))
    while pending:
        first, last = pending.pop()
        inner = range(first + 1, last)
        if places[last] - places[first] <= _MAX_PART_BYTES or not inner:
            continue
        level = min(entries[n].depth for n in inner)
        added = [n for n in inner if entries[n].depth == level]
        chosen.update(added)
        pending += pairwise([first, *added, last])
