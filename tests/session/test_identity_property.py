"""Whatever happens to files, each story keeps its response: random changes against a model."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hypothesis import given, settings
from hypothesis import strategies as st
from library_home import Home, edit, make_text

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES: Final = int(os.environ.get("READER_IDENTITY_EXAMPLES", "12"))
STEPS: Final = int(os.environ.get("READER_IDENTITY_STEPS", "6"))
KINDS: Final = (
    "rename", "move", "folder", "edit", "edit and rename", "copy", "delete", "restore", "swap",
    "rewrite", "touch", "respond",
)  # fmt: skip
"""Each is followed by a session that looks at the folder."""
Change = tuple[str, int, int]


class Model:
    """The files of a folder, and the response to each story, wherever its file is."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "stories"
        self.folder.mkdir()
        self.home = Home(root / "home")
        self.responses: dict[Path, str] = {}
        self.texts: dict[Path, int] = {}
        """A number for each text; copies and edited copies of one text have the same."""
        self.deleted: dict[Path, tuple[bytes, str, int]] = {}
        self.count = 0
        for name in "abc":
            path = self.folder / f"{name}.md"
            self.add(path, make_text(name))
            self.respond(path)
        self.add(self.folder / "d.md", make_text("d"))

    def add(self, path: Path, text: str) -> None:
        path.write_text(text)
        self.count += 1
        self.responses[path], self.texts[path] = "", self.count

    def respond(self, path: Path) -> None:
        self.count += 1
        self.responses[path] = f"response {self.count}"
        self.home.respond(path, self.responses[path])

    def make_path(self) -> Path:
        self.count += 1
        return self.folder / f"new {self.count}.md"

    def move(self, path: Path, target: Path) -> None:
        target.parent.mkdir(exist_ok=True)
        path.rename(target)
        self.replace(path, target)

    def replace(self, path: Path, target: Path) -> None:
        self.responses[target] = self.responses.pop(path)
        self.texts[target] = self.texts.pop(path)

    def apply(self, change: Change) -> None:
        """Make a change to one file, or to two."""
        kind, first, second = change
        paths = sorted(self.responses)
        path, other = paths[first % len(paths)], paths[second % len(paths)]
        actions: dict[str, Callable[[], object]] = {
            "rename": lambda: self.move(path, self.make_path()),
            "move": lambda: self.move(path, self.folder / f"sub {second % 3}" / path.name),
            "folder": lambda: self.rename_folder(path.parent),
            "edit": lambda: edit(path, 11 + second % 5),
            "edit and rename": lambda: self.edit_and_rename(path),
            "copy": lambda: self.copy(path),
            "delete": lambda: self.delete(path),
            "restore": self.restore,
            "swap": lambda: self.swap(path, other),
            "rewrite": lambda: self.rewrite(path),
            "touch": lambda: os.utime(path, (second * 1_000_000, second * 1_000_000)),
            "respond": lambda: self.respond(path),
        }
        deleted = {number for _, _, number in self.deleted.values()}
        is_folder = kind == "folder"
        touched = [each for each in paths if each.parent == path.parent] if is_folder else [path]
        if kind in ("delete", "respond") or not deleted & {
            self.texts[p] for p in (*touched, other)
        }:
            actions[kind]()  # else it would look as if the deleted file was restored

    def edit_and_rename(self, path: Path) -> None:
        edit(path)
        self.move(path, self.make_path())

    def rename_folder(self, folder: Path) -> None:
        if folder == self.folder:
            return
        target = self.make_path().with_suffix("")
        folder.rename(target)
        for each in [each for each in self.responses if each.parent == folder]:
            self.replace(each, target / each.name)

    def copy(self, path: Path) -> None:
        shutil.copy2(path, target := self.make_path())
        self.responses[target], self.texts[target] = "", self.texts[path]

    def rewrite(self, path: Path) -> None:
        path.write_text(make_text(self.make_path().name))
        self.texts[path] = self.count

    def delete(self, path: Path) -> None:
        if len(self.responses) > 2:
            data = path.read_bytes()
            self.deleted[path] = (data, self.responses.pop(path), self.texts.pop(path))
            path.unlink()

    def restore(self) -> None:
        for path in sorted(self.deleted)[:1]:
            data, response, number = self.deleted.pop(path)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            self.responses[path], self.texts[path] = response, number

    def swap(self, path: Path, other: Path) -> None:
        if self.texts[path] == self.texts[other]:
            return  # little would tell them apart
        spare = self.folder / "spare"
        for one, two in ((path, spare), (other, path), (spare, other)):
            one.rename(two)
        values = self.responses[path], self.responses[other]
        self.responses[other], self.responses[path] = values
        self.texts[path], self.texts[other] = self.texts[other], self.texts[path]

    def check(self, changes: list[Change]) -> None:
        found = self.home.list_responses(self.folder)
        expected = {str(path.relative_to(self.folder)): r for path, r in self.responses.items()}
        assert found == expected, changes


CHANGES = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 9), st.integers(0, 9)),
    min_size=STEPS,
    max_size=STEPS,
)


@settings(max_examples=EXAMPLES)
@given(changes=CHANGES)
def test_stories_keep_their_responses(changes: list[Change]) -> None:
    with tempfile.TemporaryDirectory() as root:
        model = Model(Path(root))
        model.check([])
        for number, change in enumerate(changes, 1):
            model.apply(change)
            model.check(changes[:number])
