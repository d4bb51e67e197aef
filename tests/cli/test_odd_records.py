"""Whatever a store holds, every command prints it without an error or a control character."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from odd_records import fill_with_odd_records

from reader.cli.main import main
from reader.paths import Paths
from reader.store.repository import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("zone", ["UTC+23:59", "UTC-23:59"], indirect=True)
@pytest.mark.usefixtures("zone")
def test_every_command_prints_odd_records(
    write: Callable[[str, str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write("odd.md", "---\nid: odd\ntitle: Odd\n---\n\nOne paragraph.\n\nAnother.\n")
    with closing(Store.open(Paths.default().state)) as store:
        fill_with_odd_records(store, str(path).encode())
    commands = (
        ["list", "--in", str(path.parent)], ["list", "--in", str(path.parent), "--json"],
        ["show", str(path)], ["highlights"], ["highlights", "--json"], ["highlights", str(path)],
        ["history"], ["history", "--json"], ["export", "-"], ["export", str(tmp_path / "all.json")],
        ["doctor"], ["mark", str(path), "finished"], ["import", str(tmp_path / "all.json")],
    )  # fmt: skip
    for command in commands:
        code = main(command)
        out, err = capsys.readouterr()
        assert [c for c in out + err if not c.isprintable() and c not in "\n\t"] == []
        assert code in (0, 1 if command[0] in ("doctor", "import") else 0), f"{command}: {err}"
        assert out, command
