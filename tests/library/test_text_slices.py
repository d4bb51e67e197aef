"""A story has the same text whether it comes from the cache or from its file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from session_driver import make_text

from reader.library.catalog import Catalog
from reader.library.describing import describe_files
from reader.library.index import Index
from reader.library.text_cache import TextCache
from reader.session.session import Session
from reader.store.repository import Store

if TYPE_CHECKING:
    from reader.session.open_story import OpenStory
    from reader.text.document import Block


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "stories"
    folder.mkdir()
    (folder / "a.md").write_text(
        f"---\ntitle: A\n---\n{make_text(400)}\n\nA note.[^1]\n\n[^1]: It.\n"
    )
    return folder


def make_session(folder: Path) -> Session:
    cache = folder.parent / "cache"
    session = Session(
        Catalog(),
        Store.open_in_memory(),
        Index.open(cache / "index.db"),
        TextCache(cache / "texts"),
    )
    session.add_stories(list(describe_files(session.scan_folders([folder]))))
    return session


def parse_rest(story: OpenStory) -> tuple[list[Block], list[Block]]:
    """Parse the rest; return the blocks of the text and of its footnotes."""
    story.parse_all()
    return [*story.document.blocks], story.document.footnotes


def open_story(session: Session) -> OpenStory:
    return session.make_open_job(session.catalog.find_story("A")).run()


def read_story(folder: Path) -> tuple[list[Block], list[Block]]:
    """Read the story to its end in a session that saves its text in the cache."""
    session = make_session(folder)
    story = open_story(session)
    document = parse_rest(story)
    session.index_story(story).run()
    session.close()
    return document


def test_a_text_that_was_read_is_cached(folder: Path) -> None:
    read_story(folder)
    assert open_story(make_session(folder)).text.is_cached


def test_a_cached_text_equals_the_parsed_text(folder: Path) -> None:
    assert parse_rest(open_story(make_session(folder))) == read_story(folder)
    assert parse_rest(open_story(make_session(folder))) == read_story(folder)


def test_a_cached_text_loads_no_parser(folder: Path) -> None:
    read_story(folder)
    program = f"""
import sys
sys.path[:0] = {[str(Path(__file__).parent), str(Path(__file__).parent.parent / "helpers")]!r}
from pathlib import Path
from test_text_slices import make_session, open_story
story = open_story(make_session(Path({str(folder)!r})))
sys.exit("markdown_it" in sys.modules or not story.document.blocks)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_an_edited_file_is_parsed_again(folder: Path) -> None:
    read_story(folder)
    (folder / "a.md").write_text("---\ntitle: A\n---\nAnother text.\n")
    story = open_story(make_session(folder))
    assert (story.text.is_cached, story.document.blocks[0].text) == (False, "Another text.")


def test_the_rest_of_a_damaged_cached_text_is_parsed(folder: Path) -> None:
    document = read_story(folder)
    cached = next((folder.parent / "cache" / "texts").iterdir())
    lines = cached.read_text().split("\n")
    cached.write_text("\n".join([*lines[:2], lines[2][:999]]))
    assert parse_rest(open_story(make_session(folder))) == document


def test_a_text_from_standard_input_is_not_cached(tmp_path: Path) -> None:
    session = Session(
        Catalog(), Store.open_in_memory(), Index.open(None), TextCache(tmp_path / "texts")
    )
    story = session.open_text(b"Some words.\n")
    session.index_story(story).run()
    assert not (tmp_path / "texts").exists()
