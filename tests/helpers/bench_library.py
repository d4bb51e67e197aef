"""Generate a library of many stories, and measure describing, indexing and searching it.

`make bench` prints the tables. READER_STORIES is the number of stories.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from random import Random
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import TYPE_CHECKING, Final

from bench_programs import make_story

from reader.cli.context import open_session
from reader.finding.describing import fill_catalog, report_nothing
from reader.finding.filters import list_ids
from reader.finding.text_reading import load_text
from reader.finding.word_index import update_index
from reader.fulltext.fts5 import Fts5Engine
from reader.fulltext.query import parse_query
from reader.library.describing import describe_file
from reader.library.scan import scan_folder
from reader.library.story import read_source
from reader.reading.progress import DEFAULT_PACE
from reader.session.shelf.entries import make_entry
from reader.store.repository import StoryState

if TYPE_CHECKING:
    from collections.abc import Callable

    from reader.fulltext.query import Query
    from reader.library.files import File
    from reader.library.story import Story
    from reader.session.shelf.entries import ShelfEntry

STORIES: Final = int(os.environ.get("READER_STORIES", "10000"))
LARGE: Final = int(os.environ.get("READER_LARGE", "20000"))
"""Stories of a line in the library for keys and memory; 100,000 take some minutes."""
SAMPLE: Final = 300
"""Texts that markdown-it parses, for comparison."""
MOST: Final = 50
"""Stories that a query asks for."""
CHARACTERS: Final = 5_000
"""Characters of a story."""
COMMON: Final = [
    "the",
    "of",
    "and",
    "to",
    "a",
    "in",
    "that",
    "it",
    "was",
    "he",
    "for",
    "his",
    "with",
    "as",
    "on",
    "be",
    "had",
    "at",
    "by",
    "but",
    "from",
    "she",
    "they",
    "were",
    "her",
    "one",
    "all",
    "there",
    "their",
    "we",
    "him",
    "been",
    "has",
    "when",
    "who",
    "will",
    "no",
    "more",
    "if",
    "out",
    "so",
    "up",
    "said",
    "what",
    "its",
    "about",
]
HEADS: Final = (
    '---\ntitle: "{0}"\nauthor: Ann Lamb\ndate: 2021-06-12\ntags: [work, sea]\ndraft: false\n---\n\n',
    "---\ntitle: {0}\ndate: 2020-01-02T10:00:00+01:00\ntags:\n  - home\n  - garden\n---\n\n",
    '+++\ntitle = "{0}"\ndate = 2019-05-06\n+++\n\n',
    "---\ntitle: {0}\n---\n\n# {0}\n\n",
    "# {0}\n\n",
)
"""How stories begin."""
QUERIES: Final = {
    "rare word": "quarantine",
    "common word": "the",
    "two common words": "the of",
    "phrase": '"of the"',
    "prefix": "the*",
    "prefix of two letters": "th*",
    "word and prefix": "quarantine th*",
    "CJK": "漢字",
    "excluded word": "the -of",
    "field": "tag:work",
    "word and field": "the author:lamb",
    "folder": "in:part-3",
}


def make_library(folder: Path, count: int = STORIES) -> list[File]:
    """Write `count` stories of 5 kB in twenty folders, and return their files."""
    chance = Random(5)  # noqa: S311  no secret
    letters = "abcdefghijklmnopqrstuvwxyz"
    rare = ["".join(chance.choices(letters, k=chance.randint(4, 9))) for _ in range(20_000)]
    for number in range(count):
        words = chance.choices(COMMON, k=CHARACTERS // 10) + chance.choices(
            rare, k=CHARACTERS // 13
        )
        chance.shuffle(words)
        words[20:21] = [f"*{words[20]}*", f"[{words[21]}](https://example.org/{number})", "it’s"]
        lines = [" ".join(words[at : at + 80]) for at in range(0, len(words), 80)]
        lines += ["漢字文化の歴史"] * (number % 50 == 0) + ["quarantine"] * (number == count // 2)
        head = HEADS[number % len(HEADS)].format(" ".join(words[:4]))
        path = folder / f"part-{number % 20}" / f"story-{number}.md"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(head + "\n\n".join(lines))
    return list(scan_folder(folder))


def write_lines(folder: Path, count: int) -> None:
    """Write `count` stories of a line, the first of them a longer one."""
    for number in range(count):
        path = folder / f"part-{number % 20}" / f"{number:06}-story.md"
        path.parent.mkdir(exist_ok=True, parents=True)
        date = f"{2000 + number % 20}-01-{number % 28 + 1:02}"
        text = make_story(6_000) if number == 0 else "One line of text."
        path.write_text(f"---\ntitle: Story {number}\ndate: {date}\n---\n\n{text}\n")


def measure_app(folder: Path, index: Path, count: int) -> dict[str, float]:
    """Return what `bench_app` measures with the `count` stories of `folder` and that index."""
    program = Path(__file__).with_name("bench_app.py")
    argv = [sys.executable, str(program), str(folder), str(index), str(count)]
    paths = os.pathsep.join(sys.path)
    env = {**os.environ, "PYTHONPATH": paths}
    result = subprocess.run(argv, capture_output=True, check=True, env=env)
    figures: dict[str, float] = json.loads(result.stdout)
    return figures


def measure_parsing(files: list[File]) -> float:
    """Return the processor time in which markdown-it parses all texts, from a sample of them."""
    from markdown_it import MarkdownIt

    parser, sample = MarkdownIt("commonmark"), files[:SAMPLE]
    bodies = [read_source(file.path).body for file in sample]
    return _measure(lambda: [parser.parse(body) for body in bodies]) * len(files) / len(sample)


def make_home(home: Path, count: int) -> None:
    """Make a home folder whose library has `count` stories of a line, and no others.

    They are described, and the order of a large shelf is kept, as after a first run.
    """
    folder, config = home / "library", home / ".config" / "essay-reader" / "config.toml"
    write_lines(folder, count)
    config.parent.mkdir(parents=True)
    config.write_text(f'library = "{folder}"\nbundled = false\n')
    with open_session() as session:
        fill_catalog(session)
        session.save_choice("theme", "night")
    with open_session() as session:
        session.scan_library(None)
        job = session.scanning.make_order_job(session.shelf_list.list_at_once())
        if job is not None:
            job.run()


def measure_describing(files: list[File]) -> tuple[dict[str, float], list[Story]]:
    """Return the processor time of reading files with their front matter, and of describing."""
    stories: list[Story] = []
    describe_file(files[0])  # imports
    reading = _measure(lambda: [read_source(file.path) for file in files])
    describing = _measure(lambda: stories.extend(map(describe_file, files)))
    return {"files and front matter read": reading, "stories described": describing}, stories


def measure_search(
    path: Path, files: list[File], stories: list[Story]
) -> tuple[dict[str, float], dict[str, float], float]:
    """Return the time of indexing, that of each query, and the size of the index to the texts'."""
    engine = Fts5Engine(path)
    known = {file.location: file for file in files}
    words = _measure(lambda: [load_text(story) for story in stories])
    began = time.monotonic()
    indexing = _measure(lambda: update_index(engine, stories, known.get, report_nothing))
    clock = time.monotonic() - began
    entries = [make_entry(story, StoryState(), DEFAULT_PACE) for story in stories]
    queries = {name: parse_query(text) for name, text in QUERIES.items()}
    _seek(engine, queries["rare word"], entries)  # loads the ids
    times = {
        name: min(_measure(partial(_seek, engine, query, entries)) for _ in range(3))
        for name, query in queries.items()
    }
    engine.close()
    size = path.stat().st_size / sum(file.size for file in files)
    figures = {"MarkdownIt.parse of all": measure_parsing(files), "words taken": words}
    figures |= {"texts indexed, both processes": indexing, "texts indexed, by the clock": clock}
    return figures, times, size


def _seek(engine: Fts5Engine, query: Query, entries: list[ShelfEntry]) -> None:
    engine.seek(query.resolve_fields(lambda field: list_ids(entries, field, {})), MOST)


def measure_grep(folder: Path) -> dict[str, float]:
    """Return the processor time in which `grep -ril` finds the rare word, if there is a grep."""
    if shutil.which("grep") is None:
        return {}
    times = []
    for _ in range(3):
        before = os.times()
        command = ["grep", "-ril", QUERIES["rare word"], str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        times.append(sum(after[2:4]) - sum(before[2:4]))  # of processes that have ended
    return {"grep -ril, the rare word": min(times)}


def _measure(run: Callable[[], object]) -> float:
    """Return the processor time of one run in seconds, with that of processes which have ended."""
    begin = _read_processor_time()
    run()
    return _read_processor_time() - begin


def _read_processor_time() -> float:
    usages = map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
