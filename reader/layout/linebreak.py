"""Find where a paragraph may break into lines, and where it breaks best."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from reader.text.cells import cell_offsets, is_single_width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


_DASHES: Final = "–—"
"""A line doesn't begin with one of these."""
_OPENERS: Final = "“‘(["
_CHUNK: Final = re.compile("[^ ]+")
_NOT_SPACE: Final = re.compile("[^ ]")
_WIDE_CHARACTERS: Final = "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\U00020000-\U0003fffd"
_NOT_FIRST: Final = "–—、。，．・：；？！ー―…‥）〕］｝〉》」』】〙〗〟’”ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ々〻゛゜,.!?:;)]}%"
_NOT_LAST: Final = "（〔［｛〈《「『【〘〖〝‘“([{"
_PREFERRED_CUTS: Final = "\u00a0/\\-._?&=+,;:@"
MAX_BALANCED_WORDS: Final = 1_500
"""Words. A longer paragraph is broken greedily: nobody sees it whole, and it takes time."""
_MAX_BALANCED_CHARACTERS: Final = 30_000
"""Characters. A longer paragraph has more words than that; to cut it into them takes long enough."""
_WIDOW_FRACTION: Final = 0.25
"""A last line of one word, narrower than this part of the measure, is a widow."""


def break_greedily(text: str, measure: int, hang: int = 0) -> list[int]:
    """Return where the lines of `text` begin, each as full as it can be (offsets, characters).

    Each line fits `measure` cells; those after a first one `measure - hang`. White space at
    the end of a line hangs past the measure; it never forces a break.
    """
    return _break_indented(_fill_lines, text, max(1, measure), max(1, measure - hang))


def break_balanced(text: str, measure: int, hang: int = 0) -> list[int]:
    """Return where the lines of `text` begin, as many as `break_offsets`, evenly full.

    The sum of the squared room at each line's end but the last is the least there is: the
    minimum raggedness of Knuth and Plass, without hyphens or stretch.
    """
    return _break_indented(_balance_lines, text, max(1, measure), max(1, measure - hang))


def break_evenly(text: str, measure: int) -> list[int]:
    """Return where the lines of `text` begin, as few as can be and all of like length.

    For titles and decks, whose last line is not free: the narrowest measure that takes no
    more lines and cuts no word.
    """
    cells = cell_offsets(text)
    lines = len(break_greedily(text, measure))
    most = cells[len(text) - len(text.lstrip(" "))] + _count_widest_cells(
        split_units(text, cells), cells
    )
    low, high = max(1, measure // 2, most), max(1, measure)
    while low < high and lines > 1:
        middle = (low + high) // 2
        if len(break_greedily(text, middle)) > lines:
            low = middle + 1
        else:
            high = middle
    return break_balanced(text, high)


def fold_text(text: str, measure: int, hang: int = 0) -> list[int]:
    """Return where the lines of `text` begin if they are cut at the measure, wherever that is."""
    first, rest = max(1, measure), max(1, measure - hang)
    if text.isascii():
        return [0, *range(first, len(text), rest)]
    cells = cell_offsets(text)
    starts, at, room = [0], 0, first
    for index in range(1, len(text)):
        if cells[index + 1] - cells[at] > room and cells[index + 1] > cells[index]:
            at, room = index, rest
            starts.append(at)
    return starts


def _break_indented(
    breaker: Callable[[str, int, int], list[int]], text: str, first: int, rest: int
) -> list[int]:
    """Break `text` with `breaker`: spaces that it begins with are part of its first line."""
    lead = len(text) - len(text.lstrip(" "))
    if not lead or lead == len(text):
        return breaker(text, first, rest)
    fits = lead < first - 1  # a wide letter has room behind them
    starts = breaker(text[lead:], first - lead if fits else rest, rest)
    return [0, *(lead + start for start in starts[1 if fits else 0 :])]


def _fill_lines(text: str, first: int, rest: int) -> list[int]:
    if is_single_width(text):
        return _fill_single_width(text, first, rest)
    cells = cell_offsets(text)
    return _fill_units(text, split_units(text, cells), cells, first, rest)


def _balance_lines(text: str, first: int, rest: int) -> list[int]:
    even = is_single_width(text)
    if even and len(text) <= first:
        return [0]
    if len(text) > _MAX_BALANCED_CHARACTERS:
        return _fill_lines(text, first, rest)
    cells: Sequence[int] = range(len(text) + 1) if even else cell_offsets(text)
    units = split_units(text, cells)
    if _count_widest_cells(units, cells) > min(first, rest) or len(units) > MAX_BALANCED_WORDS:
        return _fill_units(text, units, cells, first, rest)
    return _balance_units(units, cells, first, rest)


def _fill_single_width(text: str, first: int, rest: int) -> list[int]:
    starts, at, room, end = [0], 0, first, len(text.rstrip())
    plain = "  " not in text and not any(dash in text for dash in "-–—")
    while end - at > room:
        if plain:
            cut = text.rfind(" ", at + 1, at + room + 1) + 1
        else:
            cut = _find_space_before(text, at, at + room)
            cut = max(cut, _find_dash_before(text, max(cut, at), at + room))
        if cut <= at:
            cut = _find_forced_break(text, at, at + room, range(end + 1))
        while text[cut] == " ":
            cut += 1
        at, room = cut, rest
        starts.append(at)
    return starts


def _find_space_before(text: str, at: int, limit: int) -> int:
    """Return the offset behind the last space at which a line may end, or 0."""
    cut = text.rfind(" ", at + 1, limit + 1)
    while cut > at:
        following = _NOT_SPACE.search(text, cut)
        if following is None or following[0] not in _DASHES:
            return cut + 1
        while text[cut - 1] == " ":
            cut -= 1
        cut = text.rfind(" ", at + 1, cut)
    return 0


def _find_dash_before(text: str, low: int, limit: int) -> int:
    """Return the offset behind the last dash in `low`..`limit` at which a line may end, or 0."""
    best = 0
    for dash in "-–—":
        at = text.rfind(dash, low, limit)
        while at >= 0 and not _can_break_after(text, at):
            at = text.rfind(dash, low, at)
        best = max(best, at + 1)
    return best


def _can_break_after(text: str, at: int) -> bool:
    """Tell whether a line may end with the dash at `at`, inside a run of letters."""
    after = text[at + 1 : at + 3]
    if text[at] == "—":
        before = text[at - 1 : at]
        return (
            bool(before.strip())
            and before not in _OPENERS
            and (after[:1].isalnum() or after[:1] in tuple(_OPENERS))
        )
    return at >= 2 and text[at - 2 : at].isalpha() and len(after) == 2 and after.isalpha()


def _find_forced_break(text: str, at: int, limit: int, cells: Sequence[int]) -> int:
    """Return where to break what offers no good break: at a space, a seam, or anywhere."""
    cut = text.rfind(" ", at + 1, limit + 1)
    if cut > at:
        return cut + 1
    whole = (cut for cut in range(limit, at, -1) if cells[cut + 1] > cells[cut])
    for cut in whole:
        if cut <= at + (limit - at) // 2:
            break
        if text[cut - 1] in _PREFERRED_CUTS and text[cut] not in _DASHES:
            return cut
    before = limit - 1
    is_letter = before > at and text[before] not in _DASHES and cells[limit] > cells[before]
    return before if text[limit] in _DASHES and is_letter else max(limit, at + 1)


def split_units(text: str, cells: Sequence[int]) -> list[tuple[int, int]]:
    """Return the (start, end) of each stretch of `text` that is not broken."""
    units: list[tuple[int, int]] = []
    for chunk in _CHUNK.finditer(text, 0, len(text.rstrip())):
        start, end = chunk.span()
        pieces = list(_split_chunk(text, start, end, cells))
        if units and text[start] in _DASHES:
            pieces[0] = (units.pop()[0], pieces[0][1])
        units += pieces
    return units


@cache
def _compile_wide_pattern() -> re.Pattern[str]:
    """Return kinsoku: lines of Chinese or Japanese don't begin with 。」 nor end with 「.

    Compiled when the first such line is broken: its ranges take milliseconds.
    """
    first, last = re.escape(_NOT_FIRST), re.escape(_NOT_LAST)
    return re.compile(
        f"(?<=[{_WIDE_CHARACTERS}])(?<![{last}])(?![{first} ])(?=.)"
        f"|(?<![{last} ])(?<=.)(?=[{_WIDE_CHARACTERS}])(?![{first}])"
    )


def _count_widest_cells(units: list[tuple[int, int]], cells: Sequence[int]) -> int:
    return max((cells[end] - cells[start] for start, end in units), default=0)


def _split_chunk(
    text: str, start: int, end: int, cells: Sequence[int]
) -> Iterator[tuple[int, int]]:
    cuts = {
        at + 1 for at in range(start, end - 1) if text[at] in "-–—" and _can_break_after(text, at)
    }
    if not isinstance(cells, range):
        between = (
            match.start() for match in _compile_wide_pattern().finditer(text, start + 1, end)
        )
        cuts.update(cut for cut in between if cells[cut + 1] > cells[cut])
    for cut in sorted(cuts):
        if start < cut < end:
            yield start, cut
            start = cut
    yield start, end


def _fill_units(
    text: str, units: list[tuple[int, int]], cells: Sequence[int], first: int, rest: int
) -> list[int]:
    starts, at, room = [0], 0, first
    for start, end in units:
        if cells[end] - cells[at] <= room:
            continue
        if start > at:
            at, room = start, rest
            starts.append(at)
        while cells[end] - cells[at] > room:
            limit = at + 1
            while limit < end and cells[limit + 1] - cells[at] <= room:
                limit += 1
            while limit < end and cells[limit] == cells[limit + 1]:
                limit += 1  # a mark stays with its letter
            cut = _find_forced_break(text, at, limit, cells) if limit < end else end
            while cut < end and text[cut] == " ":
                cut += 1
            if cut >= end:
                break
            at, room = cut, rest
            starts.append(at)
    return starts


def _balance_units(
    units: list[tuple[int, int]], cells: Sequence[int], first: int, rest: int
) -> list[int]:
    """Return the starts of the fewest lines with the least raggedness, last line free."""
    count = len(units)
    begins = [cells[start] for start, _ in units]
    ends = [cells[end] for _, end in units]
    line_price = (max(first, rest) ** 2 + 1) * (count + 1)
    best = [0] * (count + 1)
    follows = [count] * count
    for i in range(count - 1, -1, -1):
        room = rest if i else first
        begin, least = begins[i], -1
        for j in range(i, count):
            slack = room - ends[j] + begin
            if slack < 0:
                break
            if j + 1 < count:
                price = line_price + slack * slack + best[j + 1]
            else:
                price = line_price + get_last_line_penalty(i, j, ends[j] - begin, room)
            if least < 0 or price <= least:
                least, follows[i] = price, j + 1
        best[i] = least
    starts, i = [0], follows[0] if count else 0
    while i < count:
        starts.append(units[i][0])
        i = follows[i]
    return starts


def get_last_line_penalty(first: int, last: int, filled: int, room: int) -> int:
    """Return what a last line costs: nothing, but for one short word alone."""
    alone = first == last and first > 0 and filled < room * _WIDOW_FRACTION
    return (room // 2) ** 2 if alone else 0
