"""Merge two sets of reading data record by record: the later change wins."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reader.reading.progress import Mark, union
from reader.store.facts import ranges

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reader.reading.progress import Ranges
    from reader.store.facts import Fact

    Facts = dict[tuple[str, object], Fact]


def merged(ours: Iterable[Fact], theirs: Iterable[Fact]) -> list[Fact]:
    """Return the facts of two memories, numbered anew where theirs has something to add.

    Each memory's own order stays; between the two the earlier change comes first.
    """
    mine, other = _by_key(ours), _by_key(theirs)
    found = {key: _later(mine.get(key), other.get(key)) for key in mine | other}
    for table, story in list(found):
        if table == "reading":
            _unite(story, mine, other, found)
        elif table == "story":
            _stay(story, mine, found)
    _never_unread(mine, other, found)
    kept: list[Fact] = []
    added: list[Fact] = []
    for key, fact in found.items():
        known = mine.get(key)
        is_known = known is not None and _said(known) == _said(fact)
        (kept if is_known else added).append(known if known and is_known else fact)
    kept.sort(key=_serial)
    added.sort(key=_serial)
    return _numbered(kept, added) if kept and added else kept or added


def _by_key(facts: Iterable[Fact]) -> Facts:
    found: Facts = {}
    for fact in facts:
        found[fact.key] = _later(found.get(fact.key), fact)
    return found


def _later(one: Fact | None, other: Fact | None) -> Fact:
    """Return the fact that was changed later; of two at once, always the same."""
    return max((fact for fact in (one, other) if fact is not None), key=_order)


def _order(fact: Fact) -> tuple[str, str, str]:
    return fact.stamp.changed, fact.stamp.device, repr(fact.values)


def _said(fact: Fact) -> tuple[object, ...]:
    """Return a fact without its number, which is its memory's own."""
    return fact.values, fact.stamp.changed, fact.stamp.device


def _serial(fact: Fact) -> int:
    return fact.stamp.serial


def _unite(story: object, mine: Facts, other: Facts, found: Facts) -> None:
    """Unite the words read, or take the later ones and their text where the texts differ."""
    text, key = ("text", story), ("reading", story)
    one, two = mine.get(key), other.get(key)
    if one is None or two is None or _said(one) == _said(two):
        return
    later = found[key]
    texts = [facts[text] for facts in (mine, other) if text in facts]
    if len(texts) == 2 and texts[0].values != texts[1].values:
        found[text] = texts[0] if later is one else texts[1]
        return
    read = union(_ranges(one), _ranges(two))
    if read != _ranges(later):
        values = (later.values[0], json.dumps(read), later.values[2])
        found[key] = later._replace(values=values)


def _stay(story: object, mine: Facts, found: Facts) -> None:
    """Keep where this machine has the story: another one's path leads nowhere here."""
    key = ("story", story)
    if key in mine:
        key_and_path = mine[key].values[:3]
        found[key] = found[key]._replace(values=(*key_and_path, *found[key].values[3:]))


def _ranges(fact: Fact) -> Ranges:
    return ranges(str(fact.values[1]))


def _never_unread(mine: Facts, other: Facts, found: Facts) -> None:
    """Let no mark that reading has set take a finished story back.

    Only the reader's hand does, and then the line is gone from the history too.
    """
    finishes = [fact.values for fact in found.values() if fact.table == "finish"]
    finished = {values[1] for values in finishes if not values[-1]}
    for key in mine.keys() & other.keys():
        marks = {facts[key].values[1] for facts in (mine, other)}
        if key[0] == "mark" and key[1] in finished and marks == {Mark.READING, Mark.FINISHED}:
            later = found[key]
            found[key] = later._replace(values=(later.values[0], Mark.FINISHED.value))


def _numbered(kept: list[Fact], added: list[Fact]) -> list[Fact]:
    """Return two sequences as one, numbered from 1."""
    order: list[Fact] = []
    one, two = kept[::-1], added[::-1]
    while one or two:
        first = one if not two or (one and one[-1].stamp.changed <= two[-1].stamp.changed) else two
        order.append(first.pop())
    return [f._replace(stamp=f.stamp._replace(serial=n)) for n, f in enumerate(order, 1)]
