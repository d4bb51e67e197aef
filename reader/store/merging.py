"""Merge two stories of one store that turn out to be one, and import what other devices know.

A story is found twice if its file was read under a new path before it was known again, or on two
devices that had no common id for it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reader.reading.progress import merge_ranges
from reader.store.likeness import (
    Likeness,
    LikenessIndex,
    compare_words,
    count_common_parts,
)
from reader.store.records import index_by_key, merge_records, parse_ranges
from reader.store.schema import (
    TABLES,
    IdentityRow,
    ResponseRow,
    StoryRow,
    TagRow,
    TextRecordRow,
    WordsReadRow,
)
from reader.store.stories import (
    StoryDetails,
    choose_merge_target,
    load_known_stories,
    make_tag_key,
    put_details,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reader.store.records import Record, RecordStore


_STORY_TABLES: Final = tuple(
    table for table, row in TABLES.items() if "story_id" in row._fields and table != "identity"
)
"""The tables whose rows belong to a story."""
_HERE: Final = ""
"""Stands for this device, as that of a file. Its story may have been met first on another one."""
_LATE_QUERY: Final = f"""
    SELECT story_id FROM identity WHERE merged_into NOT IN ('', story_id) AND story_id IN (
        {" UNION ALL ".join(f"SELECT story_id FROM {table}" for table in _STORY_TABLES)})
"""  # noqa: S608  our own names


def merge_stories(
    store: RecordStore, source: str, target: str, details: StoryDetails | None
) -> None:
    """Give the story `target` all reading data of `source` and `details`, in one transaction.

    Of two values the later one stays, as when two devices are merged; words read are united,
    and responses are joined.
    """
    with store.transaction() as stamp:
        device = store.load_device()[0]
        row = store.find(IdentityRow, source) or IdentityRow(source, "", device, device, "")
        if row.merged_into != target:
            store.put(row._replace(merged_into=target), stamp)
        if details is not None:
            put_details(store, target, details, stamp)
        _move_records(store, source, target)


def merge_again(store: RecordStore) -> None:
    """Move reading data that was written for merged stories since, in one transaction.

    Another program, or an imported file, may have known only the old id.
    """
    late = store.fetch_all(_LATE_QUERY)
    if late:
        targets = _resolve(_load_merged(store))
        with store.transaction():
            for row in late:
                _move_records(store, row["story_id"], targets[row["story_id"]])


def _load_merged(store: RecordStore) -> dict[str, str]:
    """Return the stories that were merged into another one, and which."""
    rows = store.select(IdentityRow, "merged_into NOT IN ('', story_id)")
    return {row.story_id: row.merged_into for row in rows}


def _load_story(store: RecordStore, story_id: str) -> list[Record]:
    return [
        record
        for table in _STORY_TABLES
        for record in store.select_records(table, "story_id = ?", story_id)
    ]


def _move_records(store: RecordStore, source: str, target: str) -> None:
    old = _load_story(store, source)
    moved = combine(_load_story(store, target), [_rename(record, target) for record in old])
    for record in old:
        store.delete(record)
    store.import_records(moved)


def _rename(record: Record, story_id: str) -> Record:
    """Return a record as one of another story, changed when and where it was changed."""
    values = record.row._asdict() | {"story_id": story_id}
    if isinstance(record.row, TagRow):
        values["id"] = make_tag_key(story_id, record.row.tag)
    return record._replace(row=TABLES[record.table](**values))


def _resolve(merged: Mapping[str, str]) -> dict[str, str]:
    """Return for each merged story the one that has its reading data at last."""
    targets: dict[str, str] = {}
    for source in merged:
        target, seen = source, {source}
        while (following := merged.get(target)) and following not in seen:
            target = following
            seen.add(target)
        if target != source:
            targets[source] = target
    return targets


def combine(ours: Sequence[Record], theirs: Sequence[Record]) -> list[Record]:
    """Return the records of one story from those that it had under two ids.

    Each keeps the serial number of the later change.
    """
    theirs = _align_words(ours, theirs)
    ours = _align_words(theirs, ours)
    by_key, others = index_by_key(ours), index_by_key(theirs)
    combined = []
    for record in merge_records(ours, theirs):
        pair = [each for each in (by_key.get(record.key), others.get(record.key)) if each]
        serial = max(each.stamp.serial for each in pair)
        renumbered = record._replace(stamp=record.stamp._replace(serial=serial))
        combined.append(_join_responses(renumbered, pair))
    return combined


def _join_responses(record: Record, pair: Sequence[Record]) -> Record:
    """Return the record with both texts, the older one first, if it is a response."""
    if not isinstance(record.row, ResponseRow):
        return record
    ordered = sorted(pair, key=lambda each: (each.stamp.changed_at, each.stamp.device))
    texts = [each.row.text for each in ordered if isinstance(each.row, ResponseRow)]
    joined = ""
    for text in texts:
        if joined and text and text not in joined and joined not in text:
            joined = f"{joined}\n\n{text}"
        else:
            joined = max(joined, text, key=len)
    return record._replace(row=record.row._replace(text=joined))


def _align_words(later: Iterable[Record], records: Sequence[Record]) -> Sequence[Record]:
    """Return `records` with the words read numbered in the text of `later`, if that is later."""
    from reader.reading.revision import compare_versions, decode_record, map_ranges

    new, old = _find_text(later), _find_text(records)
    if new is None or old is None or new.row == old.row or new.stamp[1:] < old.stamp[1:]:
        return records
    if not (isinstance(new.row, TextRecordRow) and isinstance(old.row, TextRecordRow)):
        return records
    blocks = decode_record(new.row.blocks)
    revision = compare_versions(decode_record(old.row.blocks), blocks)
    words = sum(block.words for block in blocks)
    aligned = []
    for record in records:
        row = record.row
        if isinstance(row, WordsReadRow):
            ranges = map_ranges(parse_ranges(row.ranges), revision.mapped_ranges)
            row = row._replace(ranges=json.dumps(merge_ranges((), ranges)), word_count=words)
        aligned.append(new if record is old else record._replace(row=row))
    return aligned


def _find_text(records: Iterable[Record]) -> Record | None:
    return next((each for each in records if each.table == "text_record"), None)


def import_records(store: RecordStore, records: Sequence[Record]) -> int:
    """Merge the records of another device into `store`; return how many are new.

    What belongs to a story that was merged into another one, on either device, goes there.
    """
    merged = {
        record.row.story_id: record.row.merged_into
        for record in records
        if isinstance(record.row, IdentityRow) and record.row.merged_into
    }
    targets = _resolve(merged | _load_merged(store))
    merged_ids = {*targets.values()}
    stories: dict[str, dict[str, list[Record]]] = {}
    """By the id of the story that has the reading data at last, and by the id in the file."""
    others: list[Record] = []
    for record in records:
        story_id = "" if record.table == "identity" else _get_story_id(record)
        target = targets.get(story_id, story_id)
        if target in merged_ids:
            renamed = _rename(record, target)
            stories.setdefault(target, {}).setdefault(story_id, []).append(renamed)
        else:
            others.append(record)
    for parts in stories.values():
        combined: list[Record] = []
        for _, part in sorted(parts.items()):
            combined = combine(combined, part)
        others += combined
    count = store.merge(others)
    merge_again(store)
    _merge_alike(store)
    return count


def _merge_alike(store: RecordStore) -> None:
    """Merge imported stories with those of this device that have the same words.

    Two stories of one device are two on every device, so each is merged with one at most.
    """
    known = {each.id: each for each in load_known_stories(store) if not each.merged_into}
    local = {each.id: each for each in known.values() if each.is_local and each.fingerprint}
    index, pairs = LikenessIndex(local.values()), list[tuple[int, int, str, str]]()
    for other in known.values():
        for key in index.find(other) if not other.is_local else ():
            likeness = compare_words(other, local[key])
            if likeness >= Likeness.SIMILAR:
                common = count_common_parts(other.path, local[key].path)
                pairs.append((-likeness, -common, key, other.id))
    origins = {
        key: {each.origin, _HERE if each.is_local else each.origin} for key, each in known.items()
    }
    for row in store.select(IdentityRow, "merged_into <> ''"):
        origins.setdefault(row.merged_into, set()).add(row.origin)
    ids = {key: key for key in known}
    """The id under which each story is stored now."""
    for _, _, local_id, other_id in sorted(pairs):
        one, two = ids[local_id], ids[other_id]
        if one != two and origins[one].isdisjoint(origins[two]):
            target = choose_merge_target(one, two)
            source, details = two if target == one else one, _load_details(store, one)
            merge_stories(store, source, target, details)
            origins[target] = origins[one] | origins[two]
            ids |= {key: target for key, each_id in ids.items() if each_id == source}


def _load_details(store: RecordStore, story_id: str) -> StoryDetails | None:
    row, identity = store.find(StoryRow, story_id), store.find(IdentityRow, story_id)
    if row is None:
        return None
    return StoryDetails(
        Path(os.fsdecode(row.path)),
        row.folder,
        title=row.title,
        author=row.author,
        url=row.url,
        fingerprint=identity.fingerprint if identity is not None else "",
    )


def _get_story_id(record: Record) -> str:
    """Return the id of the story to which a record belongs, or ''."""
    return str(record.row._asdict().get("story_id", ""))
