"""What is entered as sources, changes of a draft, and the jobs that read and save stories."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from archive_files import make_omnivore_export
from epub_files import make_epub

from reader.errors import BadSetting, ReaderError, UnreadableFile
from reader.ingest import Draft, Facts, RemovedText
from reader.ingest.feeds import Entry, Feed
from reader.ingest.feeds.subscriptions import load_subscriptions
from reader.ingest.known_stories import read_field
from reader.ingest.sources import Content
from reader.library.catalog import Catalog
from reader.library.index import Index
from reader.library.text_cache import TextCache
from reader.session.adding import Adding
from reader.session.adding.feed import FoundFeed
from reader.session.adding.jobs import PreviewJob, ReadJob, SaveResult, format_result
from reader.session.adding.pending import (
    PendingStories,
    change_fact,
    describe_stories,
    format_fact,
    list_removed_lines,
    make_editable,
    put_back_line,
)
from reader.session.adding.sources import ADDRESS, FILE, TEXT, Source, describe_text, parse_sources
from reader.session.session import Session
from reader.store.repository import Store
from reader.text.document import Place

if TYPE_CHECKING:
    from pathlib import Path

PROSE = "It had rained since Thursday, and by Sunday even the dog had begun to look at us."
COPIED = f"Sign in\nRain\nBy Ann Lee\n4 min read\n\n{PROSE}\n\n{PROSE.replace('dog', 'cat')}\n"
FILES = {"/home/ann/My rain.txt", "rain.md", "example.org/rain.md"}

SOURCES = {
    " https://example.org/a?b=c#d \n": [Source(ADDRESS, "https://example.org/a?b=c#d")],
    "<http://example.org>": [Source(ADDRESS, "http://example.org")],
    "example.org/essays/rain": [Source(ADDRESS, "https://example.org/essays/rain")],
    "www.example.org": [Source(ADDRESS, "https://www.example.org")],
    "example.org/rain.md": [Source(FILE, "example.org/rain.md")],
    "ftp://example.org/a": [Source(ADDRESS, "ftp://example.org/a")],
    "https://a.org/1\r\nhttps://a.org/2\rhttps://a.org/1": [
        Source(ADDRESS, "https://a.org/1"),
        Source(ADDRESS, "https://a.org/2"),
    ],
    "rain.txt": [Source(FILE, "rain.txt")],
    "'/home/ann/My rain.txt' ": [Source(FILE, "/home/ann/My rain.txt")],
    '"/home/ann/My rain.txt"': [Source(FILE, "/home/ann/My rain.txt")],
    r"/home/ann/My\ rain.txt": [Source(FILE, "/home/ann/My rain.txt")],
    "file:///home/ann/My%20rain.txt": [Source(FILE, "/home/ann/My rain.txt")],
    "rain.md\n/home/ann/My\\ rain.txt": [
        Source(FILE, "rain.md"),
        Source(FILE, "/home/ann/My rain.txt"),
    ],
    PROSE: [Source(TEXT, PROSE)],
    "a name of eleven words that is taken for a file": [
        Source(FILE, "a name of eleven words that is taken for a file")
    ],
    "a line of twelve words that is taken for a text itself": [
        Source(TEXT, "a line of twelve words that is taken for a text itself")
    ],
    "Rain\n\nhttps://example.org": [Source(TEXT, "Rain\n\nhttps://example.org")],
    "https://example.org\rRain": [Source(TEXT, "https://example.org\nRain")],
    " \n\t": [],
}


@pytest.mark.parametrize("text", SOURCES)
def test_what_was_entered_is_addresses_files_or_a_text(text: str) -> None:
    assert parse_sources(text, FILES.__contains__) == SOURCES[text]


def test_the_line_says_what_enter_does_without_looking_at_the_disk() -> None:
    assert [describe_text(text) for text in ("a.org/b", "b.txt", "Rain\rfell.", "www.a.org\nwww.b.org")] == [
        "Enter fetches the page from a.org and shows it, unsaved.",
        "Enter reads the file and shows it, unsaved.",
        "Pasted text: 2 lines, 2 words.",
        "Enter fetches 2 pages and shows the first one, unsaved.",
    ]  # fmt: skip


def test_an_address_that_is_not_valid_is_shown_as_it_was_typed() -> None:
    texts = ("https://[", "<http://[a>", "https://\u2100.com", "file://[a")
    assert [describe_text(text) for text in texts] == [
        "Enter fetches the page from https://[ and shows it, unsaved.",
        "Enter fetches the page from http://[a and shows it, unsaved.",
        "Enter fetches the page from https://\u2100.com and shows it, unsaved.",
        "Enter reads the file and shows it, unsaved.",
    ]
    with pytest.raises(UnreadableFile, match="there is no such file"):
        ReadJob("file://[a").run()


DRAFT = Draft(
    Facts(title="Rain", tags=("sea", "dogs")),
    ("One.", "Two.", "Three."),
    (RemovedText("Share\n\nFollow\nLike", 1), RemovedText("Above", 1), RemovedText("Below", 3)),
)


def test_one_line_of_a_removed_piece_is_put_back_where_it_was() -> None:
    lines = list_removed_lines(DRAFT)
    assert [line.text for line in lines] == ["Share", "Follow", "Like", "Above", "Below"]
    draft = put_back_line(DRAFT, lines[1])
    assert draft.blocks == ("One.", "Follow", "Two.", "Three.")
    assert draft.removed == (
        RemovedText("Share", 1), RemovedText("Like", 2), RemovedText("Above", 2), RemovedText("Below", 4),
    )  # fmt: skip


def test_all_lines_put_back_in_any_order_stand_in_their_order() -> None:
    for numbers in ((0, 0, 0, 0, 0), (4, 3, 2, 1, 0), (2, 0, 2, 1, 0)):
        draft = DRAFT
        for number in numbers:
            draft = put_back_line(draft, list_removed_lines(draft)[number])
        assert draft.removed == ()
        assert draft.blocks == (
            "One.", "Share", "Follow", "Like", "Above", "Two.", "Three.", "Below",
        )  # fmt: skip


CHANGES = {
    ("title", " The\x1b[31m rain\n again "): "The\ufffd[31m rain again",
    ("published", "12 June 2021"): "2021-06-12",
    ("published", ""): "",
    ("tags", "sea,  dogs ,, sea"): "sea, dogs",
    ("part", "3"): "3",
    ("part", ""): "",
    ("url", "https://example.org/a"): "https://example.org/a",
}
REFUSED = {
    ("published", "June"): "published: 'June' is no day; write it as 2021-06-12",
    ("published", "3/4/2021"): "published: '3/4/2021' is no day; write it as 2021-06-12",
    ("part", "three"): "part: 'three' is no number; write one from 1",
    ("part", "0"): "part: '0' is no number; write one from 1",
    ("url", "javascript:alert(1)"): "url: javascript:alert(1): only addresses that begin with http:// or https:// are fetched",
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_fact_is_changed_to_what_was_typed(change: tuple[str, str]) -> None:
    facts = change_fact(DRAFT.facts, *change)
    assert format_fact(facts, change[0]) == CHANGES[change]


@pytest.mark.parametrize("change", REFUSED, ids=str)
def test_a_wrong_fact_is_refused_with_what_to_write(change: tuple[str, str]) -> None:
    with pytest.raises(BadSetting) as refused:
        change_fact(DRAFT.facts, *change)
    assert str(refused.value) == REFUSED[change]


def test_changes_of_a_draft_are_undone_one_by_one() -> None:
    stories = PendingStories(DRAFT, iter(()), ())
    first = put_back_line(DRAFT, list_removed_lines(DRAFT)[0])
    stories.change(first)
    stories.change(first)
    stories.change(put_back_line(first, list_removed_lines(first)[0]))
    assert (stories.undo(), stories.draft == first) == (True, True)
    assert (stories.undo(), stories.draft == DRAFT, stories.undo()) == (True, True, False)


def read(adding: Adding, text: str) -> PendingStories:
    stories = adding.make_read_job(text).run()
    assert isinstance(stories, PendingStories)
    return stories


def make_adding(folder: Path) -> Adding:
    return Adding(folder / "stories", None, is_private=False)


def test_copied_text_is_read_previewed_and_saved(tmp_path: Path) -> None:
    adding = make_adding(tmp_path)
    stories = read(adding, COPIED)
    preview = PreviewJob(stories, Place(), "it had rained (since) THURSDAY and by Sunday").run()
    assert (preview.open_story.story.title, preview.open_story.story.author) == ("Rain", "Ann Lee")
    assert (preview.goal, preview.head) == (Place(0), "Not saved yet · 34 words · 1 line left out")
    result = adding.make_save_job(stories).run()
    assert [saved.path.name for saved in result.saved] == ["rain.md"]
    assert format_result(result, stories) == "Added: Rain"
    again = adding.make_save_job(read(adding, COPIED.replace("dog", "owl"))).run()
    assert format_result(again, stories) == "Updated: Rain"


def test_several_files_are_saved_and_one_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.md").write_text(f"# Story {name}\n\n{PROSE}")
    (tmp_path / "c.md").write_text("")
    adding = make_adding(tmp_path)
    names = "\n".join(str(tmp_path / f"{name}.md") for name in ("a", "c", "b"))
    stories = read(adding, names)
    result = adding.make_save_job(stories).run()
    assert [saved.path.name for saved in result.saved] == ["story-a.md", "story-b.md"]
    assert format_result(result, stories) == (
        f"Added 2 stories · 1 could not be added: {tmp_path}/c.md: there is no text in it"
    )


def test_a_cancelled_save_stops_before_the_next_story(tmp_path: Path) -> None:
    adding = make_adding(tmp_path)
    stories = PendingStories(DRAFT, iter([DRAFT]), ())
    stories.has_more = True
    job = adding.make_save_job(stories)
    job.cancel()
    result = job.run()
    assert format_result(result, stories) == "Added 0 stories · stopped; add it again for the rest"


PROBLEMS = {
    "": "Type an address or a path, or paste the text of a page.",
    "ftp://a.org/b": "ftp://a.org/b: only addresses that begin with http:// or https:// are fetched",
    "no\x1b[2Jsuch.txt": "no\ufffd[2Jsuch.txt: there is no such file; an address begins with https://",
    "https://a.org\nhttps://b:c@d.org": "https://b:c@d.org: an address with a name or password is not fetched; leave them out",
}  # fmt: skip


@pytest.mark.parametrize("text", PROBLEMS, ids=repr)
def test_what_cannot_be_read_is_explained_in_one_line(text: str, tmp_path: Path) -> None:
    with pytest.raises(ReaderError) as refused:
        make_adding(tmp_path).make_read_job(text).run()
    assert str(refused.value) == PROBLEMS[text]


def test_nothing_is_added_in_private_mode(tmp_path: Path) -> None:
    adding = Adding(tmp_path, None, is_private=True)
    assert adding.problem == "Private mode: nothing is added."
    with pytest.raises(ReaderError, match="Private mode"):
        adding.make_save_job(PendingStories(DRAFT, iter(()), ()))


def test_highlights_of_an_export_are_attached_in_the_reading_data(tmp_path: Path) -> None:
    (tmp_path / "export.zip").write_bytes(make_omnivore_export())
    store = Store.open(tmp_path / "state.db")
    adding = Adding(tmp_path / "stories", tmp_path / "state.db", is_private=False)
    stories = read(adding, str(tmp_path / "export.zip"))
    assert describe_stories(stories) == (
        "Not saved yet · the first of several · 42 words · 1 line left out · 2 highlights"
    )
    result = adding.make_save_job(stories).run()
    assert format_result(result, stories) == "Added 2 stories · 2 highlights"
    assert len(store.annotation_store.load_highlights(result.saved[0].story_id)) == 2
    store.close()


def test_the_first_part_of_a_book_is_shown_and_all_parts_are_saved(tmp_path: Path) -> None:
    names = [f"c{number}.xhtml" for number in range(3)]
    chapters = {name: f"<h1>Part {name[1]}</h1><p>{PROSE}</p>" for name in names}
    contents = [(f"Part {name[1]}", name) for name in names]
    (tmp_path / "book.epub").write_bytes(make_epub(chapters, contents))
    adding = make_adding(tmp_path)
    stories = read(adding, str(tmp_path / "book.epub"))
    assert describe_stories(stories).startswith("Not saved yet · part 1 of 3 · 17 words")
    job = adding.make_save_job(stories)
    assert job.stage == "Saving: 0 of 3 …"
    assert format_result(job.run(), stories) == "Added 3 stories"


def test_each_part_of_a_book_is_shown_and_edited_before_all_are_saved(tmp_path: Path) -> None:
    names = [f"c{number}.xhtml" for number in range(4)]
    chapters = {name: f"<h1>Part {name[1]}</h1><p>{PROSE} {name[1]}</p>" for name in names}
    chapters["c1.xhtml"] = "<p> </p>"
    contents = [(f"Part {name[1]}", name) for name in names]
    (tmp_path / "book.epub").write_bytes(make_epub(chapters, contents))
    adding = make_adding(tmp_path)
    stories = read(adding, str(tmp_path / "book.epub"))
    assert stories.contents == ("Part 0", "Part 1", "Part 2", "Part 3")
    assert not stories.turn(-1)
    stories.go_to_part(1)  # it has no text
    assert stories.draft.facts.title == "Part 2"
    stories.change(replace(stories.draft, facts=replace(stories.draft.facts, title="Rain")))
    assert stories.turn(-1)
    assert describe_stories(stories).startswith("Not saved yet · part 1 of 4")
    stories.change(replace(stories.draft, facts=replace(stories.draft.facts, title="Snow")))
    stories.go_to_part(3)
    assert (stories.draft.facts.title, stories.turn(1)) == ("Part 3", False)
    stories.go_to_part(2)
    assert stories.draft.facts.title == "Rain"
    assert stories.undo()
    assert stories.draft.facts.title == "Part 0"
    saved = adding.make_save_job(stories).run().saved
    assert [read_field(each.path.read_text(), "title") for each in saved] == [
        "Part 0",
        "Rain",
        "Part 3",
    ]


def test_pasted_markdown_can_be_given_facts_unless_it_has_its_own(tmp_path: Path) -> None:
    adding = make_adding(tmp_path)
    text = f"{PROSE} See [this](https://a.org/b).\n\n- **One** thing\n- Another\n\n> Quoted."
    draft = make_editable(read(adding, text).draft)
    assert (draft.facts.title, draft.verbatim, draft.body) == ("", "", f"{text}\n")
    own = f"---\ntitle: Rain\n---\n{text}\n"
    assert make_editable(read(adding, own).draft).verbatim == own


def test_the_preview_goes_to_the_line_itself_and_not_to_one_that_begins_with_it() -> None:
    draft = Draft(Facts(title="Rain"), ("It fell and fell.", "It fell."))
    stories = PendingStories(draft, iter(()), ())
    assert PreviewJob(stories, Place(), "it fell").run().goal == Place(1)
    assert PreviewJob(stories, Place(), "it fell and").run().goal == Place(0)


def test_the_result_names_what_could_not_be_added_without_its_escape_sequences() -> None:
    result = SaveResult(errors=("a\x1b[2J.md: there is no text",))
    stories = PendingStories(Draft(Facts(title="R\x1b[2Jain")), iter(()), ())
    assert format_result(result, stories) == (
        "Added to the highlights of a story: R\ufffd[2Jain"
        " · 1 could not be added: a\ufffd[2J.md: there is no text"
    )


def test_thirty_tags_are_kept() -> None:
    facts = change_fact(Facts(), "tags", ",".join(f"t{number}" for number in range(31)))
    assert (len(facts.tags), facts.tags[-1]) == (30, "t29")


def test_the_preview_says_that_a_story_has_no_title() -> None:
    draft = Draft(blocks=("It fell.",))
    preview = PreviewJob(PendingStories(draft, iter(()), ())).run()
    assert preview.open_story.story.title == "No title yet"


def test_what_is_new_in_a_followed_feed_is_told_and_a_file_is_not_followed() -> None:
    with closing(Store.open_in_memory()) as store:
        session = Session(Catalog(), store, Index.open(None), TextCache(None))
        first, second = Entry("1", "Rain", ""), Entry("2", "Snow", "")
        content = Content(b"", "feed", address="https://x.example/feed")
        session.followed_feeds.follow(FoundFeed(Feed("A Blog", "", (first,)), content))
        found = FoundFeed(Feed("A Blog", "", (second, first)), content)
        assert session.followed_feeds.find_new(found).new == {second}
        session.followed_feeds.follow(FoundFeed(Feed("B Blog", "", (first,)), Content(b"", "file")))
        feeds = load_subscriptions(store.record_store).feeds
    assert [(each.url, each.title) for each in feeds] == [("https://x.example/feed", "A Blog")]
