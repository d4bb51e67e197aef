"""All kinds of front matter are parsed, and text that isn't front matter stays in the body."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from reader.library.source.frontmatter import FrontMatter, split_front_matter
from reader.library.source.months import MONTH_NAMES, MONTHS


def parse_yaml(source: str, body: str = "Body.") -> FrontMatter:
    """Return the fields of YAML front matter; the body must not change."""
    fields, text = split_front_matter(f"---\n{source}\n---\n{body}")
    assert text == f"\n{body}"
    return fields


TITLES = {
    "title: One": "One",
    "title: No": "No",
    "title: 1984": "1984",
    "title: 4:20": "4:20",
    "title: 1_000": "1_000",
    "title: 0x1F": "0x1F",
    "title: 1e3": "1e3",
    "title: null": "null",
    "title: ~": "~",
    "title: 2001-01-01": "2001-01-01",
    "title: One: two": "One: two",
    "title: One:\ttwo": "One: two",
    "title:\tOne": "One",
    "title: One\ttwo": "One two",
    "title: [Draft] hi": "[Draft] hi",
    "title: @ann": "@ann",
    "title: `code`": "`code`",
    "title: *starred*": "*starred*",
    "title: &more": "",
    "title: & more": "& more",
    "title: % of all": "% of all",
    "title: - dash": "- dash",
    "title: 'It''s'": "It’s",
    "title: 'It''s: so'": "It’s: so",
    'title: "A \\u0041"': "A A",
    'title: "open': "“open",
    'title: "One": two': "“One”: two",
    "title: One # a comment": "One",
    "Title: One": "One",
    "TITLE: One": "One",
    "title: |\n  One\n  two": "One two",
    "title: >-\n  One\n  two": "One two",
    "title: One\n  two": "One two",
    "title: &anchor One": "One",
    "title: !!str One": "One",
    "title: !!python/object:os.system One": "One",
    "title: [One, two]": "",
    "title: {One: two}": "",
    "title:": "",
    "draft: true\ntitle: One": "One",
    "title: 'Can&#8217;t &amp; won&rsquo;t'": "Can’t & won’t",
    "title: AT&T &copy 2020": "AT&T &copy 2020",
    "title: '&#27;[31mred'": "[31mred",
    'title: "[[Some page|Alias]]"': "Alias",
    'title: "On [[Rain]]"': "On Rain",
    "title: [red]One[/red]": "[red]One[/red]",
    'title: It\'s "so" -- and so...': "It’s “so” – and so…",
}


@pytest.mark.parametrize("source", TITLES)
def test_a_title_is_read_as_typed(source: str) -> None:
    assert parse_yaml(source).title == TITLES[source]


def test_an_alias_is_not_resolved() -> None:
    fields = parse_yaml("title: &t One\nauthor: *t")
    assert (fields.title, fields.author) == ("&t One", "*t")


def test_every_field_is_read() -> None:
    source = """\
id: the-id
title: The Title
deck: The deck
kicker: The kicker
author: The Author
about: About them
credit: "Photo: Someone / Somewhere"
published: 2021-06-12
tags: [one, two]
series: The Series
part: 3
language: en-GB
kind: fiction
url: https://example.org/x"""
    assert parse_yaml(source)._asdict() == {
        "id": "the-id",
        "title": "The Title",
        "deck": "The deck",
        "kicker": "The kicker",
        "author": "The Author",
        "about": "About them",
        "credit": "Photo: Someone / Somewhere",
        "published": date(2021, 6, 12),
        "published_seconds": 0,
        "date_text": "",
        "tags": ("one", "two"),
        "series": "The Series",
        "part": 3,
        "language": "en-GB",
        "kind": "fiction",
        "url": "https://example.org/x",
        "is_draft": False,
        "extra": (),
    }


def test_a_bad_line_does_not_affect_other_fields() -> None:
    fields = parse_yaml("title: One: two\nauthor: Ann\ntags:\n  - a\n  - b: c\ndate: 2021-06-12")
    assert (fields.title, fields.author, fields.tags) == ("One: two", "Ann", ("a", "b: c"))
    assert fields.published == date(2021, 6, 12)


@pytest.mark.parametrize("key", ["deck", "subtitle", "description", "summary", "excerpt"])
def test_a_deck_may_have_several_keys(key: str) -> None:
    assert parse_yaml(f"title: T\n{key}: The deck").deck == "The deck"


def test_the_first_key_of_a_deck_wins() -> None:
    assert parse_yaml("description: Long\nsubtitle: Short").deck == "Short"


LISTS: dict[str, tuple[str, ...]] = {
    "tags: [a, b]": ("a", "b"),
    "tags:\n  - a\n  - b": ("a", "b"),
    "tags:\n- a\n- b": ("a", "b"),
    "tags: a, b": ("a", "b"),
    "tags: a": ("a",),
    "tags: []": (),
    "tags: {a: b}": (),
    "tags: [a, [b], {c: d}, '']": ("a",),
    "categories: [a]": ("a",),
    "title: x: y\ntags: [a, 'b']": ("a", "b"),
    "title: x: y\ntags:\n  - a\n  - 'b'": ("a", "b"),
}


@pytest.mark.parametrize("source", LISTS)
def test_tags_may_be_written_in_several_ways(source: str) -> None:
    assert parse_yaml(f"kind: essay\n{source}").tags == LISTS[source]


AUTHORS = {
    "author: Ann": "Ann",
    "author: [Ann, Bo]": "Ann, Bo",
    "authors:\n  - Ann\n  - Bo": "Ann, Bo",
    "author: {name: Ann, email: a@b.c}": "Ann",
    "authors:\n  - name: Ann\n  - name: Bo": "Ann, Bo",
    "author: [[[Ann]]]": "Ann",
    'author: "[[Ann Author]]"': "Ann Author",
    "author: [[Ann Author]]": "Ann Author",
    'author:\n  - "[[Ann]]"\n  - "[[people/bo|Bo]]"': "Ann, Bo",
    'author: "[[Ann]] and [[people/bo|Bo]]"': "Ann and Bo",
    "author: D&#8217;Arcy": "D’Arcy",
    "title: x: y\nauthors:\n- name: Ann\n  role: x\n- name: Bo\n- Cy": "Ann, Bo, Cy",
    "title: [Draft] x\nauthor:\n  name: Ann\n  mail: a@b.c": "Ann",
    "author: true": "true",
}


@pytest.mark.parametrize("source", AUTHORS)
def test_an_author_may_be_written_in_several_ways(source: str) -> None:
    assert parse_yaml(source).author == AUTHORS[source]


DATES: dict[str, tuple[date | None, str]] = {
    "2021-06-12": (date(2021, 6, 12), ""),
    "2021-06-12T09:30:00Z": (date(2021, 6, 12), ""),
    "2021-06-12T23:30:00+09:00": (date(2021, 6, 12), ""),
    "2021-06-12 09:30:00 +0900": (date(2021, 6, 12), ""),
    "2021-06-12T09:30:00": (date(2021, 6, 12), ""),
    "2021-06-12 09:30": (date(2021, 6, 12), ""),
    "2021/06/12": (date(2021, 6, 12), ""),
    "2021-6-2": (date(2021, 6, 2), ""),
    "20210612": (date(2021, 6, 12), ""),
    "2021-06-12T99:99:99Z": (date(2021, 6, 12), ""),
    "9999-12-31": (date(9999, 12, 31), ""),
    "June 2, 2021": (date(2021, 6, 2), ""),
    "jun. 2nd 2021": (date(2021, 6, 2), ""),
    "Wednesday, 2 June 2021": (date(2021, 6, 2), ""),
    "2nd of June, 2021": (date(2021, 6, 2), ""),
    "2021 June 2": (date(2021, 6, 2), ""),
    "02-Jun-2021": (date(2021, 6, 2), ""),
    "June 2, 2021 at 3:04 PM": (date(2021, 6, 2), ""),
    '"Wed, 02 Jun 2021 23:59:00 -0500"': (date(2021, 6, 2), ""),
    '"Wed Jun  2 23:59:00 UTC 2021"': (date(2021, 6, 2), ""),
    "2.6.2021": (date(2021, 6, 2), ""),
    "25/12/2021": (date(2021, 12, 25), ""),
    "12/25/2021": (date(2021, 12, 25), ""),
    "6/6/2021": (date(2021, 6, 6), ""),
    "2021年6月2日": (date(2021, 6, 2), ""),
    "2021": (date(2021, 1, 1), "2021"),
    "2021-06": (date(2021, 6, 1), "2021-06"),
    "June 2021": (date(2021, 6, 1), "June 2021"),
    "3. März 2021": (date(2021, 3, 3), ""),
    "dimanche 1er août 2021": (date(2021, 8, 1), ""),
    "3 de marzo de 2021": (date(2021, 3, 3), ""),
    "1º de dezembro de 2021": (date(2021, 12, 1), ""),
    "9 giugno 2021": (date(2021, 6, 9), ""),
    "5 mei 2021": (date(2021, 5, 5), ""),
    "3 maja 2021": (date(2021, 5, 3), ""),
    "5 марта 2021 г.": (date(2021, 3, 5), ""),
    "den 3 oktober 2021": (date(2021, 10, 3), ""),
    "Août 2021": (date(2021, 8, 1), "Août 2021"),
    "11 listopada 2021": (None, "11 listopada 2021"),
    "3/4/2021": (None, "3/4/2021"),
    "5.3.21": (None, "5.3.21"),
    "2021-06-12 to 2021-07-01": (None, "2021-06-12 to 2021-07-01"),
    "2021-06-123": (None, "2021-06-123"),
    "2021-02-30": (None, "2021-02-30"),
    "31 June 2021": (None, "31 June 2021"),
    "0000-00-00": (None, "0000-00-00"),
    "Spring 2021": (None, "Spring 2021"),
    "soon": (None, "soon"),
    "true": (None, ""),
    "null": (None, ""),
    "[2021-06-12]": (None, ""),
}


@pytest.mark.parametrize("typed", DATES)
def test_a_date_is_a_day_or_the_text_that_was_typed(typed: str) -> None:
    fields = parse_yaml(f"date: {typed}")
    assert (fields.published, fields.date_text) == DATES[typed]


TIMES = {
    "2021-06-02": 0,
    "2021-06-02T23:05:09Z": 83_109,
    '"2021-06-02 23:05"': 83_100,
    '"2021-06-02 01:30:00 +0200"': -1_800,
    '"2021-06-02T23:30:00.5-05:30"': 104_400,
    '"June 2, 2021 at 12:10 am"': 600,
    '"2 June 2021, 3:04 p.m."': 54_240,
    '"Wed, 02 Jun 2021 23:59:00 -0500"': 104_340,
    '"2021-06-02 99:30"': 0,
}


@pytest.mark.parametrize("typed", TIMES)
def test_a_time_is_kept_in_seconds_of_utc(typed: str) -> None:
    fields = parse_yaml(f"date: {typed}")
    assert (fields.published, fields.published_seconds) == (date(2021, 6, 2), TIMES[typed])


def test_a_day_is_preferred_to_a_date_that_is_not_understood() -> None:
    fields = parse_yaml("published: some day\ncreated: 2021-06-12")
    assert (fields.published, fields.date_text) == (date(2021, 6, 12), "")


def test_published_may_be_a_bool_next_to_a_date() -> None:
    assert parse_yaml("published: true\ndate: 2021-06-12").published == date(2021, 6, 12)


@pytest.mark.parametrize("good", ["a", "forty-seconds", "A.b_c-9", "x" * 64, "42"])
def test_a_valid_id_is_a_plain_word(good: str) -> None:
    assert parse_yaml(f"id: {good}").id == good


@pytest.mark.parametrize("bad", ["-a", "a b", "a/b", "../a", "é", "x" * 65, '"a\\eb"', "[a]", ""])
def test_an_invalid_id_is_ignored(bad: str) -> None:
    assert parse_yaml(f"title: T\nid: {bad}").id == ""


@pytest.mark.parametrize(
    ("typed", "part"), [("2", 2), ("two", 0), ("-1", 0), ("99999", 0), ("٣", 0)]
)
def test_a_part_is_a_small_number(typed: str, part: int) -> None:
    assert parse_yaml(f"part: {typed}").part == part


def parse_toml(source: str) -> FrontMatter:
    fields, body = split_front_matter(f"+++\n{source}\n+++\nBody.")
    assert body == "\nBody."
    return fields


TOML: dict[str, tuple[str, Any]] = {
    'title = "One: two"': ("title", "One: two"),
    "title = 'One'": ("title", "One"),
    "title = 1984": ("title", "1984"),
    "title = 0x" + "f" * 6000: ("title", ""),
    "title = 1e400": ("title", ""),
    "title = nan": ("title", ""),
    "title = true": ("title", ""),
    "date = 2021-06-12": ("published", date(2021, 6, 12)),
    "date = 2021-06-12T09:30:00Z": ("published", date(2021, 6, 12)),
    'date = "2021-06-12"': ("published", date(2021, 6, 12)),
    'tags = ["a", "b"]': ("tags", ("a", "b")),
    'authors = ["Ann", "Bo"]': ("author", "Ann, Bo"),
    "part = 2": ("part", 2),
    'title = "One"\n[extra]\ntitle = "Two"': ("title", "One"),
    "title = not quoted": ("title", "not quoted"),
    'draft = yes\ntitle = "One"\n[extra]\ntitle = "Two"': ("title", "One"),
    'draft = yes\ntags = ["a", "b"]': ("tags", ("a", "b")),
    "title: One": ("title", "One"),
}


@pytest.mark.parametrize("source", TOML)
def test_toml_is_read_between_plus_signs(source: str) -> None:
    field, value = TOML[source]
    assert parse_toml(source)._asdict()[field] == value


FORMS = {
    "closed by dots": "---\ntitle: The One\nauthor: Ann\n...\n",
    "after empty lines": "\n \n\n---\ntitle: The One\nauthor: Ann\n---\n",
    "after a byte order mark": "\ufeff---\ntitle: The One\nauthor: Ann\n---\n",
    "indented": "  ---\n  title: The One\n  author: Ann\n  ---\n",
    "indented and invalid": "  ---\n  title: The One\n  deck: So: it is\n  author: Ann\n  ---\n",
    "named YAML": "---yaml\ntitle: The One\nauthor: Ann\n---\n",
    "named JSON": '---json\n{ "title": "The One",\n\t"author": "Ann" }\n---\n',
    "named TOML": '---toml\ntitle = "The One"\nauthor = "Ann"\n---\n',
    "TOML between dashes": '---\ntitle = "The One"\nauthor = "Ann"\n---\n',
    "YAML between pluses": "+++\ntitle: The One\nauthor: Ann\n+++\n",
    "JSON": '{\n  "Title": "The One",\n  "author": ["Ann"], "n": {"a": [1]}\n}\n',
    "JSON on a line": '{"title": "The One", "author": "Ann"}\n',
    "JSON between dashes": '---\n{"title": "The One", "author": "Ann",}\n---\n',
    "definitions": "[title]: # (The One)\n[Author]: <> \"Ann\"\n[x y]: # 'z'\n",
    "definitions with brackets": "[title]: <> (The One)\n\n[author]: # (Ann)\n",
    "bare lines": "Title: The One\nAuthor: Ann\nLast Edited: never\n",
    "bare lines over two": "Title: The\n   One\nAuthor: Ann\n",
    "no opening fence": "title: The One\nauthor: Ann\n---\n",
    "no opening fence and a list": "title: 'The One'\nauthor:\n- Ann\n---\n",
}


@pytest.mark.parametrize("case", FORMS)
def test_front_matter_has_many_forms(case: str) -> None:
    fields, body = split_front_matter(f"{FORMS[case]}\n# Heading\n")
    assert (fields.title, fields.author, body.strip()) == ("The One", "Ann", "# Heading")


@pytest.mark.parametrize(
    "comments", ["# title: none\n# tags: none", "# draft\n# not yet", "#date: x"]
)
def test_front_matter_of_comments_alone_is_removed(comments: str) -> None:
    fields, body = split_front_matter(f"---\n{comments}\n---\nText")
    assert (fields.title, fields.extra, body) == ("", (("comments", "#"),), "\nText")


def test_fields_without_a_use_are_returned_with_their_text() -> None:
    source = "title: T\nDedication: To my mother\nlayout: post\nmenu: {a: b}\nempty:\nsubtitle: S"
    assert parse_yaml(f"{source}\ndescription: D").extra == (
        ("dedication", "To my mother"), ("layout", "post"), ("menu", ""), ("description", "D"),
    )  # fmt: skip


BODIES = {
    "no front matter": "# One\n\nTwo",
    "unclosed": "---\ntitle: One\n\nBody",
    "a rule that opens a text": "---\n\nOnce upon a time.\n\n---\n\nThe end.",
    "a list between rules": "---\n- one\n- two\n---\nText",
    "a word between rules": "---\nInterlude\n---\nText",
    "speech between rules": '---\nHe said: "no: never".\nAnd left.\n---\nText',
    "a letter between rules": "---\nDear Anna: come home.\n\n---\nText",
    "prose with colons between rules": "---\nNote: this is: a story\nthat goes on.\n---\nText",
    "a comment between rules": "---\n# A heading\n---\nText",
    "front matter further down": "Text.\n\n---\ntitle: One\n---\nText",
    "two headings between rules": "---\n\n# One\n\n# Two\n\n---\nText",
    "a rule before a list and dots": "---\n- one\n...\nText",
    "code that looks like front matter": "    ---\n    title: One\n    ---\nText",
    "braces that are prose": "{sic} they wrote.\n\nText",
    "a list in JSON": '["title"]\n\nText',
    "an object before prose": '{"title": "One"} is JSON.\n\nText',
    "an object that isn't closed": '{"title": "One",\n\nText',
    "a letter": "From: Ann\nDate: 5 May 1920\n\nDear Bo,",
    "a play": "Ann: Where were you?\nBo: Out.\n\nText",
    "one line with a colon": "Summary: it rained.\n\nText",
    "a title above prose": "Title: One\nand a line of prose.\n\nText",
    "a heading with an underline": "Note: one\n---\nText",
    "link definitions": "[a]: # (One)\n[b]: http://x.org\n\nText",
    "a longer rule": "----\ntitle: One\n----\nText",
    "pluses that are prose": "+++\nWe counted.\n+++\nText",
    "more than 64 kB": "---\ntitle: One\nabout: " + "x" * 70_000 + "\n---\nText",
}


@pytest.mark.parametrize("case", BODIES)
def test_other_text_is_body_in_full(case: str) -> None:
    assert split_front_matter(BODIES[case]) == (FrontMatter(), BODIES[case])


def test_empty_front_matter_is_removed() -> None:
    assert split_front_matter("---\n---\nText") == (FrontMatter(), "\nText")


def test_fences_may_be_followed_by_blanks() -> None:
    assert split_front_matter("---  \ntitle: One\n---\t\nText") == (
        FrontMatter(title="One"),
        "\nText",
    )


def test_a_rule_in_the_body_stays_in_the_body() -> None:
    assert split_front_matter("---\ntitle: One\n---\nA\n\n---\n\nB")[1] == "\nA\n\n---\n\nB"


POEM = "Roses are red,  \n*violets* are blue."


@pytest.mark.parametrize("more", ["", "\nnote: a: b"])
def test_a_poem_in_a_text_field_is_the_body(more: str) -> None:
    source = "title: Poem\ntext: |\n  Roses are red,\n  *violets* are blue." + more
    fields, body = split_front_matter(f"---\n{source}\n---\n\n")
    assert (fields.title, body.strip()) == ("Poem", POEM)


def test_a_text_field_above_a_body_is_not_the_body() -> None:
    assert split_front_matter("---\ntext: no\n---\nYes")[1] == "\nYes"


def test_a_name_of_a_month_means_one_month_only() -> None:
    names = [name for line in MONTH_NAMES for name in line.split()]
    assert len(names) == len(set(names)) == len(MONTHS)
