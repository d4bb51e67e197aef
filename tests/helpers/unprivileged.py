"""Run code as the user `nobody`, since permissions forbid nothing to root."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY_ID = 65534

IMPORTS: Final = f"""
import json, os, pkgutil, sys, tomllib, traceback, shutil, pathlib
# Import everything first: the user may not be able to read the files of Python.
import reader
for module in pkgutil.walk_packages(reader.__path__, "reader."):
    if module.name != "reader.__main__" and not module.name.startswith("reader.ui"):
        __import__(module.name)
from reader.library.source.frontmatter import split_front_matter
from reader.markdown.parser import parse
from reader.library.files import find_bundled_folder
from reader.paths import Paths
split_front_matter("---\\ntitle: a\\n---\\n"), split_front_matter("+++\\na = 1\\n+++\\n"), parse("https://a.example *b*")
Paths.default(), find_bundled_folder()

def give_up_privileges():
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid({NOBODY_ID})
        os.setuid({NOBODY_ID})
"""
PRELUDE: Final = IMPORTS + "give_up_privileges()"
"""What a program of an unprivileged user begins with."""
SERVER: Final = f"""
{IMPORTS}
while line := sys.stdin.readline():
    source, arguments, environment, folder = json.loads(line)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(writing, 1)
        sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        sys.argv = ["-c", *arguments]
        give_up_privileges()
        try:
            exec(source)
        except Exception:
            traceback.print_exc(file=sys.stdout)
            sys.exit(1)
        sys.exit()
    os.close(writing)
    with open(reading) as file:
        output = file.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps([code, output]), flush=True)
"""
"""A program that imports everything once, and makes a copy of itself for each source that it gets."""


def run_unprivileged(source: str, *arguments: object, **environ: str) -> str:
    """Run `source` in an unprivileged child process and return its output.

    Raises `AssertionError` with the output and the traceback if it fails.
    """
    server = _start_server()
    assert server.stdin is not None
    assert server.stdout is not None
    # where the test is
    request = [source, [*map(str, arguments)], os.environ | environ, os.getcwd()]  # noqa: PTH109
    server.stdin.write(f"{json.dumps(request)}\n")
    server.stdin.flush()
    code, output = json.loads(server.stdout.readline())
    assert code == 0, output
    return str(output).strip()


@functools.cache
def _start_server() -> subprocess.Popen[str]:
    """Start the program; it ends when this process does."""
    return subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@contextlib.contextmanager
def make_unprivileged_folder() -> Iterator[Path]:
    """Yield a folder that belongs to the user of `run_unprivileged`; all users may enter it."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    give_to_unprivileged(folder)
    try:
        yield folder
    finally:
        for path in (folder, *folder.rglob("*")):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        shutil.rmtree(folder)


def give_to_unprivileged(path: Path) -> None:
    """Make the user of `run_unprivileged` the owner of `path`."""
    if os.getuid() == 0:
        os.chown(path, NOBODY_ID, NOBODY_ID)
