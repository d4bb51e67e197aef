"""The folders of the program are those of `platformdirs`, found without loading it."""

from __future__ import annotations

import sys

import platformdirs
import pytest

from reader.paths import APP_NAME, Paths


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other folders")
@pytest.mark.parametrize("home", ["/home/a", "/home/a/", "/", "/home/../a"])
@pytest.mark.parametrize("value", [None, "", "/x", "/x/", " /x ", "relative", "~/x"])
def test_the_folders_are_those_of_platformdirs(
    home: str, value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", home)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    dirs = platformdirs.PlatformDirs(APP_NAME, appauthor=False)
    assert Paths.default() == Paths(
        dirs.user_config_path / "config.toml",
        dirs.user_data_path / "state.db",
        dirs.user_cache_path / "index.db",
    )
