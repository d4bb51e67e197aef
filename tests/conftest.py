"""Fixtures for all tests: an empty home folder, and no settings from the environment."""

from __future__ import annotations

import gc
import itertools
import os
import re
import shutil
import signal
import sys
from contextlib import redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=int(os.environ.get("READER_EXAMPLES", "15")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("fast", settings.get_profile("ci"), max_examples=5)
settings.load_profile("ci")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # programs use cached bytecode, as when installed
sys.dont_write_bytecode = False  # nor are the tests compiled at each run


for _number, _handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGQUIT, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:  # the tests run in the background
        signal.signal(_number, _handler)
for _name in (
    "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "NO_COLOR", "COLORFGBG",
    "READER_THEME", "READER_MEASURE", "READER_PRIVATE", "EDITOR", "VISUAL",
):  # fmt: skip
    os.environ.pop(_name, None)
os.environ["HOME"] = os.devnull  # replaced by `home` where a test may use files
PURE_PACKAGES: Final = {"text", "markdown", "layout", "reading", "render"}
"""The tests of these packages use no files, so they need no folder of their own."""
_folder_numbers = itertools.count()


gc.disable()  # until all tests are collected: nearly all that is made meanwhile is kept


def pytest_collection_finish() -> None:
    """Keep the collected tests out of garbage collections: each full one would look at them all."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def _databases() -> Iterator[None]:
    """Copy a database that is migrated for each one in memory."""
    from ready_databases import ready_databases

    with ready_databases():
        yield


@pytest.fixture(scope="session")
def _pilots() -> Iterator[None]:
    """Parse style sheets once for all apps, and let pilots wait for what an app does."""
    from parsed_css import kept_rules
    from settled_app import settled_pilots

    with kept_rules(), settled_pilots():
        yield


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty folder, in a third of the time of pytest's fixture: it makes no links."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    folder = tmp_path_factory.getbasetemp() / f"{name}-{next(_folder_numbers)}"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty home folder, and no option of an earlier command."""
    from reader.cli.context import set_private

    set_private(False)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _use_home(request: pytest.FixtureRequest) -> None:
    """Use a home folder and databases, except in the tests of packages that use no files."""
    if request.path.parent.name not in PURE_PACKAGES:
        request.getfixturevalue("_databases")
        request.getfixturevalue("home")


@pytest.fixture(scope="session")
def bundled_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an index that describes the bundled stories, as after the first start."""
    from reader.cli.context import open_session, set_private
    from reader.finding.describing import fill_catalog
    from reader.paths import Paths

    set_private(False)  # a test before may have left the option, and a private run saves no index
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()):
        patch.setenv("HOME", str(tmp_path_factory.mktemp("indexed")))
        with open_session() as session:
            fill_catalog(session)
        path = Paths.default().index
    assert path is not None
    return path


@pytest.fixture
def indexed_home(home: Path, bundled_index: Path) -> Path:
    """Give the test a home folder in which the program has been started before.

    A start takes three quarters of the processor time that it takes in an empty home folder.
    """
    from reader.paths import Paths

    path = Paths.default().index
    assert path is not None
    path.parent.mkdir(parents=True, mode=0o700)
    shutil.copy(bundled_index, path)
    return home


@pytest.fixture(autouse=True)
def stopped_ticks(request: pytest.FixtureRequest) -> None:
    """Keep the screen's timer from ticking in the tests of the screen: `Stage.tick` does it."""
    if request.path.parent.name == "ui":
        monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
        monkeypatch.setattr("reader.ui.screen.TICK_SECONDS", 3_600.0)
        request.getfixturevalue("_pilots")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Return a function that writes a file to the folder `stories` of this test."""

    def write(name: str, text: str | bytes) -> Path:
        path = tmp_path / "stories" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write
