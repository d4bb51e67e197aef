"""Run `reader add`: bring stories in from the web, from files, from copied text and from pipes."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from reader.cli import print_error
from reader.cli.adding.saving import BookReport, make_adder, save_story, share_store
from reader.cli.context import back_up_or_warn, is_private, make_read_only_error
from reader.cli.standard_input import read_stdin
from reader.errors import BadUsage, ReaderError, UnreadableFile

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from reader.cli.adding.saving import GetStore
    from reader.ingest.adding import Adder
    from reader.ingest.sources import Content


_PASTE_PROGRAMS: Final = (
    ("wl-paste", "--no-newline", "--type", "text"),
    ("xclip", "-out", "-selection", "clipboard"),
    ("xsel", "--output", "--clipboard"),
    ("pbpaste",),
    ("termux-clipboard-get",),
)
"""Programs that print the clipboard: of Wayland, of X11 (two), of macOS, of Termux."""
_PASTE_SECONDS: Final = 10


def run_add(args: argparse.Namespace) -> int:
    """Add what the arguments name; return the exit code. Raises `ReaderError`."""
    if is_private() and not args.dry_run:
        raise make_read_only_error("added")
    if bool(args.sources) == args.paste:
        raise BadUsage("name what to add, or use --paste; see: reader add --help")
    exit_code = 0
    with contextlib.ExitStack() as stack:
        get_store = share_store(stack, reads_only=args.dry_run)
        adder = None if args.dry_run else make_adder(args.to, get_store, fetches=args.fetch)
        for content in _load_all(args.sources or [None]):
            exit_code = max(exit_code, _add_or_report(content, args, adder, get_store))
    if not args.dry_run:
        back_up_or_warn()
    return exit_code


def _load_all(sources: Iterable[str | None]) -> Iterator[Content | ReaderError]:
    """Yield the content of each source, or why it can't be loaded; None is the clipboard."""
    from reader.ingest.sources import Content, load_source

    for source in sources:
        try:
            if source is None:
                yield Content(_read_clipboard(), "clipboard")
            elif source == "-":
                yield Content(read_stdin(), "standard input")
            else:
                yield load_source(source, print_error)
        except ReaderError as error:
            yield error


def _add_or_report(
    content: Content | ReaderError,
    args: argparse.Namespace,
    adder: Adder | None,
    get_store: GetStore,
) -> int:
    """Do what `_add` does, but print its error: the other sources are added all the same."""
    try:
        if isinstance(content, ReaderError):
            raise content
        return _add(content, args, adder, get_store)
    except ReaderError as error:
        print_error(str(error))
        return error.exit_code


def _add(
    content: Content, args: argparse.Namespace, adder: Adder | None, get_store: GetStore
) -> int:
    """Save the stories of `content`, or print them without an adder; return the exit code.

    Raises `ReaderError`.
    """
    from reader.ingest.sources import find_format, read_drafts

    format_name = args.format or (find_format(content) if content.data.strip() else "")
    if format_name == "feed":
        from reader.cli.adding.feeds import add_feed

        return add_feed(
            content, args, lambda draft: save_story(draft, adder, content.name), get_store
        )
    if format_name == "opml":
        from reader.cli.adding.feed_lists import add_feed_list

        return add_feed_list(
            content, args, lambda draft: save_story(draft, adder, draft.facts.url), get_store
        )
    from reader.cli.adding.feeds import tell_feed

    book = BookReport()
    is_complete = False
    try:
        for draft in read_drafts(content, args.format or ""):
            if adder is not None and draft.place is not None:
                book.add(draft, adder)
            else:
                save_story(draft, adder, content.name)
            if draft.feed and adder is not None:
                tell_feed(draft.feed, get_store())
        is_complete = True
    finally:
        book.finish(is_complete=is_complete)
    return 0


def _read_clipboard() -> bytes:
    """Return the text of the clipboard, which a program of the desktop prints."""
    import shutil
    import subprocess

    for program, *arguments in _PASTE_PROGRAMS:
        path = shutil.which(program)
        if path is None:
            continue
        try:
            # The program is one of the list, and its arguments are fixed.
            result = subprocess.run(  # noqa: S603
                [path, *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PASTE_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if result.returncode == 0 and result.stdout.strip():
            return result.stdout
    raise UnreadableFile(
        "the clipboard has no text, or no program here can print it;"
        " use `reader add -`, paste the text, and press Ctrl+D"
    )
