"""Line breaking: the offsets where the lines of a paragraph start.

The text is cut into units, which are words or parts of words at dashes and, in Chinese and
Japanese, characters. Lines are filled greedily, or balanced so that they are equally full.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING, Final

from reader.text.cells import is_single_width, list_cell_offsets
from reader.text.document import OffsetRange
from reader.text.words import may_have_wide_characters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


MAX_BALANCED_WORDS: Final = 1_500
"""Words. A longer paragraph is broken greedily: it never fits on a screen, and it takes time."""
_MAX_BALANCED_CHARACTERS: Final = 30_000
"""Characters. A longer paragraph has more words than that; even to split it takes too long."""
_WIDOW_FRACTION: Final = 0.25
"""A last line of one word is a widow if it is narrower than this fraction of the measure."""
_DASHES: Final = "–—"
"""Characters that don't begin a line."""
_OPENERS: Final = "“‘(["
_PREFERRED_CUTS: Final = "\u00a0/\\-._?&=+,;:@"
"""Characters after which a word is cut first, if it is longer than a line."""
_CHUNK: Final = re.compile("[^ ]+")
_NOT_SPACE: Final = re.compile("[^ ]")
_WIDE_CHARACTERS: Final = "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\U00020000-\U0003fffd"
"""Ranges of a regular expression: Chinese, Japanese and Korean characters."""
_NEVER_FIRST: Final = "–—、。，．・：；？！ー―…‥）〕］｝〉》」』】〙〗〟’”ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ々〻゛゜,.!?:;)]}%"
_NEVER_LAST: Final = "（〔［｛〈《「『【〘〖〝‘“([{"
"""No line of Chinese or Japanese begins with the former characters, or ends with the latter."""


def break_greedily(text: str, measure: int, hang: int = 0) -> list[int]:
    """Return the offsets where the lines of `text` start, each line as full as possible.

    The first line has `measure` cells and the others `measure - hang`. Spaces at the end of a
    line may exceed the measure.
    """
    return _break_indented(_fill_lines, text, max(1, measure), max(1, measure - hang))


def break_balanced(text: str, measure: int, hang: int = 0) -> list[int]:
    """Return the offsets where the lines of `text` start, with lines that are equally full.

    There are as many lines as `break_greedily` returns, of the same measures. The sum of the
    squares of the cells left free at the ends of all lines but the last is as small as possible.
    It is a simple case of the algorithm of Knuth and Plass (Breaking Paragraphs into Lines,
    1981), without hyphens and stretching.
    """
    return _break_indented(_balance_lines, text, max(1, measure), max(1, measure - hang))


def break_evenly(text: str, measure: int) -> list[int]:
    """Return the offsets where the lines of `text` start, with lines of similar length.

    For titles and decks, in which the last line should be as long as the others. It finds the
    smallest measure up to `measure` cells that needs no more lines and cuts no word.
    """
    cells = _measure_text(text)
    lines = len(break_greedily(text, measure))
    lead_cells = cells[len(text) - len(text.lstrip(" "))]
    widest_cells = lead_cells + _count_widest_cells(split_units(text, cells), cells)
    low, high = max(1, measure // 2, widest_cells), max(1, measure)
    while low < high and lines > 1:
        middle = (low + high) // 2
        if len(break_greedily(text, middle)) > lines:
            low = middle + 1
        else:
            high = middle
    return break_balanced(text, high)


_NEAR_PART: Final = 4
"""A line of code ends after a space if its last part, one of four, has one."""


def cut_lines(text: str, measure: int, hang: int = 0) -> list[int]:
    """Return the offsets where the lines of `text` start if it is cut at the measure, as code is.

    The first line has `measure` cells and the others `measure - hang`. A line ends after a space
    if there is one in its last quarter.
    """
    first, rest = max(1, measure), max(1, measure - hang)
    cells = None if text.isascii() else list_cell_offsets(text)
    starts, start, room = [0], 0, first
    while (end := _find_cut(text, cells, start, room)) < len(text):
        space = text.rfind(" ", max(start, end - room // _NEAR_PART), end)
        end = space + 1 if text[start : max(start, space)].strip() else end
        starts.append(end)
        start, room = end, rest
    return starts


def _find_cut(text: str, cells: Sequence[int] | None, start: int, room: int) -> int:
    """Return the offset of the first character from `start` on that isn't within `room` cells.

    `cells` has the cell of each character, or is None if they are one cell wide.
    """
    if cells is None:
        return start + room
    index = max(start + 1, bisect_right(cells, cells[start] + room) - 1)
    while index < len(text) and cells[index + 1] == cells[index]:
        index += 1  # a combining mark stays with its letter
    return index


def _break_indented(
    break_text: Callable[[str, int, int], list[int]], text: str, first: int, rest: int
) -> list[int]:
    """Break `text` with `break_text`; the spaces it begins with are part of its first line."""
    lead = len(text) - len(text.lstrip(" "))
    if not lead or lead == len(text):
        return break_text(text, first, rest)
    fits = lead < first - 1  # with room for a wide character after the spaces
    starts = break_text(text[lead:], first - lead if fits else rest, rest)
    return [0, *(lead + start for start in starts[1 if fits else 0 :])]


def _fill_lines(text: str, first: int, rest: int) -> list[int]:
    if is_single_width(text):
        return _fill_single_width(text, first, rest)
    cells = list_cell_offsets(text)
    return _fill_units(text, split_units(text, cells), cells, first, rest)


def _balance_lines(text: str, first: int, rest: int) -> list[int]:
    if len(text) > _MAX_BALANCED_CHARACTERS:
        return _fill_lines(text, first, rest)
    cells = _measure_text(text)
    if isinstance(cells, range) and len(text) <= first:
        return [0]
    units = split_units(text, cells)
    if _count_widest_cells(units, cells) > min(first, rest) or len(units) > MAX_BALANCED_WORDS:
        return _fill_units(text, units, cells, first, rest)
    return _balance_units(units, cells, first, rest)


def _fill_single_width(text: str, first: int, rest: int) -> list[int]:
    """Fill lines of a text in which every character takes one cell, without splitting it."""
    starts, start, room, end = [0], 0, first, len(text.rstrip())
    breaks_only_at_spaces = "  " not in text and not any(dash in text for dash in "-–—")
    while end - start > room:
        limit = start + room
        if breaks_only_at_spaces:
            cut = text.rfind(" ", start + 1, limit + 1) + 1
        else:
            cut = _find_space_before(text, start, limit)
            cut = max(cut, _find_dash_before(text, max(cut, start), limit))
        if cut <= start:
            cut = _find_forced_break(text, start, limit, range(end + 1))
        while text[cut] == " ":
            cut += 1
        start, room = cut, rest
        starts.append(start)
    return starts


def _find_space_before(text: str, start: int, limit: int) -> int:
    """Return the offset after the last space at which a line from `start` may end, or 0."""
    cut = text.rfind(" ", start + 1, limit + 1)
    while cut > start:
        following = _NOT_SPACE.search(text, cut)
        if following is None or following[0] not in _DASHES:
            return cut + 1
        while text[cut - 1] == " ":
            cut -= 1
        cut = text.rfind(" ", start + 1, cut)
    return 0


def _find_dash_before(text: str, low: int, limit: int) -> int:
    """Return the offset after the last dash in `text[low:limit]` at which a line may end, or 0."""
    best = 0
    for dash in "-–—":
        offset = text.rfind(dash, low, limit)
        while offset >= 0 and not _can_break_after(text, offset):
            offset = text.rfind(dash, low, offset)
        best = max(best, offset + 1)
    return best


def _can_break_after(text: str, dash: int) -> bool:
    """Return whether a line may end with the dash at offset `dash`, which is inside a chunk."""
    after = text[dash + 1 : dash + 3]
    if text[dash] == "—":
        before = text[dash - 1 : dash]
        return (
            bool(before.strip())
            and before not in _OPENERS
            and (after[:1].isalnum() or after[:1] in tuple(_OPENERS))
        )
    return dash >= 2 and text[dash - 2 : dash].isalpha() and len(after) == 2 and after.isalpha()


def _find_forced_break(text: str, start: int, limit: int, cells: Sequence[int]) -> int:
    """Return where to break a line from `start` that has no good break up to `limit`.

    After a space, after one of `_PREFERRED_CUTS` in the line's second half, or anywhere.
    """
    cut = text.rfind(" ", start + 1, limit + 1)
    if cut > start:
        return cut + 1
    whole_characters = (cut for cut in range(limit, start, -1) if cells[cut + 1] > cells[cut])
    for cut in whole_characters:
        if cut <= start + (limit - start) // 2:
            break
        if text[cut - 1] in _PREFERRED_CUTS and text[cut] not in _DASHES:
            return cut
    before = limit - 1
    is_letter = before > start and text[before] not in _DASHES and cells[limit] > cells[before]
    return before if text[limit] in _DASHES and is_letter else max(limit, start + 1)


_INNER_DASH: Final = re.compile("[-–—]")


def _measure_text(text: str) -> Sequence[int]:
    """Return `list_cell_offsets` of `text`; a range if each character takes one cell."""
    return range(len(text) + 1) if is_single_width(text) else list_cell_offsets(text)


def split_units(text: str, cells: Sequence[int]) -> list[OffsetRange]:
    """Return the units of `text`: the ranges inside which lines aren't broken.

    `cells` are the cells where its characters begin; a range if each takes one cell.
    """
    units: list[OffsetRange] = []
    is_single_width = isinstance(cells, range)
    for chunk in _CHUNK.finditer(text, 0, len(text.rstrip())):
        start, end = chunk.span()
        if is_single_width and _INNER_DASH.search(text, start, end) is None:  # most words
            units.append(OffsetRange(start, end))
            continue
        pieces = list(_split_chunk(text, start, end, cells))
        if units and text[start] in _DASHES:
            pieces[0] = OffsetRange(units.pop().start, pieces[0].end)
        units += pieces
    return units


@cache
def _compile_wide_pattern() -> re.Pattern[str]:
    """Return the pattern of breaks between wide characters, as rules of kinsoku allow them.

    Lines of Chinese or Japanese don't begin with 。or 」 nor end with 「. Compiled on first use:
    its ranges take milliseconds.
    """
    first, last = re.escape(_NEVER_FIRST), re.escape(_NEVER_LAST)
    return re.compile(
        f"(?<=[{_WIDE_CHARACTERS}])(?<![{last}])(?![{first} ])(?=.)"
        f"|(?<![{last} ])(?<=.)(?=[{_WIDE_CHARACTERS}])(?![{first}])"
    )


def _count_widest_cells(units: Sequence[OffsetRange], cells: Sequence[int]) -> int:
    return max((cells[end] - cells[start] for start, end in units), default=0)


def _split_chunk(text: str, start: int, end: int, cells: Sequence[int]) -> Iterator[OffsetRange]:
    """Yield the units of a run of characters without spaces."""
    cuts = {
        offset + 1
        for offset in range(start, end - 1)
        if text[offset] in "-–—" and _can_break_after(text, offset)
    }
    if not isinstance(cells, range) and may_have_wide_characters(text[start:end]):
        between = (
            match.start() for match in _compile_wide_pattern().finditer(text, start + 1, end)
        )
        cuts.update(cut for cut in between if cells[cut + 1] > cells[cut])
    for cut in sorted(cuts):
        if start < cut < end:
            yield OffsetRange(start, cut)
            start = cut
    yield OffsetRange(start, end)


def _fill_units(
    text: str, units: Sequence[OffsetRange], cells: Sequence[int], first: int, rest: int
) -> list[int]:
    """Fill lines with `units`, and cut a unit that is wider than a line."""
    starts, line_start, room = [0], 0, first
    for start, end in units:
        if cells[end] - cells[line_start] <= room:
            continue
        if start > line_start:
            line_start, room = start, rest
            starts.append(line_start)
        while cells[end] - cells[line_start] > room:
            limit = line_start + 1
            while limit < end and cells[limit + 1] - cells[line_start] <= room:
                limit += 1
            while limit < end and cells[limit] == cells[limit + 1]:
                limit += 1  # a combining mark stays with its letter
            cut = _find_forced_break(text, line_start, limit, cells) if limit < end else end
            while cut < end and text[cut] == " ":
                cut += 1
            if cut >= end:
                break
            line_start, room = cut, rest
            starts.append(line_start)
    return starts


def _balance_units(
    units: Sequence[OffsetRange], cells: Sequence[int], first: int, rest: int
) -> list[int]:
    """Return the starts of the fewest lines of least cost; the last line costs nothing."""
    count = len(units)
    start_cells = [cells[start] for start, _ in units]
    end_cells = [cells[end] for _, end in units]
    line_cost = (max(first, rest) ** 2 + 1) * (count + 1)
    best = [0] * (count + 1)
    next_start = [count] * count
    for i in range(count - 1, -1, -1):
        room = rest if i else first
        start_cell, least = start_cells[i], -1
        for j in range(i, count):
            slack = room - end_cells[j] + start_cell
            if slack < 0:
                break
            if j + 1 < count:
                cost = line_cost + slack * slack + best[j + 1]
            else:
                cost = line_cost + get_last_line_penalty(i, j, end_cells[j] - start_cell, room)
            if least < 0 or cost <= least:
                least, next_start[i] = cost, j + 1
        best[i] = least
    starts, i = [0], next_start[0] if count else 0
    while i < count:
        starts.append(units[i][0])
        i = next_start[i]
    return starts


def get_last_line_penalty(first: int, last: int, filled_cells: int, room: int) -> int:
    """Return the cost of a last line from unit `first` to `last`, in squared cells.

    It is 0, except for a widow: one short word alone.
    """
    is_widow = first == last and first > 0 and filled_cells < room * _WIDOW_FRACTION
    return (room // 2) ** 2 if is_widow else 0
