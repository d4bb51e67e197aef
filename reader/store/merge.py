"""Merge two sets of reading data record by record: the later change wins."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reader.reading.progress import ReadStatus, merge_ranges
from reader.store.facts import parse_ranges

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reader.reading.progress import WordRanges
    from reader.store.facts import Fact

    FactsByKey = dict[tuple[str, object], Fact]


def merge_facts(ours: Iterable[Fact], theirs: Iterable[Fact]) -> list[Fact]:
    """Return the facts of two memories, numbered anew where theirs has something to add.

    Each memory's own order stays; between the two the earlier change comes first.
    """
    mine, other = _index_by_key(ours), _index_by_key(theirs)
    found = {key: _choose_later(mine.get(key), other.get(key)) for key in mine | other}
    for table, story in list(found):
        if table == "reading":
            _merge_words_read(story, mine, other, found)
        elif table == "story":
            _use_local_path(story, mine, found)
    _preserve_finished(mine, other, found)
    kept: list[Fact] = []
    added: list[Fact] = []
    for key, fact in found.items():
        known = mine.get(key)
        is_known = known is not None and _strip_serial(known) == _strip_serial(fact)
        (kept if is_known else added).append(known if known and is_known else fact)
    kept.sort(key=_get_serial)
    added.sort(key=_get_serial)
    return _renumber(kept, added) if kept and added else kept or added


def _index_by_key(facts: Iterable[Fact]) -> FactsByKey:
    found: FactsByKey = {}
    for fact in facts:
        found[fact.key] = _choose_later(found.get(fact.key), fact)
    return found


def _choose_later(one: Fact | None, other: Fact | None) -> Fact:
    """Return the fact that was changed later; of two at once, always the same."""
    return max((fact for fact in (one, other) if fact is not None), key=_make_sort_key)


def _make_sort_key(fact: Fact) -> tuple[str, str, str]:
    return fact.stamp.changed, fact.stamp.device, repr(fact.values)


def _strip_serial(fact: Fact) -> tuple[object, ...]:
    """Return a fact without its number, which is its memory's own."""
    return fact.values, fact.stamp.changed, fact.stamp.device


def _get_serial(fact: Fact) -> int:
    return fact.stamp.serial


def _merge_words_read(
    story: object, mine: FactsByKey, other: FactsByKey, found: FactsByKey
) -> None:
    """Unite the words read, or take the later ones and their text where the texts differ."""
    text, key = ("text", story), ("reading", story)
    one, two = mine.get(key), other.get(key)
    if one is None or two is None or _strip_serial(one) == _strip_serial(two):
        return
    later = found[key]
    texts = [facts[text] for facts in (mine, other) if text in facts]
    if len(texts) == 2 and texts[0].values != texts[1].values:
        found[text] = texts[0] if later is one else texts[1]
        return
    read = merge_ranges(_get_ranges(one), _get_ranges(two))
    if read != _get_ranges(later):
        values = (later.values[0], json.dumps(read), later.values[2])
        found[key] = later._replace(values=values)


def _use_local_path(story: object, mine: FactsByKey, found: FactsByKey) -> None:
    """Keep where this machine has the story: another one's path leads nowhere here."""
    key = ("story", story)
    if key in mine:
        key_and_path = mine[key].values[:3]
        found[key] = found[key]._replace(values=(*key_and_path, *found[key].values[3:]))


def _get_ranges(fact: Fact) -> WordRanges:
    return parse_ranges(str(fact.values[1]))


def _preserve_finished(mine: FactsByKey, other: FactsByKey, found: FactsByKey) -> None:
    """Let no mark that reading has set take a finished story back.

    Only the reader's hand does, and then the line is gone from the history too.
    """
    finishes = [fact.values for fact in found.values() if fact.table == "finish"]
    finished = {values[1] for values in finishes if not values[-1]}
    for key in mine.keys() & other.keys():
        marks = {facts[key].values[1] for facts in (mine, other)}
        if (
            key[0] == "mark"
            and key[1] in finished
            and marks == {ReadStatus.READING, ReadStatus.FINISHED}
        ):
            later = found[key]
            found[key] = later._replace(values=(later.values[0], ReadStatus.FINISHED.value))


def _renumber(ours: list[Fact], added: list[Fact]) -> list[Fact]:
    """Return two sequences as one, numbered from 1."""
    order: list[Fact] = []
    one, two = ours[::-1], added[::-1]
    while one or two:
        first = one if not two or (one and one[-1].stamp.changed <= two[-1].stamp.changed) else two
        order.append(first.pop())
    return [f._replace(stamp=f.stamp._replace(serial=n)) for n, f in enumerate(order, 1)]
