"""A generated library: stories in every form that public blogs, books and notes have them in.

Each file combines a form of front matter, a form of date, an encoding and a form of its name, and
says which title and date must come out of it.
"""

from __future__ import annotations

from datetime import date
from itertools import count, cycle, islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DAY = date(2021, 6, 12)
PARAGRAPH = (
    "It was late, and the lamp was out. She counted the steps again: *twelve*, as every night. "
    "Nobody had [come](https://example.org/a_(b)) by the road since the bridge was closed."
)
PARAGRAPHS = {
    "utf-8": f"{PARAGRAPH} Élan, naïve, “quoted”, 漢字.",
    "utf-8-sig": PARAGRAPH,
    "shift_jis": "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。" * 12,
    "koi8-r": "Все счастливые семьи похожи друг на друга, каждая несчастлива по-своему. " * 6,
    "cp1252": "L’été dernier, elle était allée à la mer; la fenêtre était fermée. " * 6,
    "utf-16": PARAGRAPH,
}
"""A paragraph for each encoding."""
LINE_ENDS = ("\n", "\n", "\n", "\r\n", "\r", "mixed")


class Form(NamedTuple):
    """A form of front matter, with `{title}` and `{date}`, and what it gives."""

    head: str
    title: str = "{title}"
    has_date: bool = True
    """A date in it counts."""
    tags: tuple[str, ...] = ()


FORMS = (
    Form("---\ntitle: {title}\ndate: {date}\ntags: [work, sea]\n---\n\n", tags=("work", "sea")),
    Form('---\nTitle: "{title}"\nDate: {date}\nDraft: false\n---\n', tags=()),
    Form("---\ntitle: {title}: it began\ndate: {date}\n...\n\n", title="{title}: it began"),
    Form("---\ntitle: {title}\npubDate: {date}\npublished: true\n---\n\n# {title}\n\n"),
    Form("---\ntitle: {title}\npublished: {date}\ncategories:\n  - home\n---\n\n", tags=("home",)),
    Form('+++\ntitle = "{title}"\ndate = "{date}"\ntags = ["sea"]\n+++\n\n', tags=("sea",)),
    Form('{{"title": "{title}", "date": "{date}", "layout": "post"}}\n\n'),
    Form("Title: {title}\nAuthor: Ann Lamb\nDate: {date}\n\n"),
    Form('[title]: # "{title}"\n[date]: # "{date}"\n\n'),
    Form("# {title}\n\n", has_date=False),
    Form("## {title}\n\n", has_date=False),
    Form("{title}\n===========\n\n", has_date=False),
    Form("![A map](map.png)\n\n# {title}\n\n", has_date=False),
    Form("---\nDear Anna, come home.\n\nYours.\n\n---\n\n", title="", has_date=False),
    Form("", title="", has_date=False),
)
DATES = (
    "2021-06-12",
    "2021-06-12T08:00:00Z",
    "2021-06-12T23:30:00+02:00",
    "2021-06-12 09:30:00 +0900",
    "2021-06-12 09:30",
    "12 June 2021",
    "",
)
NAMES = (
    "{n}-story.md",
    "{n} with spaces.md",
    "2021-06-12-story-{n}.md",
    "2021/06/12/story-{n}.md",
    "notes/{n}/index.md",
    "Größe {n}.markdown",
    "漢字{n}.md",
    "UPPER-{n}.MD",
)


class WildStory(NamedTuple):
    """A file of the library, and what the shelf must show of it."""

    path: str
    data: bytes
    title: str
    """Empty if the file has none: it is made of the name."""
    published: date | None
    tags: tuple[str, ...]


def generate_stories() -> Iterator[WildStory]:
    """Yield stories without end; the first 120 have every form beside every other at least once."""
    encodings = [*PARAGRAPHS]
    for n in count():
        form, day = FORMS[n % len(FORMS)], DATES[n % len(DATES)]
        name = NAMES[(n + n // len(NAMES)) % len(NAMES)]
        encoding = encodings[(n + n // 7) % len(encodings)]
        line_end = LINE_ENDS[(n + n // 11) % len(LINE_ENDS)]
        paragraph, title = PARAGRAPHS[encoding], f"The Lamp {n}"
        is_plain = "{date}" in form.head and day
        head = form.head.format(title=title, date=day or "2021-06-12")
        if "{date}" in form.head and not is_plain:  # without a date
            head = head.replace("2021-06-12", "")
        text = head + "\n\n".join([paragraph] * (1 + n % 4)) + "\n"
        has_date = bool(is_plain and form.has_date) or name.startswith("2021")
        yield WildStory(
            name.format(n=n),
            set_line_ends(text, line_end).encode(encoding),
            form.title.format(title=title),
            DAY if has_date else None,
            form.tags,
        )


def set_line_ends(text: str, line_end: str) -> str:
    """Return `text` with other line ends; `mixed` are Windows' in every other line."""
    if line_end != "mixed":
        return text.replace("\n", line_end)
    lines, ends = text.split("\n"), cycle(("\n", "\r\n"))
    return "".join(line + end for line, end in zip(lines, ends, strict=False))


def write_library(
    folder: Path, number: int, choose: Callable[[], Iterator[WildStory]] = generate_stories
) -> dict[Path, WildStory]:
    """Write so many stories below `folder`; return each by the path of its file."""
    stories = {}
    for story in islice(choose(), number):
        path = folder / story.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(story.data)
        stories[path] = story
    return stories
