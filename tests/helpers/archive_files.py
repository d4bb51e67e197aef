"""Archives for tests: ZIP files of given texts, and exports of reading services."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def make_zip(files: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP archive with these files in their order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


RAIN_TEXT = (
    "It had rained since Thursday, and by Sunday even the dog had begun to look at us as if we’d done it.",
    "My *sister* said that it was good for the garden, which had by then moved some way towards the road.",
)
RAIN_HTML = (
    '<div id="readability-page-1"><h1>Rain in the North</h1>'
    f"<p>{RAIN_TEXT[0]}</p><p>My <em>sister</em>{RAIN_TEXT[1][11:]}</p></div>"
)


def make_omnivore_export() -> bytes:
    """Return Omnivore's export of an article with two highlights and of a link."""
    items = [
        {
            "slug": "rain", "title": "Rain in the North", "description": "It had rained since Thursday, and…", "author": "Ann Lee",
            "url": "https://x.example/rain", "state": "Active", "labels": ["weather"], "savedAt": "2024-05-01T10:00:00.000Z",
            "publishedAt": "2021-06-12T00:00:00.000Z",
        },
        {
            "slug": "pdf", "title": "A [PDF]", "url": "https://x.example/a(1).pdf", "state": "Archived", "labels": [],
            "savedAt": "2024-05-02T10:00:00.000Z",
        },
    ]  # fmt: skip
    highlights = "> the dog had begun to look at us as if we'd done it.\n\n#funny\n\nPoor dog.\n\n> My sister said"
    return make_zip(
        {
            "metadata_0_to_20.json": json.dumps(items),
            "content/rain.html": RAIN_HTML,
            "highlights/rain.md": highlights,
        }
    )


WALLABAG = json.dumps(
    [
        {
            "is_archived": 1, "is_starred": 0, "tags": ["x"], "title": "Rain in the North", "url": "https://x.example/rain",
            "content": RAIN_HTML, "published_at": "2021-06-12T10:00:00+0100", "published_by": ["Ann Lee"], "language": "en",
            "annotations": [{"text": "so wet", "quote": "since Thursday", "created_at": "2020-01-03T10:00:00+0100"}],
        },
        {"is_archived": 0, "title": "Empty", "url": "https://x.example/e", "content": "", "created_at": "2020-01-02T10:00:00+0100"},
    ]
)  # fmt: skip
POCKET_TABLE = (
    "title,url,time_added,tags,status\n"
    "A Story,https://a.example/1,1623456789,one|two,unread\n"
    "https://b.example/2,https://b.example/2,1623456789,,archive\n"
    "Bad,javascript:alert(1),1623456789,,archive\n"
)
POCKET_PAGE = (
    "<!DOCTYPE html><html><head><title>Pocket Export</title></head><body><h1>Unread</h1><ul>"
    '<li><a href="https://a.example/1" time_added="1623456789" tags="one,two">A Story</a></li></ul>'
    '<h1>Read Archive</h1><ul><li><a href="https://b.example/2" time_added="1623456789" tags="">'
    "https://b.example/2</a></li></ul></body></html>"
)
INSTAPAPER = (
    "URL,Title,Selection,Folder,Timestamp\nhttps://a.example/1,A Story,,Unread,1623456789\n"
)
READER = (
    "Title,URL,ID,Document tags,Saved date,Reading progress,Location,Seen\n"
    "A Story,https://a.example/1,01h,\"['one', 'two']\",2021-06-12 10:00:00+00:00,0.5,archive,True\n"
)
READWISE = (
    "Highlight,Book Title,Book Author,Amazon Book ID,Note,Color,Tags,Location Type,Location,Highlighted at,Document tags\n"
    '"good for the garden",Rain in the North,Ann Lee,,Why?,yellow,,page,2,2021-06-12 10:11:12+00:00,\n'
    '"A line, quoted.\nSecond line.",Other Book,Bo Ek,,,,,,,2021-06-12 10:11:12+00:00,\n'
)
CLIPPINGS = (
    "\ufeffRain in the North (Lee, Ann)\r\n"
    "- Your Highlight on page 2 | Location 30-32 | Added on Saturday, June 12, 2021 3:19:56 PM\r\n\r\n"
    "by Sunday even the dog\r\n==========\r\n"
    "Rain in the North (Lee, Ann)\r\n"
    "- Your Note on page 2 | Location 32 | Added on Saturday, June 12, 2021 3:20:56 PM\r\n\r\nha\r\n==========\r\n"
    "Gone (Ek, Bo)\r\n- Ihre Markierung auf Seite 5 | Position 3-4 | Hinzugefügt am Montag, 5. Juni 2023 10:11:12\r\n\r\n"
    "* not a list\r\n==========\r\n"
    "Gone (Ek, Bo)\r\n- Your Bookmark on page 5 | Added on Saturday, June 12, 2021 3:19:56 PM\r\n\r\n\r\n==========\r\n"
)
