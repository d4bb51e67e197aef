"""What a page leads to: where it sends the browser, its frames, the other pages of its article."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from web_server import Answer, serve

from reader.errors import FetchFailed
from reader.ingest.page.html_tree import parse_html
from reader.ingest.page.story import read_page
from reader.ingest.sources import Content, load_source, read_drafts
from reader.ingest.web import hosts
from reader.ingest.web.leads import Leads, find_leads

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from reader.ingest import Draft
    from reader.ingest.web.hosts import Host

TEXTS = [
    "It had rained since Thursday, and by Sunday even the dog had begun to look at us as if we had done it.",
    "My sister said that it was good for the garden, which had by then moved some way towards the road.",
    "On the third day there was a boat in the orchard, upright and dry, as if somebody had put it there.",
]
"""The text of each page of an article."""
NOTE = '<p>A boat<sup><a href="#fn1" id="r1">1</a></sup> is a boat, whatever the orchard says about it.</p><ol class="footnotes"><li id="fn1">Or a {}. <a href="#r1">↩</a></li></ol>'


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


def make_page(number: int, *, title: str = "Rain", link: str = "", note: str = "") -> Answer:
    more = f"<div class='pagination'>Page {number} of 3 {link}</div>"
    text = f"<h1>{title}</h1><p>{TEXTS[number - 1]} {TEXTS[number - 1].upper()}</p>{note}"
    html = f"<html><title>{title}</title><body><article>{text}</article>{more}</body></html>"
    return Answer(html.encode())


def add(url: str) -> Draft:
    (draft,) = read_drafts(load_source(url, lambda _: None))
    return draft


def test_the_pages_of_an_article_are_joined_with_footnotes_of_their_own() -> None:
    answers = {
        "/rain": make_page(1, link="<a href='/rain/2'>2</a>", note=NOTE.format("ship")),
        "/rain/2": make_page(
            2, title="Rain - Page 2", link="<a rel=next href='/rain/3'>Next</a>", note=NOTE.format("raft")
        ),
        "/rain/3": make_page(3, link="<a href='/rain/1'>1</a>"),
    }  # fmt: skip
    with serve(answers) as server:
        draft = add(f"{server.url}/rain")
        assert draft.facts.url == f"{server.url}/rain"
    assert [text in draft.body for text in TEXTS] == [True, True, True]
    assert "[^1]: Or a ship." in draft.body
    assert "boat[^2-1] is" in draft.body
    assert "[^2-1]: Or a raft." in draft.body
    assert (draft.facts.title, draft.notices) == ("Rain", ())
    assert "# Rain" not in draft.body
    removed = [piece.text for piece in draft.removed if "Page" in piece.text]
    assert removed == ["Page 1 of 3 2", "Page 2 of 3 Next", "Page 3 of 3 1"]


def test_a_missing_page_of_an_article_is_told() -> None:
    with serve({"/rain.html": make_page(1, link="<a href='rain_2.html'>2</a>")}) as server:
        draft = add(f"{server.url}/rain.html")
        missing = f"{server.url}/rain_2.html: there is no such page (404); check the address"
    assert draft.notices == (f"page 2 of the article is missing: {missing}",)
    assert TEXTS[0] in draft.body


@pytest.mark.parametrize(
    "second", [make_page(2, title="Snow"), make_page(1, link="<a href='?page=3'>3</a>")]
)
def test_another_story_and_the_same_page_again_are_not_joined(second: Answer) -> None:
    first = make_page(1, link="<a rel=next href='?page=2'>Next</a>")
    with serve({"/rain": first, "/rain?page=2": second}) as server:
        assert add(f"{server.url}/rain").body.count("\n\n") == 0
        assert len(server.requests) == 2


REFRESH = (
    "<html><head><meta http-equiv='Refresh' content='0; URL={}'></head><body>Moved.</body></html>"
)
FRAMES = "<html><frameset><frame src='menu.html'><frame src='gone.html'><frame src='/rain'></frameset></html>"


def test_a_page_that_only_leads_on_is_followed() -> None:
    answers = {
        "/a": Answer(REFRESH.format("/b/").encode()),
        "/b/": Answer(FRAMES.encode()),
        "/b/menu.html": Answer(b"<html><body><a href='/'>Home</a></body></html>"),
        "/rain": make_page(1),
    }
    with serve(answers) as server:
        draft = add(f"{server.url}/a")
        assert draft.facts.url == f"{server.url}/rain"
    assert TEXTS[0] in draft.body


def test_a_page_that_leads_round_in_a_circle_ends() -> None:
    answers = {"/a": Answer(REFRESH.format("/b").encode()), "/b": Answer(REFRESH.format("/a").encode())}  # fmt: skip
    with serve(answers) as server:
        load_source(f"{server.url}/a", lambda _: None)
        assert [path for path, _ in server.requests] == ["/a", "/b"]


def test_a_page_of_the_web_is_not_followed_into_the_own_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = iter([True, False])

    def look_up(parts: SplitResult, deadline: float) -> Host:
        return hosts.look_up(parts, deadline)._replace(is_public=next(found))

    monkeypatch.setattr("reader.ingest.web.fetch.look_up", look_up)
    with (
        serve({"/a": Answer(REFRESH.format("/b").encode())}) as server,
        pytest.raises(FetchFailed, match="to which a page of the web leads; not fetched"),
    ):
        load_source(f"{server.url}/a", lambda _: None)
    assert [path for path, _ in server.requests] == ["/a"]


@pytest.mark.parametrize(
    ("html", "notice"),
    [
        (REFRESH.format("https://x.example/rain"), "its text is not in this file; add https://x.example/rain"),
        (f"<!-- saved from url=(0014)https://x.example/rain -->{make_page(1, link='<a href=/rain/2>2</a>').body.decode()}",
         "the article goes on at https://x.example/rain/2; add the address of its first page for all of it"),
    ],
)  # fmt: skip
def test_what_a_saved_page_lacks_is_told(html: str, notice: str) -> None:
    (draft,) = read_drafts(Content(html.encode(), "rain.html"))
    assert draft.notices == (notice,)


LISTING = "".join(f"<h2><a href='/{n}'>Story {n}</a></h2>" for n in range(4))


@pytest.mark.parametrize(
    ("address", "link", "is_next"),
    [
        ("/rain", "/rain/2/", True), ("/2021/05/rain/", "/2021/05/rain/2/", True), ("/rain.html", "rain-2.html", True),
        ("/rain.html", "rain_page2.html", True), ("/rain?page=1&x=y", "?x=y&page=2", True), ("/rain", "/rain/page/2", True),
        ("/rain/2", "/rain/3", True), ("/rain?p=2", "?p=3", True),
        ("/rain", "/snow", False), ("/rain", "/rain/3", False), ("/rain/2", "/rain", False), ("/2021/05/11", "/2021/05/12", False),
        ("/posts/41", "/posts/43", False), ("/rain", "/rain/comment-page-2", False), ("/rain", "https://y.example/rain/2", False),
        ("/rain", "#2", False), ("/rain?p=1234", "?p=1235", False),
    ],
)  # fmt: skip
def test_the_next_page_of_an_article_has_the_next_number(
    address: str, link: str, is_next: bool
) -> None:
    base = "https://x.example"
    page = parse_html(f"{TEXTS[0] * 9}<a rel='next' href='{link}'>Next</a>")
    assert bool(find_leads(page, base + address).next_page) == is_next


def test_a_list_of_stories_and_a_page_that_reloads_lead_nowhere() -> None:
    page = parse_html(f"{LISTING}{TEXTS[0] * 9}<a href='/blog/page/2'>Older</a>")
    assert find_leads(page, "https://x.example/blog") == Leads()
    for content in ("900", "300; url=/other", "0; url=/a#b", "0; url=javascript:x"):
        page = parse_html(f"<meta http-equiv=refresh content='{content}'>")
        assert find_leads(page, "https://x.example/a") == Leads()


def test_the_time_to_find_the_next_page_grows_in_step_with_the_links() -> None:
    def measure(count: int) -> float:
        links = f"<a href='/{'a' * 900}/{'-1' * 90}'>1</a><a href='/blog/page/2'>2</a>" * count
        page = parse_html(f"{LISTING}{TEXTS[0] * 9}{links}")
        began = time.process_time()
        assert find_leads(page, "https://x.example/blog").next_page == ""
        return time.process_time() - began

    measure(5)
    assert measure(400) < 8 * measure(100) + 0.02


STATED = '<meta property="article:published_time" content="2021-06-12">'
TWO_ARTICLES = """<script type="application/ld+json">[{"@type": "Article", "datePublished": "2019-01-02"},
{"@type": "Article", "headline": "Rain", "datePublished": "2021-06-12"}]</script>"""


@pytest.mark.parametrize(
    ("head", "byline", "day"),
    [
        (STATED, "", "2021-06-12"),
        (STATED, "May 4, 2020", "2020-05-04"),
        (TWO_ARTICLES, "", "2021-06-12"),
    ],
    ids=["stated", "shown", "with a headline"],
)
def test_a_date_below_the_title_wins_over_what_the_page_states(
    head: str, byline: str, day: str
) -> None:
    body = f"<article><h1>Rain</h1><p>{byline}</p><p>{TEXTS[0]}</p><p>{TEXTS[1]}</p></article>"
    page = f"<html><head>{head}</head><body>{body}</body></html>"
    assert read_page(page.encode(), "https://x.example/rain").facts.published == day
