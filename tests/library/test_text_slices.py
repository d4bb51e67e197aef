"""A story's text comes from the cache or from its file, and nobody can tell which."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from session_driver import story_of

from reader.library.catalog import Catalog
from reader.library.index import Index
from reader.library.story import describe_files
from reader.library.text_cache import TextCache
from reader.session.session import Session
from reader.store.repository import Store

if TYPE_CHECKING:
    from reader.session.open_story import OpenStory
    from reader.text.document import Block


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "stories"
    found.mkdir()
    (found / "a.md").write_text(
        f"---\ntitle: A\n---\n{story_of(400)}\n\nA note.[^1]\n\n[^1]: It.\n"
    )
    return found


def session(folder: Path) -> Session:
    cache = folder.parent / "cache"
    found = Session(
        Catalog(),
        Store.open_in_memory(),
        Index.open(cache / "index.db"),
        TextCache(cache / "texts"),
    )
    found.add_stories(list(describe_files(found.scan_folders([folder]))))
    return found


def whole(visit: OpenStory) -> tuple[list[Block], list[Block]]:
    """Parse the rest; return the blocks of the text and of its footnotes."""
    visit.parse_all()
    return visit.document.blocks, visit.document.footnotes


def opened(found: Session) -> OpenStory:
    return found.make_open_job(found.catalog.find_story("A")).run()


def read_once(folder: Path) -> tuple[list[Block], list[Block]]:
    """Read the story to its end in a session of its own, which keeps the text."""
    first = session(folder)
    visit = opened(first)
    document = whole(visit)
    first.index_story(visit).run()
    first.close()
    return document


def test_a_text_that_was_read_once_stands(folder: Path) -> None:
    read_once(folder)
    assert opened(session(folder)).text.is_cached


def test_a_text_that_stands_is_the_text_that_was_read(folder: Path) -> None:
    assert whole(opened(session(folder))) == read_once(folder)
    assert whole(opened(session(folder))) == read_once(folder)


def test_a_text_that_stands_needs_no_parser(folder: Path) -> None:
    read_once(folder)
    program = f"""
import sys
sys.path[:0] = {[str(Path(__file__).parent), str(Path(__file__).parent.parent / "helpers")]!r}
from pathlib import Path
from test_text_slices import opened, session
visit = opened(session(Path({str(folder)!r})))
sys.exit("markdown_it" in sys.modules or not visit.document.blocks)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_an_edited_file_is_parsed_anew(folder: Path) -> None:
    read_once(folder)
    (folder / "a.md").write_text("---\ntitle: A\n---\nAnother text.\n")
    visit = opened(session(folder))
    assert (visit.text.is_cached, visit.document.blocks[0].text) == (False, "Another text.")


def test_a_text_that_breaks_off_in_the_cache_goes_on_from_its_file(folder: Path) -> None:
    document = read_once(folder)
    kept = next((folder.parent / "cache" / "texts").iterdir())
    lines = kept.read_text().split("\n")
    kept.write_text("\n".join([*lines[:2], lines[2][:999]]))
    assert whole(opened(session(folder))) == document


def test_what_came_from_standard_input_never_stands(tmp_path: Path) -> None:
    found = Session(
        Catalog(), Store.open_in_memory(), Index.open(None), TextCache(tmp_path / "texts")
    )
    visit = found.open_text(b"Some words.\n")
    found.index_story(visit).run()
    assert not (tmp_path / "texts").exists()
