"""A filter finds in the texts that it keeps what a look at each story finds."""

from __future__ import annotations

from random import Random
from typing import Final

import pytest

from reader.errors import BadQuery
from reader.finding.filters import EntryTexts, find_entries
from reader.fulltext.query import Field, Words, parse_query
from reader.fulltext.words import list_query_words, list_words
from reader.library.story import Story
from reader.session.shelf.entries import ShelfEntry, make_entry
from reader.store.repository import StoryState
from reader.store.stories import Labels
from reader.text.search import fold_text

ROOTS: Final = ["/lib", "/lib/in"]
PARTS: Final = (
    "sea", "Séa", "sea-side", "house work", "漢字文化の歴史", "漢字", "don't", "ΑΣ ΑΣ", "e\u0301a",
    "\u0301a", "…", "★ star", "#sea", "a/b", "İs", "", "bundled", "included",
)  # fmt: skip
FOLDERS: Final = ("/lib", "/lib/sea side", "/lib/in", "/lib/in/House", "/elsewhere/sea", "/libs")


def make_any_entry(chance: Random, number: int) -> ShelfEntry:
    title, deck, author, series, folder, tag, own_tag = chance.choices(PARTS, k=7)
    folder_path = chance.choice(FOLDERS)
    story = Story(
        str(number),
        f"{folder_path}/{number}.md",
        title,
        deck=deck,
        author=author,
        series=series,
        folder=folder,
        tags=(tag,) if tag else (),
    )
    labels = Labels(tags=(own_tag,)) if own_tag else Labels()
    return make_entry(story, StoryState(), labels=labels)


def has_words(text: str, words: tuple[str, ...] | list[str], *, is_prefix: bool) -> bool:
    joined = f" {' '.join(list_words(text))} "
    return f" {' '.join(words)}{'' if is_prefix else ' '}" in joined


def find_path_inside(folder: str) -> str:
    tops = [root for root in ROOTS if folder == root or folder.startswith(f"{root}/")]
    return folder.removeprefix(max(tops, key=len)) if tops else ""


def name_folder(folder: str) -> tuple[str, ...]:
    return (folder, "Included stories") if folder == "bundled" else (folder,)


def meets(entry: ShelfEntry, condition: Words | Field) -> bool:
    """Return whether an entry meets a condition, by a plain look at its story."""
    story, tags = entry.story, (*entry.story.tags, *entry.labels.tags)
    folder = story.location.rpartition("/")[0]
    if isinstance(condition, Words):
        inside = find_path_inside(folder)
        about = (story.title, story.deck, story.author, *tags, story.series)
        folders = (*name_folder(story.folder), inside)
        return has_words(
            "\n".join((*about, *folders)), condition.words, is_prefix=condition.is_prefix
        )
    name, value, is_prefix = condition
    if name in ("title", "author"):
        text = story.title if name == "title" else story.author
        words, may_go_on = list_query_words(value)
        if not words:
            return fold_text(value) in fold_text(text)
        return has_words(text, words, is_prefix=is_prefix or may_go_on)
    if name == "tag":
        wanted, *folded = (fold_text(each.removeprefix("#")) for each in (value, *tags))
        return any(tag == wanted or (is_prefix and tag.startswith(wanted)) for tag in folded)
    if name == "in":
        wanted = f"/{fold_text(value).strip('/')}{'' if is_prefix else '/'}"
        names = (f"/{fold_text(each)}/" for each in name_folder(story.folder))
        return any(wanted in each for each in names) or wanted in f"{fold_text(folder)}/"
    about = (story.title, story.author, *tags, story.series, story.folder)
    return fold_text(value) in fold_text("\n".join(about))


def test_in_finds_the_included_stories_by_both_of_their_names() -> None:
    entries = [
        make_entry(Story(folder, f"/lib/{folder}.md", "Title", folder=folder), StoryState())
        for folder in ("bundled", "essays")
    ]
    found = [
        find_entries(entries, parse_query(text), {}, ["/lib"])
        for text in ("in:bundled", 'in:"included stories"', "included", "in:essays", "in:/")
    ]
    assert [[*each] for each in found] == [[0], [0], [0], [1], []]


def test_a_filter_finds_what_a_look_at_each_story_finds() -> None:
    chance, texts, found_any = Random(7), EntryTexts(), 0  # noqa: S311  no secret
    entries: list[ShelfEntry] = []
    for round_number in range(120):
        if round_number % 20 == 0:
            entries = [make_any_entry(chance, number) for number in range(40)]
        name = chance.choice(("", "", "", "-", "tag:", "author:", "title:", "in:"))
        part = chance.choice(PARTS)
        value = part[: chance.randint(1, 5)] if chance.random() < 0.7 else f'"{part}"'
        typed = f"{name}{value} {chance.choice(('', 's', '-house', 'title:s', '漢'))}"
        try:
            query = parse_query(typed, is_typing=chance.random() < 0.5)
        except BadQuery:
            continue
        expected = [
            number
            for number, entry in enumerate(entries)
            if all(
                meets(entry, condition) is not is_negated
                for condition, is_negated in query.terms
                if isinstance(condition, Words | Field)
            )
        ]
        found = [*find_entries(entries, query, {}, ROOTS, texts)]
        assert found == expected, typed
        found_any += 0 < len(found) < len(entries)
    assert found_any > 30


@pytest.mark.parametrize(("tags", "found"), [(("sea",), [0]), ((), [])])
def test_a_tag_that_changes_is_found_at_once(tags: tuple[str, ...], found: list[int]) -> None:
    texts, query = EntryTexts(), parse_query("sea")
    story = Story("1", "/lib/1.md", "One")
    before = Labels() if tags else Labels(tags=("sea",))
    entries = [make_entry(story, StoryState(), labels=before)]
    assert [*find_entries(entries, query, {}, ROOTS, texts)] != found
    entries[0] = entries[0]._replace(labels=Labels(tags=tags))
    assert [*find_entries(entries, query, {}, ROOTS, texts)] == found
