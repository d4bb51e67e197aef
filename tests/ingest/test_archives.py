"""Export files of reading services: what becomes of them, told by their content."""

from __future__ import annotations

import contextlib
import io
import json
import time
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from archive_files import (
    CLIPPINGS,
    INSTAPAPER,
    POCKET_PAGE,
    POCKET_TABLE,
    RAIN_TEXT,
    READER,
    READWISE,
    WALLABAG,
    make_omnivore_export,
    make_zip,
)

from reader.errors import StateError, UnreadableFile
from reader.ingest import Facts, SourceHighlight
from reader.ingest.adding import Adder
from reader.ingest.archives.omnivore import read_highlights
from reader.ingest.highlights import SubjectFinder, read_time
from reader.ingest.sources import Content, load_source, read_drafts
from reader.ingest.zip_file import fold_names
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from reader.ingest import Draft

A_STORY = "- [A Story](https://a.example/1) · a.example · 2021-06-12"
B_STORY = "- <https://b.example/2> · 2021-06-12"
POCKET_LIST = ("## Unread", f"{A_STORY} · one, two", "## Archive", B_STORY)


def read(data: str | bytes, name: str = "x") -> list[Draft]:
    content = data.encode() if isinstance(data, str) else data
    return [*read_drafts(Content(content, name))]


def test_an_article_of_omnivore_has_its_text_facts_and_highlights(tmp_path: Path) -> None:
    path = tmp_path / "export.bin"
    path.write_bytes(make_omnivore_export())
    story, links = read_drafts(load_source(str(path), print))
    assert story.blocks == RAIN_TEXT
    assert story.facts == Facts(
        title="Rain in the North", author="Ann Lee", published="2021-06-12", tags=("weather",), url="https://x.example/rain"
    )  # fmt: skip
    assert story.highlights == (
        SourceHighlight("the dog had begun to look at us as if we'd done it.", "Poor dog."),
        SourceHighlight("My sister said"),
    )
    assert links.blocks == (
        "## Archive",
        "- [A \\[PDF\\]](https://x.example/a%281%29.pdf) · x.example · 2024-05-02",
    )


def test_an_export_that_was_unpacked_is_read_from_its_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(make_omnivore_export())) as archive:
        archive.extractall(tmp_path / "export")
    (tmp_path / "export/content/evil.html").symlink_to("/etc/passwd")
    story, _links = read_drafts(load_source(str(tmp_path / "export"), print))
    assert story.blocks == RAIN_TEXT
    with pytest.raises(UnreadableFile, match="a folder can't be added; name the files in it"):
        list(read_drafts(load_source(str(tmp_path / "export/content"), print)))


def test_highlights_in_markdown_are_quotes_with_their_notes() -> None:
    text = "> One.\n>\n> More of **one**.\n\n> Two [link](https://x.example)\n\n#a #b-c\n\nFirst.\n\nSecond."
    assert [*read_highlights(text)] == [
        SourceHighlight("One.\n\nMore of one."),
        SourceHighlight("Two link", "First.\n\nSecond."),
    ]


def test_an_article_of_wallabag_has_its_text_facts_and_highlights() -> None:
    story, links = read(WALLABAG)
    assert story.blocks == RAIN_TEXT
    assert (story.facts.author, story.facts.published) == ("Ann Lee", "2021-06-12")
    assert story.highlights == (
        SourceHighlight("since Thursday", "so wet", "2020-01-03T10:00:00+0100"),
    )
    assert links.blocks == (
        "## Unread",
        "- [Empty](https://x.example/e) · x.example · 2020-01-02",
    )


@pytest.mark.parametrize(
    ("data", "title", "blocks"),
    [
        (POCKET_TABLE, "Pocket", (*POCKET_LIST[:3], f"{B_STORY}\n- Bad · 2021-06-12")),
        (POCKET_TABLE.replace(",", ";"), "Pocket", (*POCKET_LIST[:3], f"{B_STORY}\n- Bad · 2021-06-12")),
        (make_zip({"part_000000.csv": POCKET_TABLE.rpartition("Bad")[0]}), "Pocket", POCKET_LIST),
        (POCKET_PAGE, "Pocket", POCKET_LIST),
        (INSTAPAPER, "Instapaper", ("## Unread", A_STORY)),
        (READER, "Readwise Reader", ("## Archive", f"{A_STORY} · one, two")),
        ("name\tlink\nA Story\thttps://a.example/1\n", "Reading list", ("- [A Story](https://a.example/1) · a.example",)),
    ],
    ids=["pocket", "semicolons", "pocket-zip", "pocket-page", "instapaper", "reader", "any-table"],
)  # fmt: skip
def test_a_list_of_links_is_a_story_of_links(
    data: str | bytes, title: str, blocks: tuple[str, ...]
) -> None:
    (draft,) = read(data)
    assert draft.facts.title == title
    assert draft.blocks == blocks
    assert "https://a.example/1" in [link.url for link in draft.links]
    assert not any("javascript" in link.url for link in draft.links)


def test_clippings_are_highlights_by_title_with_their_notes() -> None:
    rain, gone = read(CLIPPINGS, "My Clippings.txt")
    assert rain.subject == Facts(title="Rain in the North", author="Ann Lee")
    assert rain.highlights == (
        SourceHighlight("by Sunday even the dog", "ha", "Saturday, June 12, 2021 3:19:56 PM"),
    )
    assert gone.subject == Facts(title="Gone", author="Bo Ek")
    assert gone.blocks == ("> \\* not a list",)


@pytest.mark.parametrize(
    ("line", "created", "is_note"),
    [
        ("Your Highlight on page 5 | location 60-61 | Added on Sunday, 5 June 2021 10:11:12", "Sunday, 5 June 2021 10:11:12", False),
        ("Ihre Notiz bei Position 61 | Hinzugefügt am Samstag, 5. Juni 2021 10:11:12", "Samstag, 5. Juni 2021 10:11:12", True),
        ("Votre surlignement à l'emplacement 60-61 | Ajouté le samedi 5 juin 2021 10:11:12", "samedi 5 juin 2021 10:11:12", False),
        ("Tu nota en la página 5 | Añadido el sábado, 5 de junio de 2021 10:11:12", "sábado, 5 de junio de 2021 10:11:12", True),
        ("Seu destaque na página 5 | Adicionado: sábado, 5 de junho de 2021 10:11:12", "sábado, 5 de junho de 2021 10:11:12", False),
        ("您在位置 #60-61的标注 | 添加于 2021年6月5日星期六 上午10:11:12", "2021-06-05", False),
        ("您在位置 #61的笔记 | 添加于 2021年6月5日星期六 上午10:11:12", "2021-06-05", True),
    ],
)  # fmt: skip
def test_clippings_of_devices_in_other_languages_are_told(
    line: str, created: str, is_note: bool
) -> None:
    (draft,) = read(f"Rain (Ann)\n- {line}\n\nThe words.\n==========\n")
    expected = SourceHighlight("", "The words.", created) if is_note else SourceHighlight("The words.", "", created)  # fmt: skip
    assert draft.highlights == (expected,)


def test_of_a_highlight_that_was_widened_the_older_one_is_left_out() -> None:
    head = "Rain (Ann)\n- Your Highlight at location 30-3{} | Added on Saturday, June 12, 2021\n\n{}\n==========\n"
    (draft,) = read(head.format(1, "even the dog") + head.format(2, "even the dog had begun"))
    assert [each.text for each in draft.highlights] == ["even the dog had begun"]


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store.open(tmp_path_factory.mktemp("state") / "state.db")
    yield opened
    opened.close()


def add(store: Store, folder: Path, *sources: str | bytes) -> None:
    adder = Adder(folder, lambda: store)
    for source in sources:
        for draft in read(source):
            list(adder.add(draft))


def list_highlights(store: Store) -> list[tuple[str, str]]:
    return [(each.text, each.note) for each in store.annotation_store.load_highlights()]


def test_highlights_are_attached_to_the_stories_that_they_are_of(
    store: Store, tmp_path: Path
) -> None:
    add(store, tmp_path, make_omnivore_export(), READWISE, CLIPPINGS)
    assert sorted(list_highlights(store)) == [
        ("My sister said", ""),
        ("by Sunday even the dog", "ha"),
        ("good for the garden", "Why?"),
        ("the dog had begun to look at us as if we’d done it.", "Poor dog."),
    ]
    assert sorted(path.name for path in tmp_path.glob("highlights*")) == [
        "highlights-from-gone.md",
        "highlights-from-other-book.md",
    ]


@pytest.mark.parametrize(
    "text",
    ["Saturday, June 12, 2021 3:19:56 PM", "2021-06-12T15:19:56Z", "2021-06-12T17:19:56+0200", "1623511196", "1623511196000"],
)  # fmt: skip
def test_the_time_of_a_highlight_is_kept(text: str) -> None:
    assert read_time(text) == datetime(2021, 6, 12, 15, 19, 56, tzinfo=UTC)


def test_highlights_that_no_story_has_become_a_story(store: Store, tmp_path: Path) -> None:
    add(store, tmp_path, READWISE)
    text = (tmp_path / "highlights-from-other-book.md").read_text()
    assert text.endswith("\n\n> A line, quoted.\n>\n> Second line.\n")
    assert (
        "> good for the garden\n\nWhy?\n"
        in (tmp_path / "highlights-from-rain-in-the-north.md").read_text()
    )


def test_adding_an_export_again_adds_nothing_twice(store: Store, tmp_path: Path) -> None:
    add(store, tmp_path, make_omnivore_export(), CLIPPINGS)
    names, highlights = sorted(tmp_path.iterdir()), list_highlights(store)
    first = store.annotation_store.load_highlights()[0]
    store.annotation_store.set_deleted(first.id, is_deleted=True)
    add(store, tmp_path, make_omnivore_export(), CLIPPINGS)
    assert sorted(tmp_path.iterdir()) == names
    assert len(list_highlights(store)) == len(highlights) - 1


@pytest.mark.parametrize("open_store", [None, Store.open_in_memory], ids=["none", "unsaved"])
def test_highlights_that_can_not_be_attached_are_a_story_that_is_told(
    open_store: Callable[[], Store] | None, tmp_path: Path
) -> None:
    adder = Adder(tmp_path, open_store)
    story, _links = read(make_omnivore_export())
    added = [(each.saved.path.name, each.attached) for each in adder.add(story) if each.saved]
    assert added == [("rain-in-the-north.md", 0), ("highlights-from-rain-in-the-north.md", 0)]
    text = (tmp_path / "highlights-from-rain-in-the-north.md").read_text()
    assert text.endswith("Poor dog.\n\n> My sister said\n")


def test_a_story_whose_highlights_fail_is_told_and_gets_them_the_next_time(
    store: Store, tmp_path: Path
) -> None:
    def fail() -> Store:
        raise StateError("state.db: locked")

    story, _links = read(make_omnivore_export())
    adding = Adder(tmp_path, fail).add(story)
    saved = next(adding).saved
    assert saved is not None
    assert saved.path.name == "rain-in-the-north.md"
    with pytest.raises(StateError) as error:
        next(adding)
    assert str(error.value) == (
        "the highlights of Rain in the North were not attached: state.db: locked; add it again"
    )
    (again,) = Adder(tmp_path, lambda: store).add(story)
    assert (again.saved, again.attached) == (saved._replace(is_update=True, is_changed=False), 2)


def test_a_later_list_of_links_keeps_those_of_the_earlier_one(store: Store, tmp_path: Path) -> None:
    add(store, tmp_path, POCKET_TABLE, POCKET_TABLE.replace("a.example/1", "a.example/3"))
    text = (tmp_path / "pocket.md").read_text()
    assert text.endswith(f"\n\n## From earlier exports\n\n{A_STORY} · one, two\n")
    assert "https://a.example/3" in text


def test_links_are_fetched_on_request_and_the_failures_are_listed(
    store: Store, tmp_path: Path
) -> None:
    errors: list[str] = []

    def fetch(url: str) -> list[Draft]:
        if "b.example" in url:
            raise UnreadableFile("b.example: gone")
        (story, _) = read(WALLABAG)
        return [story]

    adder = Adder(tmp_path, lambda: store, fetch, lambda error: errors.append(str(error)))
    (draft,) = read(POCKET_PAGE)
    saved = [added.saved.path.name for added in adder.add(draft) if added.saved]
    assert saved == ["rain-in-the-north.md", "pocket-links-that-couldnt-be-fetched.md"]
    assert errors == ["b.example: gone"]


def test_no_more_links_are_fetched_once_a_story_can_not_be_saved(tmp_path: Path) -> None:
    fetched: list[str] = []

    def fetch(url: str) -> list[Draft]:
        fetched.append(url)
        return read(WALLABAG)[:1]

    (tmp_path / "file").touch()
    adder = Adder(tmp_path / "file", None, fetch, lambda _error: None)
    with pytest.raises(UnreadableFile):
        list(adder.add(read(POCKET_PAGE)[0]))
    assert fetched == ["https://a.example/1"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("Title (A)\n- Your Bookmark on page 5 | Added on Sunday\n\n\n==========\n", "x: there are no highlights in it"),
        ("title,url,time_added\n", "x: Pocket: there are no links in it"),
        (make_zip({"metadata_0_to_20.json": "[{"}), "x: metadata_0_to_20.json: damaged, so the export is not read; get it again"),
        (make_zip({"a.txt": "x"}), "x: an archive can't be added; unpack it and add the files in it"),
    ],
)  # fmt: skip
def test_an_export_with_nothing_to_add_says_so(data: str | bytes, message: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        read(data)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "data",
    [
        "[" * 5_000,
        json.dumps([{"is_archived": 1, "url": 3, "title": {}, "content": [], "tags": "x", "annotations": 7}, 4]),
        "title,url,time_added\n\"unclosed,https://a.example/1\n" + "x" * 10_000,
        "title,url,time_added\nBell\x07\x1b[31m,https://u:p@a.example/1,99999999999999999999\n",
        make_zip({"metadata_0_to_20.json": json.dumps([{"slug": "../../x", "title": ["x"], "labels": [[1]]}, {"url": "https://["}, 3])}),
    ],
    ids=["nested", "types", "unclosed", "controls", "omnivore-types"],
)  # fmt: skip
def test_a_hostile_export_is_refused_or_harmless(
    data: str | bytes, store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "stories"
    with contextlib.suppress(UnreadableFile):
        add(store, folder, data)
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert path.is_relative_to(folder)
        assert "\x1b" not in path.read_text()


GROWING: dict[str, Callable[[int], str]] = {
    "limits": lambda n: f"Rain (Ann)\n- Your Note on page 5\n\n<{'limit ' * n}\n==========\n",
    "spaces": lambda n: json.dumps([{"url": "", "is_archived": 1, "content": f"{' ' * n * 3}x"}]),
    "authors": lambda n: f"<rss><item><guid>1</guid><author>{'@' * n * 4} x</author></item></rss>",
    "brackets": lambda n: f"<rss><item><guid>1</guid><author>a@{'(' * n * 4}</author></item></rss>",
}


@pytest.mark.parametrize("name", GROWING)
def test_the_time_for_an_export_grows_in_step_with_its_size(name: str) -> None:
    def measure(size: int) -> float:
        began = time.process_time()
        with contextlib.suppress(UnreadableFile):
            read(GROWING[name](size))
        return time.process_time() - began

    measure(20)
    assert measure(6_000) < 8 * measure(1_500) + 0.02


def test_the_time_to_find_a_story_grows_in_step_with_its_front_matter(tmp_path: Path) -> None:
    def measure(size: int) -> float:
        (tmp_path / "a.md").write_text(f"---\ntitle: a{' ' * size}b\n---\nIt fell.\n")
        began = time.process_time()
        assert SubjectFinder(tmp_path).find(Facts(title="A B")) == [tmp_path / "a.md"]
        return time.process_time() - began

    measure(20)
    assert measure(40_000) < 8 * measure(10_000) + 0.02


def test_of_two_files_whose_names_differ_in_case_the_first_is_found() -> None:
    assert fold_names(["a/One.md", "A/one.md"]) == {"a/one.md": "a/One.md"}
