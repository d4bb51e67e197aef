"""The order of the shelf, its sections by folder, and the stories that it leaves out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reader.config import SORTS
from reader.drawing.shelf import ShelfRows
from reader.errors import BadUsage, DatabaseLocked
from reader.library.catalog import Catalog
from reader.library.describing import describe_files
from reader.library.index import Index
from reader.library.scan import Folder
from reader.library.story import Story
from reader.library.text_cache import TextCache
from reader.paths import shorten_path
from reader.reading.progress import ReadStatus
from reader.session.read_status import ShelfChange
from reader.session.session import Session
from reader.session.shelf.entries import ShelfEntry, ShelfView, find_facts, sort_by
from reader.session.shelf.sections import ShelfSection, make_sections
from reader.session.shelf.view import choose_order
from reader.store.folders import list_library
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reader.session.shelf.shelf_list import ShelfList
    from reader.store.records import RecordStore
    from reader.store.schema import FolderRow

TOP = Folder(Path("/essays"))
OTHER = Folder(Path("/notes"), "Jottings")


def make_entry(
    path: str,
    status: ReadStatus = ReadStatus.UNREAD,
    *,
    author: str = "",
    words: int = 100,
    left: int = 100,
    day: int = 0,
    last_read: int = 0,
) -> ShelfEntry:
    """Return the entry of a story with the name of its file as title."""
    published = date(2020, 1, day) if day else None
    title = Path(path).stem.replace("-", " ").title()
    story = Story(path, path, title, author=author, words=words, published=published)
    return ShelfEntry(story, status, 0.0, left, last_read)


def list_sections(entries: list[ShelfEntry], view: ShelfView) -> list[tuple[str, list[str]]]:
    return [
        (section.name, [entry.story.path.name for entry in section.entries])
        for section in make_sections(entries, view)
    ]


def test_without_folders_below_there_are_the_groups_alone() -> None:
    entries = [
        make_entry("/essays/a.md"),
        make_entry("/essays/b.md", ReadStatus.FINISHED),
        make_entry("/essays/c.md", ReadStatus.READING, last_read=3),
    ]
    assert list_sections(entries, ShelfView(folders=(TOP,))) == [
        ("Continue", ["c.md"]),
        ("Unread", ["a.md"]),
        ("Finished", ["b.md"]),
    ]


def test_unread_stories_are_in_sections_by_folder_in_the_order_of_their_first_stories() -> None:
    names = ("z/2.md", "a/1.md", "top.md", "z/1.md", "a/deep/3.md", "a/2.md", "a/deep/4.md")
    entries = [make_entry(f"/essays/{name}") for name in names]
    assert list_sections(entries, ShelfView(folders=(TOP,))) == [
        ("essays", ["top.md"]),
        ("z", ["2.md", "1.md"]),
        ("a", ["1.md", "2.md"]),
        ("a / deep", ["3.md", "4.md"]),
    ]


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        (["/a/x.md", "/b/x.md"], ["a", "b"]),
        (["/a/x.md", "/a/y.md"], ["x.md", "y.md"]),
        (["/a/x.md", "/a/y.md", "/b/x.md"], ["x.md", "y.md", "b"]),
        (["/a/n/x.md", "/b/n/y.md"], ["x.md", "y.md"]),
        (["/a/n/x.md", "/b/n/x.md", "/b/n/y.md"], ["a/n/x.md", "b/n/x.md", "y.md"]),
        (["/n/x.md", "/b/n/x.md"], ["/n/x.md", "b/n/x.md"]),
        (["x.md", "n/x.md"], ["", "n"]),
        (["/a/x.md"], []),
    ],
)
def test_stories_with_one_title_are_told_apart_by_folder_or_file(
    paths: list[str], shown: list[str]
) -> None:
    stories = [Story(str(number), path, "One") for number, path in enumerate(paths)]
    lengths = find_facts([*stories, Story("z", "/a/z.md", "Two")]).path_lengths
    assert [shorten_path(path, lengths[path]) for path in paths if path in lengths] == shown


def test_a_folded_folder_takes_those_below_it_along() -> None:
    names = ("a/1.md", "a/2.md", "a/deep/3.md", "a/deep/4.md", "ab/5.md", "ab/6.md")
    entries = [make_entry(f"/essays/{name}") for name in names]
    sections = make_sections(entries, ShelfView(folders=(TOP,), folded=frozenset({"a"})))
    assert [(each.name, len(each.entries), each.is_folded) for each in sections] == [
        ("a", 4, True),
        ("ab", 2, False),
    ]


@pytest.fixture
def listed(store: Store) -> Session:
    """Return a session that has listed two stories of each of three folders."""
    paths = [f"{TOP.path}/{folder}/{name}.md" for folder in ("a", "a/b", "c") for name in "xy"]
    stories = [Story(path, path, path) for path in paths]
    session = Session(Catalog(stories), store, Index.open(None), TextCache(None))
    session.shelf_list.view = ShelfView(folders=(TOP,))
    session.shelf_list.list_at_once()
    return session


def test_to_fold_sections_no_story_is_listed_again(listed: Session) -> None:
    shelf_list, before = listed.shelf_list, listed.shelf_list.entries
    for folded in ({"a"}, {"a", "c"}, set[str]()):
        shelf_list.view = shelf_list.view._replace(folded=frozenset(folded))
        sections = shelf_list.list_at_once().sections
        assert shelf_list.entries is before
        assert sections == shelf_list.list_sections()


@pytest.mark.parametrize("is_folded", [False, True])
def test_after_a_change_a_fold_shows_the_stories_as_they_are(
    listed: Session, is_folded: bool
) -> None:
    shelf_list, story = listed.shelf_list, listed.order[2]
    changes: list[Callable[[], object]] = [
        lambda: listed.labels.toggle_star([story]),
        lambda: listed.read_statuses.set_status(story, ReadStatus.FINISHED),
        lambda: listed.removals.set_hidden(story, is_hidden=True),
        lambda: listed.catalog.remove(listed.order[0].path),
    ]
    for number, change in enumerate(changes):
        change()
        folded = frozenset({"a"} if is_folded == number % 2 else ())
        shelf_list.view = shelf_list.view._replace(folded=folded)
        assert shelf_list.list_at_once().sections == shelf_list.list_sections()


def test_an_entry_that_is_replaced_stays_so_when_sections_are_folded(listed: Session) -> None:
    shelf_list = listed.shelf_list
    entry = shelf_list.entries[3]._replace(words_left=7)
    shelf_list.replace_entry(entry)
    shelf_list.view = shelf_list.view._replace(folded=frozenset({"a"}))
    assert entry in shelf_list.list_at_once().sections[0].entries
    shelf_list.view = shelf_list.view._replace(folded=frozenset())
    assert entry in shelf_list.list_at_once().sections[1].entries


@pytest.mark.parametrize(("is_folded", "count"), [(False, 3), (True, 2)])
def test_stories_that_are_folded_away_do_not_count(is_folded: bool, count: int) -> None:
    folded = ShelfSection("One", [make_entry("/a.md")], is_folded=is_folded)
    rows = ShelfRows([folded, ShelfSection("Two", [make_entry("/b.md"), make_entry("/c.md")])])
    assert rows.count_among(["/a.md", "/b.md", "/c.md", "/gone.md"]) == count


def test_a_single_story_in_a_folder_belongs_to_the_folder_above() -> None:
    names = ("one/index.md", "a.md", "two/deep/deeper/index.md", "b.md")
    entries = [make_entry(f"/essays/{name}") for name in names]
    assert list_sections(entries, ShelfView(folders=(TOP,))) == [
        ("Unread", ["index.md", "a.md", "index.md", "b.md"])
    ]


def test_sections_of_several_folders_begin_with_their_names() -> None:
    names = ("/essays/in/a.md", "/essays/in/b.md", "/notes/c.md", "/essays/d.md")
    sections = list_sections([*map(make_entry, names)], ShelfView(folders=(TOP, OTHER)))
    assert [name for name, _ in sections] == ["essays", "essays / in", "Jottings"]


def test_a_folder_has_the_order_of_its_settings() -> None:
    names = ("/notes/b.md", "/notes/a.md", "/essays/z.md", "/essays/y.md")
    folder = Folder(Path("/notes"), sort="title")
    assert list_sections([*map(make_entry, names)], ShelfView(folders=(TOP, folder))) == [
        ("notes", ["a.md", "b.md"]),
        ("essays", ["z.md", "y.md"]),
    ]


@pytest.mark.parametrize(
    ("sort", "titles"),
    [
        ("suggested", ["A Bird", "The Ant", "Part 10", "Part 9"]),
        ("newest", ["Part 9", "The Ant", "A Bird", "Part 10"]),
        ("title", ["The Ant", "A Bird", "Part 9", "Part 10"]),
        ("author", ["Part 9", "A Bird", "The Ant", "Part 10"]),
        ("length", ["A Bird", "The Ant", "Part 10", "Part 9"]),
        ("shortest-left", ["A Bird", "The Ant", "Part 10", "Part 9"]),
        ("recently-read", ["Part 9", "A Bird", "The Ant", "Part 10"]),
        ("path", ["A Bird", "Part 9", "Part 10", "The Ant"]),
    ],
)
def test_stories_can_be_in_each_order(sort: str, titles: list[str]) -> None:
    entries = [
        make_entry("/a/the-ant.md", author="Cid", words=200, left=50, day=2),
        make_entry("/a/part-10.md", words=300, left=60),
        make_entry("/a/a-bird.md", ReadStatus.READING, author="Bea", left=5, day=1, last_read=4),
        make_entry("/a/part-9.md", ReadStatus.FINISHED, author="Ann", words=400, left=0, day=3,
                   last_read=9),
    ]  # fmt: skip
    assert [entry.story.title for entry in sort_by(entries, sort)] == titles


def test_only_a_date_in_the_future_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader.session.shelf.entries.get_today", lambda: date(2020, 1, 2))
    entries = [make_entry(f"/a/{name}.md", day=day) for day, name in enumerate("xabc")]
    titles = [entry.story.title for entry in sort_by(entries, "newest")]
    assert titles == ["B", "A", "X", "C"]


def test_each_order_has_sections() -> None:
    entries = [make_entry("/essays/a.md"), make_entry("/essays/in/b.md")]
    for sort in SORTS:
        sections = make_sections(entries, ShelfView(sort, folders=(TOP,)))
        assert sum(len(section.entries) for section in sections) == len(entries)


@pytest.fixture
def store() -> Iterator[Store]:
    """Yield an empty store."""
    store = Store.open_in_memory()
    yield store
    store.close()


def open_folder(folder: Path, store: Store) -> Session:
    """Return a session that shows the stories of a folder."""
    session = Session(Catalog(), store, Index.open(None), TextCache(None))
    session.add_stories(list(describe_files(session.scan_library(folder))))
    return session


def test_the_order_and_what_is_folded_are_remembered_for_a_folder(
    tmp_path: Path, store: Store
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    shelf = open_folder(tmp_path / "one", store).shelf_list
    shelf.save_view(shelf.view._replace(sort="title", folded=frozenset({"a / b"})))
    again = open_folder(tmp_path / "one", store).shelf_list.view
    assert (again.sort, *again.folded) == ("title", "a / b")
    assert open_folder(tmp_path / "two", store).shelf_list.view.sort == "suggested"


def test_the_order_chosen_for_a_folder_is_that_of_its_section_in_the_library(
    tmp_path: Path, store: Store
) -> None:
    for name in ("a/stories/b.md", "a/stories/a.md", "b/stories/d.md", "b/stories/c.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        number = "bdac".index(name[-4])  # the newest first
        matter = f"title: {name[-4].upper()}\ndate: 2020-01-{9 - number:02}"
        (tmp_path / name).write_text(f"---\n{matter}\n---\n\nText of {name}.\n")
    paths = [tmp_path / "a/stories", tmp_path / "b/stories"]
    for path in paths:
        open_folder(path, store).shelf_list.add_folder()
    first = open_folder(paths[0], store).shelf_list
    first.save_view(first.view._replace(sort="title"))

    def list_library_titles(configured: Sequence[Folder] = ()) -> list[list[str]]:
        session = Session(Catalog(), store, Index.open(None), TextCache(None))
        rows = session.shelf_list.load_folder_rows()
        session.scanning.find_folders = lambda: list_library(
            None, configured, rows, has_bundled=False
        )
        session.add_stories(list(describe_files(session.scan_library(None))))
        sections = session.shelf_list.list_sections()
        return [[entry.story.title for entry in section.entries] for section in sections]

    assert sorted(list_library_titles()) == [["A", "B"], ["D", "C"]]
    settings = [Folder(paths[0], sort="newest"), Folder(paths[1], sort="title")]
    assert sorted(list_library_titles(settings)) == [["A", "B"], ["C", "D"]]
    first.save_view(first.view._replace(sort="suggested"))
    assert sorted(list_library_titles()) == [["B", "A"], ["D", "C"]]


def open_library(top: Path, store: Store, sort: str = "") -> Session:
    """Return a session whose library is the folder at `top`, with that order in the settings."""
    session = Session(Catalog(), store, Index.open(None), TextCache(None))
    session.scanning.find_folders = lambda: [Folder(top, sort=sort)]
    session.add_stories(list(describe_files(session.scan_library(None))))
    return session


def choose(session: Session, name: str, order: str = "") -> str:
    """Choose an order, or the next one, for the section of that name; return the notice."""
    sections = {section.name: section for section in session.shelf_list.list_sections()}
    return choose_order(session.shelf_list, order, sections[name])


def list_shelf(session: Session) -> list[tuple[str, str, str]]:
    """Return the name, the order and the first letters of the stories of each section."""
    return [
        (section.name, section.sort, "".join(entry.story.title[0] for entry in section.entries))
        for section in session.shelf_list.list_sections()
    ]


def test_the_order_of_a_section_is_chosen_and_remembered_for_its_folder_alone(
    tmp_path: Path, store: Store
) -> None:
    for name in ("in/a", "in/b", "in/deep/c", "in/deep/d", "on/e", "on/f"):
        path = tmp_path / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f"---\ntitle: {path.stem}\ndate: 2020-01-{ord(path.stem) - 90:02}\n---\nText.\n"
        )
    session = open_library(tmp_path, store)
    usual = [("on", "", "fe"), ("in", "", "ba"), ("in / deep", "", "dc")]
    assert list_shelf(session) == usual
    assert choose(session, "in", "title") == "Order of in: title."
    chosen = [("on", "", "fe"), ("in", "title", "ab"), ("in / deep", "", "dc")]
    assert list_shelf(session) == list_shelf(open_library(tmp_path, store)) == chosen
    assert choose(session, "in") == "Order of in: author."
    assert choose(session, "on") == "Order of on: newest."
    assert open_folder(tmp_path / "in", store).shelf_list.view.sort == "author"
    assert choose(session, "in", "suggested") == "Order of in: suggested."
    assert choose(session, "on", "suggested") == "Order of on: suggested."
    again = open_library(tmp_path, store)
    assert list_shelf(again) == usual
    assert {row.sort for row in again.shelf_list.load_folder_rows().values()} == {""}


def test_the_order_of_the_settings_is_that_of_each_section_until_another_is_chosen(
    tmp_path: Path, store: Store
) -> None:
    for name in ("in/b", "in/a", "on/d", "on/c"):
        path = tmp_path / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f"---\ntitle: {path.stem}\ndate: 2020-01-{ord(path.stem) - 90:02}\n---\nText.\n"
        )
    session = open_library(tmp_path, store, "title")
    assert list_shelf(session) == [("on", "title", "cd"), ("in", "title", "ab")]
    assert choose(session, "in", "suggested") == "Order of in: suggested."
    assert list_shelf(open_library(tmp_path, store, "title")) == [
        ("on", "title", "cd"), ("in", "", "ba"),
    ]  # fmt: skip
    choose(session, "in", "title")
    assert {row.sort for row in session.shelf_list.load_folder_rows().values()} == {""}


def test_groups_one_folder_and_a_flat_shelf_have_the_order_of_the_whole(
    tmp_path: Path, store: Store
) -> None:
    for name in ("in/a", "in/b", "on/c", "on/d"):
        path = tmp_path / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\ntitle: {path.stem}\n---\nText.\n")
    session = open_library(tmp_path, store)
    finished = session.catalog.find_story("a")
    session.read_statuses.set_status(finished, ReadStatus.FINISHED)
    assert choose(session, "Finished") == "Order: newest."
    assert choose(session, "Newest first") == "Order: title."
    assert list_shelf(session) == [("By title", "", "abcd")]
    assert choose(session, "By title", "suggested") == "Order: suggested."
    choose(session, "on", "title")
    alone = open_library(tmp_path / "on", store)
    assert list_shelf(alone) == [("Unread", "title", "cd")]
    assert choose(alone, "Unread") == "Order: newest."
    assert choose(alone, "Newest first", "suggested") == "Order: suggested."
    assert list_shelf(alone) == [("Unread", "", "cd")]


def test_a_folder_that_is_opened_alone_has_the_order_of_its_settings_until_another_is_chosen(
    tmp_path: Path, store: Store
) -> None:
    def open_alone() -> ShelfList:
        session = Session(Catalog(), store, Index.open(None), TextCache(None))
        session.scanning.find_folders = lambda: [Folder(tmp_path, sort="title")]
        session.scan_library(tmp_path)
        return session.shelf_list

    shelf = open_alone()
    assert shelf.view.sort == "title"
    shelf.save_view(shelf.view._replace(folded=frozenset({"a"})))
    assert shelf.load_folder_rows()[str(tmp_path)].sort == ""
    shelf.save_view(shelf.view._replace(sort="newest"))
    view = open_alone().view
    assert (view.sort, view.sorts) == ("newest", {})


def test_the_folder_that_is_shown_can_be_added_to_the_library(tmp_path: Path, store: Store) -> None:
    shelf = open_folder(tmp_path, store).shelf_list
    assert shelf.add_folder() == f"Added to the library: {tmp_path}"
    assert shelf.add_folder() == f"{tmp_path} is in the library already."
    rows = shelf.load_folder_rows()
    assert Folder(tmp_path) in list_library(None, (), rows, has_bundled=False)
    shelf.load_view([], is_library=True)
    assert shelf.add_folder() == "This is the library; a folder is shown by: reader FOLDER"


def test_of_a_folder_that_the_settings_have_twice_the_later_one_counts(tmp_path: Path) -> None:
    settings = [
        Folder(tmp_path, "One", "title", ("a*",)),
        Folder(tmp_path, "Two", "", ("b*", "a*")),
        Folder(tmp_path, "", "newest"),
    ]
    assert list_library(None, settings, {}, has_bundled=False) == [
        Folder(tmp_path, "Two", "newest", ("a*", "b*"))
    ]


def test_a_folder_stays_in_the_library_when_its_row_could_not_be_read(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = open_folder(tmp_path, store).shelf_list
    shelf.add_folder()

    def fail(store: RecordStore) -> dict[str, FolderRow]:
        raise DatabaseLocked("another program is using it")

    with monkeypatch.context() as patch:
        patch.setattr("reader.session.shelf.shelf_list.load_folders", fail)
        shelf.save_view(shelf.view._replace(sort="title"))
    (row,) = shelf.load_folder_rows().values()
    assert (row.listed, row.sort) == (1, "title")


@pytest.mark.parametrize(
    "matter",
    [
        "---\ntitle: Unready\ndraft: true\n---",
        "---\ntitle: Unready\nDraft: yes\n---",
        '---\ntitle: Unready\ndraft: "true"\n---',
        "---\ntitle: Unready\npublished: false\n---",
        "---\ntitle: Unready\ndate: 2021-06-12\nPublished: no\n---",
        '+++\ntitle = "Unready"\ndraft = true\n+++',
        '+++\ntitle = "Unready"\npublished = false\n+++',
        '{"title": "Unready", "draft": true}\n',
    ],
)
def test_drafts_are_hidden_unless_asked_for(tmp_path: Path, store: Store, matter: str) -> None:
    (tmp_path / "a.md").write_text(f"{matter}\n\nText.\n")
    (tmp_path / "b.md").write_text("---\ntitle: Ready\ndraft: false\npublished: true\n---\n\nA.\n")
    session = open_folder(tmp_path, store)
    assert [entry.story.title for entry in session.list_entries()] == ["Ready"]
    session.shelf_list.view = session.shelf_list.view._replace(shows_drafts=True)
    assert {entry.story.title for entry in session.list_entries()} == {"Ready", "Unready"}


def list_titles(session: Session) -> list[str]:
    return [entry.story.title for entry in session.list_entries()]


def test_a_hidden_story_is_off_the_shelf_in_the_next_run_too(tmp_path: Path, store: Store) -> None:
    for name in ("One", "Two"):
        (tmp_path / f"{name}.md").write_text(f"# {name}\n\nText of {name}.\n")
    session = open_folder(tmp_path, store)
    one = session.list_entries()[0].story
    assert session.removals.toggle_hidden(one).is_hidden
    assert list_titles(session) == ["Two"]
    assert session.shelf_list.count_shown().stories == 1
    again = open_folder(tmp_path, store)
    assert list_titles(again) == ["Two"]
    again.shelf_list.view = again.shelf_list.view._replace(shows_hidden=True)
    assert list_titles(again) == ["One", "Two"]
    assert not again.removals.toggle_hidden(again.list_entries()[0].story).is_hidden
    assert list_titles(session) == ["One", "Two"]


def test_hiding_a_story_and_showing_it_again_are_undone(tmp_path: Path, store: Store) -> None:
    (tmp_path / "one.md").write_text("# One\n\nText.\n")
    session = open_folder(tmp_path, store)
    story = session.list_entries()[0].story
    session.removals.toggle_hidden(story)
    session.removals.toggle_hidden(story)
    assert session.undo() == ShelfChange(story, is_hidden=False)
    assert not list_titles(session)
    assert session.undo() == ShelfChange(story, is_hidden=True)
    assert list_titles(session) == ["One"]
    assert session.undo() is None


def test_a_text_without_a_file_cannot_be_hidden(tmp_path: Path, store: Store) -> None:
    session = open_folder(tmp_path, store)
    story = session.open_text(b"# Piped\n\nText.\n").story
    with pytest.raises(BadUsage, match="this text has no file"):
        session.removals.toggle_hidden(story)


@pytest.mark.parametrize("is_filtered", [False, True])
def test_hidden_stories_and_drafts_are_never_suggested(
    tmp_path: Path, store: Store, is_filtered: bool
) -> None:
    for number, name in enumerate(("One", "Two", "Three", "Four"), 1):
        draft = "draft: true\n" if name == "Three" else ""
        text = f"---\ntitle: {name}\n{draft}---\n\nText of {name}.\n"
        (tmp_path / f"{number}.md").write_text(text)
    session = open_folder(tmp_path, store)
    shelf = session.shelf_list
    two = session.catalog.find_story("Two")
    session.removals.toggle_hidden(two)
    shelf.view = shelf.view._replace(shows_hidden=True, shows_drafts=True)
    entries = session.list_entries()
    assert [entry.story.title for entry in entries] == ["One", "Two", "Three", "Four"]
    assert [entry.is_hidden for entry in entries] == [False, True, False, False]
    order = [entry.story for entry in entries]
    session.set_order(order)
    if is_filtered:
        shelf.show_only(entries, order)
    one = session.make_open_job(entries[0].story).run()
    session.enter(one)
    card = session.make_end_card(one)
    assert [each.entry.story.title for each in card.suggestions] == ["Four"]
