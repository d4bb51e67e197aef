"""Stars and tags in a session: for several stories at once, on the shelf, and undone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from session_driver import Reader

from reader.errors import BadUsage
from reader.finding.filters import filter_entries
from reader.fulltext.query import parse_query
from reader.reading.annotations import Highlight
from reader.render.text_output import entries_to_json
from reader.store.stories import Labels
from reader.text.document import Anchor, Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reader.session.session import Session


@pytest.fixture
def reader(write: Callable[[str, str], Path]) -> Reader:
    for name in ("Ann", "Bea", "Cid"):
        path = write(f"{name}.md", f"---\ntitle: {name}\ntags: [sea]\n---\n\nText of {name}.\n")
    return Reader(path.parent)


def list_found(session: Session, query: str) -> list[str]:
    found = filter_entries(session.list_entries(), parse_query(query), {})
    return [entry.story.title for entry in found]


def test_several_stories_are_starred_and_undone_at_once(reader: Reader) -> None:
    session, (ann, bea) = reader.session, map(reader.story, ("Ann", "Bea"))
    session.labels.toggle_star([ann])
    session.labels.toggle_star([ann, bea])
    assert list_found(session, "is:starred") == ["Ann", "Bea"]
    session.labels.toggle_star([ann, bea])
    assert list_found(session, "is:starred") == []
    session.undo()
    session.undo()
    assert list_found(session, "is:starred") == ["Ann"]
    session.undo()
    assert list_found(session, "-is:starred") == ["Ann", "Bea", "Cid"]


def test_own_tags_are_found_beside_those_of_the_file(reader: Reader) -> None:
    session, (ann, bea) = reader.session, map(reader.story, ("Ann", "Bea"))
    change = session.labels.change_tags([ann, bea], ["Work", "night"], [])
    assert change is not None
    assert len(change.edits) == 4
    assert session.labels.change_tags([ann], ["work"], ["day"]) is None
    session.labels.change_tags([bea], [], ["NIGHT"])
    assert list_found(session, "tag:work tag:sea") == ["Ann", "Bea"]
    assert list_found(session, "tag:night") == ["Ann"]
    assert session.labels.list_common_tags([ann, bea]) == ["Work"]
    (record,) = json.loads(entries_to_json(session.list_entries()[:1]))
    assert (record["tags"], record["own_tags"]) == (["sea"], ["night", "Work"])
    session.undo()
    session.undo()
    assert list_found(session, "tag:work") == []


def test_a_text_without_a_file_has_no_star(reader: Reader) -> None:
    story = reader.session.open_text(b"# Piped\n\nText.\n").story
    with pytest.raises(BadUsage, match="this text has no file"):
        reader.session.labels.toggle_star([story])


def test_an_entry_shows_the_labels_while_its_story_is_open(reader: Reader) -> None:
    reader.open("Ann")
    reader.session.labels.toggle_star([reader.story("Ann")])
    reader.session.shelf_list.load_view_data()
    assert reader.session.get_entry(reader.story("Ann")).labels == Labels(is_starred=True)


def test_another_session_of_the_same_data_sees_the_star(reader: Reader) -> None:
    reader.session.labels.toggle_star([reader.story("Ann")])
    other = Reader(reader.story("Ann").path.parent, reader.store)
    assert list_found(other.session, "is:starred") == ["Ann"]


def test_which_stories_have_annotations_follows_each_change(reader: Reader) -> None:
    annotations, store = reader.session.annotations, reader.store.annotation_store
    anchor = Anchor(Place(0, 0), "", "")
    when = datetime(2026, 1, 2, tzinfo=UTC)
    found = []
    changes: list[Callable[[], None]] = [
        lambda: store.save_highlight(Highlight("h", "ann", anchor, "Text", " \n", when)),
        lambda: store.save_note("h", "A note."),
        lambda: store.save_response("bea", "Yes."),
        lambda: store.set_deleted("h", is_deleted=True),
        lambda: store.save_response("bea", ""),
        lambda: None,
    ]
    for change in changes:
        change()
        has = annotations.list_annotated()
        found.append(" ".join(f"{name}:{id_}" for name, ids in has.items() for id_ in ids))
    assert found == [
        "highlight:ann",
        "highlight:ann note:ann",
        "highlight:ann note:ann response:bea",
        "response:bea",
        "",
        "",
    ]
    assert annotations.list_annotated() is annotations.list_annotated()


def test_a_story_whose_file_is_renamed_and_edited_keeps_its_star_and_tags(
    write: Callable[[str, str], Path],
) -> None:
    text = " ".join(f"word{n} and{n % 7}" for n in range(300))
    path = write("first.md", f"# One\n\n{text}\n")
    write("other.md", "# Two\n\nAnother text that nobody has starred.\n")
    reader = Reader(path.parent)
    reader.session.labels.toggle_star([reader.story("One")])
    reader.session.labels.change_tags([reader.story("One")], ["work"], [])
    path.rename(path.with_name("renamed.md"))
    path.with_name("renamed.md").write_text(f"# One again\n\n{text.replace('word7 ', 'x ')}\n")
    again = Reader(path.parent, reader.store)
    assert list_found(again.session, "is:starred tag:work") == ["One again"]
