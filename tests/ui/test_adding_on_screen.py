"""Adding a story in the app: from a paste to the shelf, and what is kept when it is not saved."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from app_driver import Stage, render_rows, wait_until, wait_until_idle
from epub_files import make_epub
from textual import events
from textual.widgets import Input
from web_server import Answer, serve

from reader.ingest.feeds.subscriptions import load_subscriptions
from reader.session.adding.jobs import ReadJob, ReadResult
from reader.ui.dialogs.adding import START, AddDialog, FactDialog, LongLineInput
from reader.ui.dialogs.draft_lists import FactsDialog, PartsDialog, RemovedDialog
from reader.ui.dialogs.feed import FeedDialog
from reader.ui.dialogs.preview import PreviewDialog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot


PAGE = """<html><head><title>Rain</title><meta name="author" content="Ann Lee"></head><body><article><h1>Rain</h1>
<p>It had rained since Thursday, and by Sunday even the dog had begun to look at us as if we had done it.</p>
<p>My sister said that it was good for the garden, which had by then moved some way towards the road.</p>
<nav><a href="/">Home again</a></nav></article></body></html>"""
COPIED = """Sign in
The Long\x1b[31m Wait
By Ann Lee
4 min read

The bus did not come at nine, and it did not come at ten, and by eleven we had stopped believing in buses.

My brother said that in the old days they had always come, which was not true, but it passed the time."""


@pytest.fixture
def stage(write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setenv("NO_PROXY", "*")
    folder = write("a.md", "---\ntitle: Salt\n---\nThe sea.").parent
    stage = Stage(folder)
    stage.session.catalog.own_folder = folder.parent / "own"
    return stage


async def paste(pilot: Pilot[None], text: str) -> None:
    await pilot.app.on_event(events.Paste(text))
    await wait_until_idle(pilot)


async def wait_for(pilot: Pilot[None], kind: type) -> None:
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, kind))
    await wait_until_idle(pilot)


async def test_a_pasted_address_is_previewed_edited_saved_and_read(stage: Stage) -> None:
    with serve({"/rain": Answer(PAGE.encode())}) as server:
        async with stage.run(size=(80, 24)) as pilot:
            await paste(pilot, f"{server.url}/rain\n")
            offer = pilot.app.screen
            assert isinstance(offer, AddDialog)
            assert offer.message == "Enter fetches the page from 127.0.0.1 and shows it, unsaved."
            await pilot.press("enter")
            await wait_for(pilot, PreviewDialog)
            preview = pilot.app.screen
            assert isinstance(preview, PreviewDialog)
            assert preview.message == "s save · Esc drop · x 1 left out · e facts"
            rows = render_rows(preview.page)
            assert [row.strip() for row in rows if "By" in row] == ["By Ann Lee · 1 min"]
            assert "Home again" not in " ".join(rows)
            await pilot.press("x")
            await wait_for(pilot, RemovedDialog)
            await pilot.press("enter")
            await wait_for(pilot, PreviewDialog)
            assert preview.page.document.blocks[-1].text == "Home again"
            assert preview.message == "Put back (U undoes it): Home again"
            await pilot.press("e")
            await wait_for(pilot, FactsDialog)
            await pilot.press("j", "j", "enter", *" Ray", "enter", "j", "enter", *"June", "enter")
            await wait_for(pilot, FactDialog)
            fact = pilot.app.screen
            assert isinstance(fact, FactDialog)
            assert fact.message == "published: 'June' is no day; write it as 2021-06-12"
            await pilot.press("escape", "q")
            await wait_for(pilot, PreviewDialog)
            await pilot.press("s")
            await wait_until(pilot, lambda: pilot.app.screen is stage.screen)
            await wait_until(pilot, lambda: stage.screen.status_bar.text.startswith("Added: Rain"))
            story = stage.screen.shelf.story
            assert story is not None
            assert (story.title, story.author, story.words) == ("Rain", "Ann Lee Ray", 45)
            await pilot.press("enter")
            await wait_until_idle(pilot)
            assert stage.session.current is not None
            assert stage.session.current.story.path == story.path
            assert stage.screen.page.has_focus
        assert [path for path, _ in server.requests] == ["/rain"]


async def test_text_that_is_dropped_is_kept_until_it_is_added(stage: Stage) -> None:
    async with stage.run() as pilot:
        await paste(pilot, COPIED)
        await pilot.press("enter")
        await wait_for(pilot, PreviewDialog)
        preview = pilot.app.screen
        await pilot.press("escape")
        await wait_until(pilot, lambda: pilot.app.screen is stage.screen)
        assert stage.screen.status_bar.text.startswith("Not added; press a to see it again.")
        await pilot.press("a")
        await wait_for(pilot, AddDialog)
        offer = pilot.app.screen
        assert isinstance(offer, AddDialog)
        assert offer.message == "Pasted text: 6 lines, 55 words.\nSign in"
        await pilot.press("enter")
        await wait_for(pilot, PreviewDialog)
        assert isinstance(preview, PreviewDialog)
        assert "\x1b" not in "".join(render_rows(preview.page))
        await pilot.press("escape", "a", "backspace")
        await wait_for(pilot, AddDialog)
        offer = pilot.app.screen
        assert isinstance(offer, AddDialog)
        assert (offer.query_one(Input).has_focus, offer.message) == (True, START)
        await paste(pilot, COPIED)
        await pilot.press("enter")
        await wait_for(pilot, PreviewDialog)
        await pilot.press("s")
        await wait_until(pilot, lambda: "Added: The Long" in stage.screen.status_bar.text)
        await pilot.press("a")
        await wait_for(pilot, AddDialog)
        assert pilot.app.screen.query_one(Input).value == ""


async def test_reading_is_cancelled_by_escape_and_keys_are_taken_meanwhile(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = threading.Event()
    run = ReadJob.run

    def run_slowly(job: ReadJob) -> ReadResult:
        may_end.wait(60)
        return run(job)

    monkeypatch.setattr(ReadJob, "run", run_slowly)
    async with stage.run() as pilot:
        await pilot.press("a")
        await wait_for(pilot, AddDialog)
        offer = pilot.app.screen
        assert isinstance(offer, AddDialog)
        await pilot.press(*"no.txt", "enter", "t")
        assert (offer.query_one(Input).value, offer.message) == ("no.txtt", "Reading …")
        await pilot.press("escape")
        assert offer.message == "Cancelled. Enter tries it again."
        may_end.set()
        await pilot.press("backspace", "enter")
        await wait_until(pilot, lambda: offer.message.startswith("no.txt: there is no such file"))
        await paste(pilot, COPIED)
        assert offer.message == "Pasted text: 7 lines, 56 words.\nno.txt"
        await pilot.press("backspace", "escape")
        await wait_until(pilot, lambda: pilot.app.screen is stage.screen)


async def test_stories_of_a_feed_are_chosen_one_by_one_and_the_feed_is_followed(
    stage: Stage,
) -> None:
    items = "".join(
        f"<item><title>{name}\x07</title><link>/{name}</link></item>" for name in ("rain", "snow")
    )
    feed = f"<rss version='2.0'><channel><title>A Blog</title>{items}</channel></rss>"
    answers = {
        "/feed": Answer(feed.replace("\x07", "&#133;").encode()),
        "/rain": Answer(PAGE.encode()),
    }
    with serve(answers) as server:
        async with stage.run() as pilot:
            await paste(pilot, f"{server.url}/feed")
            await pilot.press("enter")
            await wait_for(pilot, FeedDialog)
            listing = pilot.app.screen
            assert isinstance(listing, FeedDialog)
            await pilot.press("j", "enter")
            await wait_until_idle(pilot)
            assert "404" in listing.filter_list.message
            await pilot.press("k", "enter")
            await wait_for(pilot, PreviewDialog)
            await pilot.press("s")
            await wait_for(pilot, FeedDialog)
            assert listing.filter_list.message == "Added: Rain"
            assert listing.saved == {0}
            await pilot.press("escape")
            done = "Added 1 story of A Blog. `reader update` brings what is new."
            await wait_until(pilot, lambda: stage.screen.status_bar.text.startswith(done))
            feeds = load_subscriptions(stage.store.record_store).feeds
            assert [each.url for each in feeds] == [f"{server.url}/feed"]


async def test_the_feed_of_a_page_is_followed_and_parts_of_a_book_are_chosen(
    stage: Stage, tmp_path: Path
) -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    feed = b"<rss version='2.0'><channel><title>A Blog</title></channel></rss>"
    answers = {
        "/a": Answer(PAGE.replace("</head>", f"{link}</head>").encode()),
        "/feed": Answer(feed),
    }
    chapters = {f"c{n}.xhtml": f"<h1>Part {n}</h1><p>Rain {n}.</p>" for n in range(3)}
    book = tmp_path / "book.epub"
    book.write_bytes(make_epub(chapters, [(f"Part {n}", f"c{n}.xhtml") for n in range(3)]))
    with serve(answers) as server:
        async with stage.run() as pilot:
            await paste(pilot, f"{server.url}/a")
            await pilot.press("enter")
            await wait_for(pilot, PreviewDialog)
            preview = pilot.app.screen
            assert isinstance(preview, PreviewDialog)
            assert preview.message.endswith("e facts · f feed")
            await pilot.press("f")
            await wait_until(pilot, lambda: preview.message.startswith("You follow A Blog now;"))
            feeds = load_subscriptions(stage.store.record_store).feeds
            assert [each.url for each in feeds] == [f"{server.url}/feed"]
            await pilot.press("f")
            assert preview.message == "You follow its feed already."
            await pilot.press("escape")
            await paste(pilot, str(book))
            await pilot.press("enter")
            await wait_for(pilot, PreviewDialog)
            second = pilot.app.screen
            assert isinstance(second, PreviewDialog)
            assert second.message == "s save all · Esc drop · ] next · t parts · e facts"
            await pilot.press("t")
            await wait_for(pilot, PartsDialog)
            await pilot.press("G", "enter")
            await wait_for(pilot, PreviewDialog)
            await wait_until(pilot, lambda: second.page.document.blocks[-1].text == "Rain 2.")
            await pilot.press("[")
            await wait_until(pilot, lambda: second.page.document.blocks[-1].text == "Rain 1.")


async def test_a_fact_with_control_characters_is_edited_without_them(stage: Stage) -> None:
    async with stage.run() as pilot:
        FactDialog("title", "a\x1b[2Jb\nc", lambda _: None).open_over(stage.app)
        await wait_until(pilot, lambda: bool(stage.app.screen.query(LongLineInput)))
        assert stage.app.screen.query_one(LongLineInput).value == "a�[2Jb c"
