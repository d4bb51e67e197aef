"""Saving a story: its name, its front matter, and the same story added again."""

from __future__ import annotations

import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reader.errors import UnreadableFile
from reader.ingest import Draft, Facts, RemovedText
from reader.ingest.known_stories import normalize_address
from reader.ingest.save import make_file_stem, save_draft, write_markdown
from reader.library.source.frontmatter import split_front_matter

if TYPE_CHECKING:
    from pathlib import Path

BLOCKS = (
    "It had rained since Thursday, and by Sunday even the dog looked at us.",
    "We played cards.",
)
FACTS = Facts(title="Rain", author="Ann Lee", url="https://x.example/rain")
DRAFT = Draft(FACTS, BLOCKS, (RemovedText("Menu\nHome", 0), RemovedText("© 2021", 2)))


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("The Lamp on the Landing", "the-lamp-on-the-landing"),
        ("../../etc/passwd", "etc-passwd"),
        ("/etc/cron.d/x", "etc-cron-d-x"),
        ("..", "untitled"),
        ("", "untitled"),
        (".hidden", "hidden"),
        ("a\0b\x1b[31mc\nd", "a-b-31mc-d"),
        ("CON: “It’s”", "con-its"),
        ("हिन्दी में कहानी", "हिन्दी-में-कहानी"),
        ("灯台守の手紙", "灯台守の手紙"),
        ("word " * 60, "word-" * 19 + "word"),
        ("é" * 300, "é" * 50),
    ],
)
def test_a_title_becomes_a_name_without_paths_and_controls(title: str, stem: str) -> None:
    assert make_file_stem(title) == stem


@pytest.mark.parametrize(
    "title", ["../../../tmp/x", "/etc/passwd", "a/../../b", "~/.bashrc", "C:\\x", "-rf"]
)
def test_nothing_is_written_outside_the_folder(title: str, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "stories"
    saved = save_draft(replace(DRAFT, facts=replace(FACTS, title=title)), folder)
    written = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert saved.path.parent == folder
    assert all(path.is_relative_to(folder) for path in written)
    assert not saved.path.name.startswith(("-", "."))


def test_the_front_matter_is_read_back_as_it_was_written() -> None:
    facts = Facts(
        title='"Quotes": and # signs\\', deck="- a dash", author="Ann {Lee}", published="2021-06-12", minutes=4,
        credit="Photo: X / Y", about="Is @home.", tags=("a: b", "[c]"), language="en", url="https://x.example/?a=b#c",
    )  # fmt: skip
    matter, body = split_front_matter(write_markdown(Draft(facts, BLOCKS), "0123456789ab"))
    assert (matter.id, matter.deck, matter.author) == ("0123456789ab", "- a dash", "Ann {Lee}")
    assert matter.title == "“Quotes”: and # signs\\"
    assert str(matter.published) == "2021-06-12"
    assert (matter.tags, matter.language, matter.url) == (("a: b", "[c]"), "en", facts.url)
    assert matter.extra == ()
    assert body.strip() == "\n\n".join(BLOCKS)


def test_what_was_left_out_is_kept_beside_the_stories(tmp_path: Path) -> None:
    save_draft(DRAFT, tmp_path)
    assert (tmp_path / ".removed" / "rain.txt").read_text() == "Menu\nHome\n\n© 2021\n"


def test_only_the_user_can_read_what_was_added(tmp_path: Path) -> None:
    folder = tmp_path / "stories"
    saved = save_draft(DRAFT, folder)
    assert stat.S_IMODE(saved.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in folder.iterdir()) == [".removed", "rain.md"]


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example/rain",
        "http://www.x.example/rain/",
        "https://x.example/rain?utm_source=a&fbclid=b#comments",
        "https://m.x.example/rain/index.html",
    ],
)
def test_a_page_under_another_address_is_the_same_story(url: str, tmp_path: Path) -> None:
    first = save_draft(DRAFT, tmp_path)
    facts = Facts(title="Rain, Revised", url=url)
    second = save_draft(Draft(facts, ("It had rained since Thursday, and it stopped.",)), tmp_path)
    assert (second.path, second.story_id, second.is_update) == (first.path, first.story_id, True)
    assert (
        split_front_matter(first.path.read_text())[1].strip()
        == "It had rained since Thursday, and it stopped."
    )
    assert "We played cards." in (tmp_path / ".removed" / "rain.previous.md").read_text()


def test_a_page_that_only_claims_the_address_of_a_story_does_not_replace_it(tmp_path: Path) -> None:
    first = save_draft(DRAFT, tmp_path)
    before = first.path.read_text()
    claim = Draft(replace(FACTS, title="Buy Umbrellas"), ("Cheap umbrellas, only now!",))
    second = save_draft(claim, tmp_path)
    assert (second.path.name, first.path.read_text()) == ("buy-umbrellas.md", before)
    assert second.story_id != first.story_id


def test_another_page_with_the_same_title_is_another_story(tmp_path: Path) -> None:
    first = save_draft(DRAFT, tmp_path)
    second = save_draft(
        replace(DRAFT, facts=replace(FACTS, url="https://y.example/rain")), tmp_path
    )
    assert (second.path.name, second.is_update) == ("rain-2.md", False)
    assert second.story_id != first.story_id


def test_copied_text_of_a_page_that_was_added_is_the_same_story(tmp_path: Path) -> None:
    first = save_draft(DRAFT, tmp_path)
    second = save_draft(replace(DRAFT, facts=Facts(title="rain", author="Ann Lee")), tmp_path)
    assert (second.path, second.is_update) == (first.path, True)


def test_another_text_with_the_same_title_and_author_is_another_story(tmp_path: Path) -> None:
    facts = replace(FACTS, url="")
    first = save_draft(Draft(facts, BLOCKS), tmp_path)
    second = save_draft(Draft(facts, ("Snow fell everywhere, without any hurry.",)), tmp_path)
    assert second.path != first.path
    assert second.story_id != first.story_id


def test_an_unchanged_story_is_not_written_again(tmp_path: Path) -> None:
    first = save_draft(DRAFT, tmp_path)
    before = first.path.stat()
    assert not save_draft(DRAFT, tmp_path).is_changed
    after = first.path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("# Rain\n\nIt fell.\n", "---\nid: {id}\n---\n\n# Rain\n\nIt fell.\n"),
        ("---\ntitle: Rain\n---\nIt fell.\n", "---\nid: {id}\ntitle: Rain\n---\nIt fell.\n"),
        ("---\nid: rain-1\n---\nIt fell.\n", "---\nid: rain-1\n---\nIt fell.\n"),
        ("---\n\nIt fell.\n", "---\nid: {id}\n---\n\n---\n\nIt fell.\n"),
        ("\n---\ntitle: Rain\n---\nIt fell.\n", "\n---\nid: {id}\ntitle: Rain\n---\nIt fell.\n"),
        (
            "---yaml\ntitle: Rain\n---\nIt fell.\n",
            "---yaml\nid: {id}\ntitle: Rain\n---\nIt fell.\n",
        ),
        (" ---\n title: Rain\n ---\nIt fell.\n", " ---\n id: {id}\n title: Rain\n ---\nIt fell.\n"),
        (
            '+++\ntitle = "Rain"\n+++\nIt fell.\n',
            '+++\nid = "{id}"\ntitle = "Rain"\n+++\nIt fell.\n',
        ),
    ],
)
def test_markdown_is_kept_as_it_is_and_gets_an_id(text: str, written: str, tmp_path: Path) -> None:
    draft = Draft(Facts(title="Rain"), (text,), verbatim=text)
    saved = save_draft(draft, tmp_path)
    assert saved.path.read_text() == written.format(id=saved.story_id)
    assert split_front_matter(saved.path.read_text())[0].id == saved.story_id
    assert save_draft(draft, tmp_path).path == saved.path


@pytest.mark.parametrize(
    "text",
    [
        '{"title": "A"}\nIt fell.\n',
        "title: A\nauthor: Ann\n\nIt fell.\n",
        '---json\n{"title": "A"}\n---\nIt fell.\n',
    ],
)
def test_front_matter_of_another_form_gets_no_id(text: str, tmp_path: Path) -> None:
    draft = Draft(Facts(title="A"), (text,), verbatim=text)
    saved = save_draft(draft, tmp_path)
    assert saved.path.read_text() == text
    assert save_draft(draft, tmp_path).path == saved.path


def test_the_earlier_version_is_kept_byte_for_byte(tmp_path: Path) -> None:
    path = save_draft(DRAFT, tmp_path).path
    before = path.read_bytes() + b"Caf\xe9\r\n"
    path.write_bytes(before)
    save_draft(DRAFT, tmp_path)
    assert (tmp_path / ".removed" / "rain.previous.md").read_bytes() == before


def test_a_link_with_the_name_of_a_story_is_not_followed(tmp_path: Path) -> None:
    folder, target = tmp_path / "stories", tmp_path / "target"
    folder.mkdir()
    target.write_text("precious")
    (folder / "rain.md").symlink_to(target)
    saved = save_draft(DRAFT, folder)
    assert (saved.path.name, target.read_text()) == ("rain-2.md", "precious")


def test_a_folder_that_is_a_file_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "stories").write_text("")
    with pytest.raises(UnreadableFile) as error:
        save_draft(DRAFT, tmp_path / "stories")
    assert (
        str(error.value)
        == f"{tmp_path}/stories: not a directory, so nothing was added; choose a folder with --to"
    )


def test_an_address_has_one_form() -> None:
    assert normalize_address("https://www.x.example:443/a/?b=c&utm_x=y#d") == "x.example/a?b=c"
    assert normalize_address("http://x.example:8080/A/amp") == "x.example:8080/A"
    assert [*map(normalize_address, ["", "x", "http://[", "mailto:a@b"])] == ["", "", "", ""]
