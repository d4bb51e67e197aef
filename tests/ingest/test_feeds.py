"""Feeds: what is read of them, what becomes of their entries, and which ones are followed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from web_server import Answer, serve

from reader.cli.adding.feeds import _make_fetcher, add_feed
from reader.cli.main import main
from reader.errors import FetchFailed, UnreadableFile
from reader.ingest import Draft, Facts
from reader.ingest.feeds import Entry, name_entry, name_feed
from reader.ingest.feeds.opml import parse_opml
from reader.ingest.feeds.parse import parse_feed
from reader.ingest.feeds.stories import make_story
from reader.ingest.page.story import read_page
from reader.ingest.sources import Content, find_format
from reader.session.adding.feed import read_feed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PROSE = "It had rained since Thursday, and by Sunday even the dog had begun to look at us as if we had done it."
RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>A Blog</title>
<link>https://x.example/</link><item><title>Tom &amp;amp; Ann &lt;i&gt;run&lt;/i&gt;</title><media:title>no</media:title>
<link>/one</link><guid isPermaLink="false">g1</guid><pubDate>Sat, 12 Jun 2021 23:30:00 -0400</pubDate>
<dc:creator>Ann Lee</dc:creator><category>rain</category><description>Short.</description>
<content:encoded><![CDATA[<p>Long <b>text</b>.</p>]]></content:encoded></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>A Blog</title><link rel="self" href="/feed"/>
<link href="https://x.example/"/><entry><title type="html">Tom &amp;amp; Ann</title><id>g1</id>
<link rel="enclosure" href="/a.mp3"/><link href="one"/><updated>2021-06-13T03:30:00Z</updated>
<author><name>Ann Lee</name></author><category term="rain"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Long <b>text</b>.</p></div></content></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>A Blog</title><link>https://x.example/</link></channel>
<item rdf:about="https://x.example/one"><title>Tom &amp; Ann</title><link>https://x.example/one</link>
<dc:date>2021-06-13</dc:date><dc:creator>Ann Lee</dc:creator><dc:subject>rain</dc:subject>
<description>&lt;p&gt;Long &lt;b&gt;text&lt;/b&gt;.&lt;/p&gt;</description></item></rdf:RDF>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1", "title": "A Blog", "home_page_url": "https://x.example/",
        "items": [{
            "id": "g1", "url": "/one", "title": "Tom & Ann", "date_published": "2021-06-12T23:30:00-04:00",
            "authors": [{"name": "Ann Lee"}], "tags": ["rain"], "content_html": "<p>Long <b>text</b>.</p>",
        }],
    }
)  # fmt: skip
BROKEN = RSS.replace("<title>A Blog</title>", "<title>A Blog&nbsp;</title><br>").replace(
    "</channel></rss>", "<item><title>Unclosed"
)


@pytest.mark.parametrize("source", [RSS, ATOM, RDF, JSON, BROKEN, "\n \ufeff" + RSS[21:]], ids=["rss", "atom", "rdf", "json", "broken", "late"])  # fmt: skip
def test_an_entry_has_its_title_address_day_author_and_text(source: str) -> None:
    data = source.encode()
    assert find_format(Content(data, "x")) == "feed"
    feed = parse_feed(data, "https://x.example/feed")
    entry = feed.entries[0]
    assert (feed.title, feed.url) == ("A Blog", "https://x.example/")
    assert entry.title.startswith("Tom & Ann")
    assert (entry.url, entry.published, entry.author, entry.tags) == (
        "https://x.example/one",
        "2021-06-13",
        "Ann Lee",
        ("rain",),
    )
    draft = make_story(entry, None)
    assert draft.blocks == ("Long **text**.",)
    assert draft.facts.url == "https://x.example/one"


def test_text_that_is_escaped_or_plain_is_not_markup() -> None:
    entry = (
        '<feed><entry><id>1</id><content type="text">a &lt;b&gt; c\n\nd</content></entry></feed>'
    )
    assert make_story(parse_feed(entry.encode()).entries[0], None).blocks == ("a \\<b> c", "d")


BOMB = "<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'>" + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(12)) + "]>"  # fmt: skip
FILE = "<!DOCTYPE rss [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>"


@pytest.mark.parametrize("start", [BOMB, FILE], ids=["bomb", "file"])
def test_an_entity_that_a_feed_declares_is_never_replaced(start: str) -> None:
    name = "l" if start is BOMB else "a"
    source = f"<?xml version='1.0'?>{start}{RSS[21:].replace('A Blog', f'A &{name};')}"
    assert parse_feed(source.encode()).title == f"A &{name};"


@pytest.mark.parametrize(
    "source",
    [
        "<rss><channel>" + "<a>" * 20_000 + "<item><title>x</title>",
        "<rss>" + "<![CDATA[" * 20_000,
        "<rss>" + "<!--" * 20_000,
        "<rss><channel><item>" + "<" * 20_000,
        '{"version": "https://jsonfeed.org/version/1", "items": [{"id": [], "url": 7, "authors": "x", "tags": {}}, 3]}',
        '{"version": "https://jsonfeed.org/version/1", "items": ' + "[" * 9_000,
        "<html><body><p>No feed.</p></body></html>",
    ],
    ids=["deep", "cdata", "comments", "angles", "types", "nested", "page"],
)
def test_a_hostile_feed_is_read_or_refused(source: str) -> None:
    try:
        feed = parse_feed(source.encode())
    except UnreadableFile as error:
        assert str(error) == "this is not a feed; open the page and look for the feed's address"  # noqa: PT017  others are read
    else:
        assert len(feed.entries) <= 1


PAGE = Draft(Facts(title="Page", author=""), ("From the page.",))


@pytest.mark.parametrize(
    ("html", "is_full", "blocks"),
    [
        (f"<p>{PROSE}</p>", True, (PROSE,)),
        (f"<p>{PROSE} […]</p>", True, PAGE.blocks),
        (f"<p>{PROSE}</p><p>Continue reading →</p>", True, PAGE.blocks),
        (f"<p>{PROSE}</p>", False, PAGE.blocks),
        (f"<p>{PROSE * 20}</p>", False, (PROSE * 20,)),
        ("", False, PAGE.blocks),
    ],
    ids=["full", "cut", "continued", "summary", "long-summary", "none"],
)
def test_the_page_is_fetched_if_the_feed_has_only_the_beginning(
    html: str, is_full: bool, blocks: tuple[str, ...]
) -> None:
    entry = Entry("k", "Rain", "https://x.example/rain", author="Ann", html=html, is_full=is_full)
    draft = make_story(entry, lambda _url: [PAGE])
    assert draft.blocks == blocks
    assert draft.facts.author == "Ann"


def test_the_beginning_is_added_if_the_page_can_not_be_fetched() -> None:
    def refuse(url: str) -> Iterable[Draft]:
        raise FetchFailed("x.example: no")

    entry = Entry("k", "Rain", "https://x.example/rain", html=f"<p>{PROSE}</p>")
    assert make_story(entry, refuse).notices == (
        "only the feed's own text was added, since the page can't be fetched: x.example: no",
    )
    with pytest.raises(FetchFailed):
        make_story(entry._replace(html=""), refuse)


def test_a_feed_of_the_web_can_not_lead_into_the_own_network() -> None:
    with serve({}) as server:
        with pytest.raises(FetchFailed, match="to which a feed of the web leads; not fetched"):
            _make_fetcher(is_local=False)(f"{server.url}/secret")
        assert server.requests == []


# The commands


def make_feed(*names: str) -> Answer:
    items = "".join(
        f"<item><title>{name}</title><link>/{name}</link><description/>"
        f"<content:encoded>&lt;p&gt;{name}. {PROSE}&lt;/p&gt;</content:encoded></item>"
        for name in names
    )
    body = f'<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>A Blog</title>{items}</channel></rss>'
    return Answer(body.encode(), headers={"Content-Type": "application/xml", "ETag": f'"{len(names)}"'})  # fmt: skip


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    for name in ("config", "data", "cache"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    monkeypatch.setenv("NO_PROXY", "*")

    def run(*argv: str) -> tuple[int, str]:
        code = main([*argv])
        return code, capsys.readouterr().out

    return run


def test_a_feed_is_listed_chosen_from_followed_and_updated(
    tmp_path: Path, run: Callable[..., tuple[int, str]]
) -> None:
    answers = {"/feed": make_feed("Hail", "Rain")}
    stories = tmp_path / "data/essay-reader/stories"
    with serve(answers) as server:
        feed = f"{server.url}/feed"
        code, out = run("add", feed)
        assert (code, out.split("\n")[:4]) == (
            0,
            ["A Blog · 2 stories", f"1{' ' * 15}Hail", f"2{' ' * 15}Rain", ""],
        )
        assert out.endswith(", or what is new with --new.\n")
        assert not stories.exists()
        assert run("add", feed, "--items", "2")[0] == 0
        assert [path.name for path in stories.glob("*.md")] == ["rain.md"]
        assert run("feeds") == (0, f"1  A Blog\n   {feed}\n")
        assert list((tmp_path / "data/essay-reader/backups").glob("state-*.db"))
        assert run("update") == (0, "A Blog · nothing new\n")
        assert server.requests[-1][1]["If-None-Match"] == '"2"'
        answers["/feed"] = make_feed("Snow", "Hail", "Rain")
        code, out = run("update", "a blog")
        assert (code, out.split("\n")[0], out.split("\n")[2]) == (0, "A Blog · 1 new", "  Snow · 24 words")  # fmt: skip
        answers["/feed"] = make_feed("Ice", "Snow", "Hail", "Rain")
        assert run("add", feed)[1].split("\n")[1] == f"1 *{' ' * 13}Ice"
        assert run("feeds", "remove", "1") == (0, "removed: A Blog; its stories stay\n")
        assert run("feeds")[1] == "You follow no feeds. Add one with: reader add ADDRESS\n"
        assert sorted(path.name for path in stories.glob("*.md")) == ["rain.md", "snow.md"]


def test_an_entry_without_a_title_is_listed_by_how_it_begins(
    tmp_path: Path, run: Callable[..., tuple[int, str]]
) -> None:
    items: list[dict[str, str]] = [
        {"id": "g1", "content_text": "One two three four five six seven eight nine ten eleven"},
        {"id": "g2", "content_text": "A b c d e f g h i j k l m"},
        {},  # it can't be recognised again, so it is no entry
    ]
    path = tmp_path / "feed.json"
    path.write_text(json.dumps(json.loads(JSON) | {"items": items}))
    assert run("add", str(path))[1].split("\n")[:4] == [
        "A Blog · 2 stories",
        f"1{' ' * 15}One two three four five six seven eight nine ten eleven",
        f"2{' ' * 15}A b c d e f g h i j k l …",
        "",
    ]


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        (
            Entry("1", "A \x1b[2JTitle", "http://a.example/1", html="<p>Words.</p>"),
            "A \ufffd[2JTitle",
        ),
        (Entry("1", "", "http://a.example/1", html=f"<p>{'word ' * 13}</p>"), "word " * 12 + "…"),
        (Entry("1", "", "http://a.example/1"), "http://a.example/1"),
        (Entry("1", "", ""), "no title"),
    ],
)
def test_an_entry_has_the_same_name_in_the_app_as_on_the_command_line(
    entry: Entry, name: str
) -> None:
    item = {"title": entry.title, "url": entry.url, "content_html": entry.html, "id": "1"}
    data = json.dumps({"version": "https://jsonfeed.org/version/1", "items": [item]}).encode()
    assert name_entry(entry) == name
    assert read_feed(Content(data, "feed.json")).names == (name,)


def test_a_feed_without_a_title_has_the_name_of_its_address() -> None:
    assert [name_feed("A Blog", "http://a.example"), name_feed("", "http://a.example")] == [
        "A Blog",
        "http://a.example",
    ]


def test_what_could_not_be_added_is_new_the_next_time(
    tmp_path: Path, run: Callable[..., tuple[int, str]]
) -> None:
    link = b"<rss><channel><title>A Blog</title><item><title>Rain</title><link>/rain</link></item></channel></rss>"
    answers = {
        "/feed": Answer(link, headers={"ETag": '"1"', "Content-Type": "application/rss+xml"})
    }
    page = f"<html><body><article><h1>Rain</h1><p>{PROSE}</p><p>{PROSE[::-1]}</p></article></body></html>"
    with serve(answers) as server:
        assert run("add", f"{server.url}/feed", "--new") == (1, "")
        answers["/rain"] = Answer(page.encode())
        code, out = run("update")
    assert (code, out.split("\n")[0]) == (0, "A Blog · 1 new")
    assert (tmp_path / "data/essay-reader/stories/rain.md").is_file()


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["feeds", "remove"], "name the feed to remove: its number, its address, or a part of its title"),
        (["feeds", "remove", "x"], "no feed has 'x' in the title; see: reader feeds list"),
        (["update", "7"], "no feed has '7' in the title; see: reader feeds list"),
        (["add", "feed.xml", "--items", "1,9"], "'9' is not one of the numbers 1 to 1, or a range such as 3-5"),
        (["update", "--private"], "Private mode: nothing was added"),
    ],
)  # fmt: skip
def test_a_request_that_can_not_be_met_says_why(
    argv: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("feed.xml").write_text(RSS)
    assert main(argv) > 0
    assert capsys.readouterr().err == f"reader: {message}\n"


OPML = """<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body><outline text="Folder">
<outline type="rss" text="A Blog" xmlUrl="{url}/feed"/><outline title="Twice" xmlUrl="{url}/feed/"/></outline>
<outline text="Gone" xmlUrl="{url}/gone"/><outline text="Bad" xmlUrl="file:///etc/passwd"/><outline text="None"/></body></opml>"""


def test_the_feeds_of_a_list_are_followed_and_their_stories_count_as_seen(
    tmp_path: Path, run: Callable[..., tuple[int, str]]
) -> None:
    opml = tmp_path / "feeds.opml"
    answers = {"/feed": make_feed("Hail", "Rain")}
    with serve(answers) as server:
        opml.write_text(OPML.format(url=server.url))
        listed = f"A Blog  {server.url}/feed\nGone  {server.url}/gone\nBad  file:///etc/passwd\n"
        assert run("add", "--dry-run", str(opml)) == (0, listed)
        summary = "A Blog · 2 stories\n3 feeds · 1 added · 2 not added\n"
        assert run("add", str(opml)) == (1, summary)
        assert run("feeds") == (0, f"1  A Blog\n   {server.url}/feed\n")
        assert run("update") == (0, "A Blog · nothing new\n")
        summary = "3 feeds · 0 added · 1 followed already · 2 not added\n"
        assert run("add", str(opml)) == (1, summary)
        assert run("add", "--items", "1", str(opml)) == (2, "")
    assert not (tmp_path / "data/essay-reader/stories").exists()


def test_a_list_that_is_interrupted_keeps_the_feeds_that_were_added(
    tmp_path: Path, run: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def add_one(content: Content, *details: Any, **options: Any) -> int:
        if content.name.endswith("/gone"):
            raise KeyboardInterrupt
        return add_feed(content, *details, **options)

    monkeypatch.setattr("reader.cli.adding.feed_lists.add_feed", add_one)
    with serve({"/feed": make_feed("Hail"), "/gone": make_feed("Rain")}) as server:
        (tmp_path / "feeds.opml").write_text(OPML.format(url=server.url))
        summary = "A Blog · 1 story\n3 feeds · 1 added · 2 left: add the list again\n"
        assert run("add", str(tmp_path / "feeds.opml")) == (130, summary)
        assert run("feeds") == (0, f"1  A Blog\n   {server.url}/feed\n")


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("<opml><body><outline xmlUrl='feed://x.example/a'/></body></opml>", ["https://x.example/a"]),
        ("<opml><body><outline xmlurl='http://x.example/?a=1&b=2'></opml>", ["http://x.example/?a=1&b=2"]),
        ("<opml><body><outline text='a note'/></body></opml>", []),
        ("<!DOCTYPE opml [<!ENTITY a 'x'>]><opml><outline xmlUrl='http://&a;/'/></opml>", ["http://&a;/"]),
        ("<opml>" + "<outline>" * 10_000 + "<outline xmlUrl='http://x.example/'/>", ["http://x.example/"]),
    ],
)  # fmt: skip
def test_a_list_of_feeds_is_read_as_far_as_it_can_be(text: str, urls: list[str]) -> None:
    assert find_format(Content(text.encode(), "x")) == "opml"
    assert [each.url for each in parse_opml(text.encode())] == urls


LINK = "<link rel='{}' type='application/{}' title='{}' href='{}'>"


@pytest.mark.parametrize(
    ("link", "feed"),
    [
        (LINK.format("alternate", "rss+xml", "", "/feed?a=1&amp;b"), "https://x.example/feed?a=1&b"),
        (LINK.format("ALTERNATE home", "Atom+XML", "", "https://y.example/f"), "https://y.example/f"),
        (LINK.format("alternate", "rss+xml", "Comments", "/c") + LINK.format("alternate", "rss+xml", "", "/f"), "https://x.example/f"),
        (LINK.format("alternate", "rss+xml", "", "/rain/comments/feed/"), ""),
        (LINK.format("alternate", "json", "", "/wp-json"), ""),
        (LINK.format("stylesheet", "rss+xml", "", "/feed"), ""),
        (LINK.format("alternate", "rss+xml", "", "javascript:a"), ""),
        (LINK.format("alternate", "rss+xml", "", "https://a:b@x.example/f"), ""),
        (LINK.format("alternate", "rss+xml", "", "https://[x/f"), ""),
    ],
)  # fmt: skip
def test_the_feed_of_a_page_is_found(link: str, feed: str) -> None:
    page = f"<html><head>{link}</head><body><p>{PROSE}</p></body></html>"
    assert read_page(page.encode(), "https://x.example/rain").feed == feed


def test_the_feed_of_an_added_page_is_told_until_it_is_followed(
    run: Callable[..., tuple[int, str]],
) -> None:
    page = f"<html><head>{LINK.format('alternate', 'rss+xml', '', '/feed?a&b')}</head><body><h1>Rain</h1><p>{PROSE}</p></body></html>"
    with serve({"/rain": Answer(page.encode()), "/feed?a&b": make_feed("Hail")}) as server:
        told = f"  has a feed, to follow with: reader add '{server.url}/feed?a&b'"
        assert run("add", f"{server.url}/rain")[1].split("\n")[2:] == [told, ""]
        assert run("add", f"{server.url}/feed?a&b")[0] == 0
        assert run("add", f"{server.url}/rain")[1].split("\n")[2:] == [""]
