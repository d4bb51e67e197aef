"""The paths of the settings, the reading data and the caches. Creates no file or folder.

The folders are named after the distribution, because another program is called `reader`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path


APP_NAME: Final = "essay-reader"


@dataclass(frozen=True, slots=True)
class Paths:
    """The paths of the settings, the reading data and the index; None without a home folder."""

    config: Path | None
    state: Path | None
    index: Path | None

    @property
    def texts(self) -> Path | None:
        """The folder of the text cache, which is beside the index."""
        return self.index.parent / "texts" if self.index is not None else None

    @classmethod
    def default(cls) -> Paths:
        """Return the current user's paths, by the conventions of the operating system."""
        import platformdirs

        try:
            dirs = platformdirs.PlatformDirs(APP_NAME, appauthor=False)
            return cls(
                dirs.user_config_path / "config.toml",
                dirs.user_data_path / "state.db",
                dirs.user_cache_path / "index.db",
            )
        except (RuntimeError, KeyError, OSError):
            return cls(None, None, None)  # neither HOME nor a passwd entry

    @classmethod
    def under(cls, root: Path) -> Paths:
        """Return paths for the same files directly in the folder `root`."""
        return cls(root / "config.toml", root / "state.db", root / "index.db")
