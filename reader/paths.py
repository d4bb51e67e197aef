"""The paths of the settings, the reading data and the caches, and safe ways to make folders.

The folders are named after the distribution, because another program is called `reader`. Also how
paths are shortened to be shown.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


APP_NAME: Final = "essay-reader"
LINK_MESSAGE: Final = "it is a link, which is not followed; move what it leads to here"
"""For a file of the program, or a folder in one of its folders, that is a link."""


def make_private_folder(folder: Path, *, may_be_link: bool = False) -> None:
    """Make `folder` and those above it that are missing; check it as `check_folder` does.

    Only their owner may enter them, whatever the umask is. The XDG base directory
    specification asks for this mode. Raises `OSError`.
    """
    for each in (*reversed(folder.parents), folder):
        if not os.path.lexists(each):
            with contextlib.suppress(FileExistsError):  # another program was faster
                each.mkdir(mode=0o700)
                each.chmod(0o700)  # a umask such as 0777 shuts out the owner too
    check_folder(folder, may_be_link=may_be_link)


def check_folder(folder: Path, *, may_be_link: bool = False) -> None:
    """Raise `OSError` unless `folder` is a folder in which the program may change files.

    The folder of the reading data or of the caches may be a link, since managers of settings
    make such links, but it must lead to a folder of this user. Everything in it is made by
    the program, which makes no links: one there was put by somebody else, or by mistake, and
    files would be deleted in a folder that is not the program's.
    """
    status = folder.lstat()
    if stat.S_ISLNK(status.st_mode):
        if not may_be_link:
            raise OSError(errno.ELOOP, LINK_MESSAGE, str(folder))
        if not folder.is_dir() or folder.stat().st_uid != os.geteuid():
            raise OSError(
                errno.EPERM, f"{folder} is a link, but not to a folder of yours", str(folder)
            )
    elif not stat.S_ISDIR(status.st_mode):
        raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    elif not may_be_link and status.st_uid not in (os.geteuid(), folder.parent.stat().st_uid):
        raise OSError(errno.EPERM, "it belongs to another user", str(folder))


def create_private_file(path: Path) -> None:
    """Create an empty file at `path`, readable by its owner only whatever the umask is.

    Raises `FileExistsError` if there is anything, also a link, and other kinds of `OSError`.
    """
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_WRONLY, 0o600)
    try:
        os.fchmod(handle, 0o600)
    finally:
        os.close(handle)


def check_file(path: Path) -> None:
    """Raise `OSError` if there is something at `path` that is not a regular file, as a link is."""
    with contextlib.suppress(FileNotFoundError):
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            raise OSError(errno.ELOOP, LINK_MESSAGE, str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))


def list_own_files(folder: Path, pattern: str) -> list[Path]:
    """Return the regular files in `folder` whose whole name matches, as the program's do.

    Only these may be deleted. A folder that `check_folder` refuses has none. Raises `OSError`.
    """
    check_folder(folder)
    name = re.compile(pattern)
    with os.scandir(folder) as entries:
        return [
            folder / entry.name
            for entry in entries
            if name.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)
        ]


_MAX_STEPS: Final = 1_000
"""Names in a path and in the links on it. Linux follows forty links."""


def resolve_links(path: Path) -> Path:
    """Return `path` without links. Raises `OSError` if one of them is in a sticky folder.

    Everybody can make a link in such a folder, as in `/tmp`, and could let this program
    overwrite a file of its user. Linux has the same rule, `protected_symlinks`, but it isn't
    in force everywhere.
    """
    path = path.absolute()
    resolved, pending = path.parents[-1], [*reversed(path.parts[1:])]
    for _ in range(_MAX_STEPS):
        if not pending:
            return resolved
        name = pending.pop()
        step = resolved.parent if name == ".." else resolved / name
        if not step.is_symlink():
            resolved = step
            continue
        if is_sticky(resolved):
            raise OSError(errno.ELOOP, f"{step} is a link that anybody could have made")
        target = step.readlink()
        if target.is_absolute():
            resolved = target.parents[-1]
        pending += reversed(target.parts[1:] if target.is_absolute() else target.parts)
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))


def is_sticky(folder: Path) -> bool:
    """Return whether everybody may create files in `folder`, but only change their own."""
    return bool(folder.stat().st_mode & stat.S_ISVTX)


def _find_xdg_folders(environment: Mapping[str, str]) -> tuple[str, str, str] | None:
    """Return the folders of the XDG base directory specification for settings, data and caches.

    They are those of `platformdirs`, whose import takes a tenth of the time until the first frame.
    None without a home folder in the environment.
    """
    home = environment.get("HOME", "")
    if not home.startswith("/"):
        return None

    def find(variable: str, default: str) -> str:
        folder = environment.get(variable, "")
        return folder if folder.startswith("/") else f"{home.rstrip('/')}/{default}"

    return (
        find("XDG_CONFIG_HOME", ".config"),
        find("XDG_DATA_HOME", ".local/share"),
        find("XDG_CACHE_HOME", ".cache"),
    )


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

    @property
    def stories(self) -> Path | None:
        """The folder of the stories that the user added, which is beside the reading data."""
        return self.state.parent / "stories" if self.state is not None else None

    @property
    def feeds(self) -> Path | None:
        """The file in which earlier versions kept the feeds that the user follows."""
        return self.state.parent / "feeds.json" if self.state is not None else None

    @property
    def words(self) -> Path | None:
        """The file of the index of words, which is beside the index."""
        return self.index.parent / "words.db" if self.index is not None else None

    @classmethod
    def default(cls) -> Paths:
        """Return the current user's paths, by the conventions of the operating system."""
        from pathlib import Path

        folders = _find_xdg_folders(os.environ) if sys.platform == "linux" else None
        if folders is not None:
            config, data, cache = (Path(folder, APP_NAME) for folder in folders)
            return cls(config / "config.toml", data / "state.db", cache / "index.db")

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


_FOLDERS: Final = re.compile(r"(?<!\S)~?/(?:[^\s/]+/)+(?=[^\s/])")
"""The folders of an absolute path, or of one in the home folder."""


def shorten_home(text: str) -> str:
    """Return `text` with `~` for the path of the home folder."""
    home = os.environ.get("HOME", "")
    return text.replace(home, "~") if len(home) > 1 else text


def drop_folders(text: str) -> str:
    """Return `text` with the name of each absolute path alone, for rows that are too short."""
    return _FOLDERS.sub("", text)


def find_path_lengths(titles: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return how much of its path tells each story from others with its title, by location.

    `titles` are pairs of a location and a title. See `shorten_path`. Stories with a title of their
    own are left out.
    """
    counts = Counter([title for _, title in titles])
    if len(counts) == len(titles):
        return {}
    groups: dict[str, list[str]] = {}
    for location, title in titles:
        if counts[title] > 1:
            groups.setdefault(title, []).append(location)
    lengths: dict[str, int] = {}
    for group in groups.values():
        lengths |= tell_apart(group)
    return lengths


def tell_apart(locations: Sequence[str]) -> dict[str, int]:
    """Return, by path, the length for `shorten_path` at which no two of several paths are equal."""
    lengths: dict[str, int] = {}
    pending, length = locations, 0
    while pending:
        length += 1
        counts = Counter(shorten_path(each, length) for each in pending)
        is_last = length > 1 + max(each.count(os.sep) for each in pending)
        unique = [e for e in pending if is_last or counts[shorten_path(e, length)] == 1]
        lengths |= dict.fromkeys(unique, length)
        pending = [each for each in pending if each not in lengths]
    return lengths


def shorten_path(location: str, length: int) -> str:
    """Return the end of a file's path: 1 is the name of its folder, 2 that of the file.

    3 is both, and each number above is one folder more.
    """
    parts = location.rsplit(os.sep, max(2, length - 1))
    return os.sep.join(parts[-2:-1] if length == 1 else parts[1 - length :])  # noqa: PTH118  a text
