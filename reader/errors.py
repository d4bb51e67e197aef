"""The errors that are reported to the user, as one small tree.

    ReaderError                 reported in one line; exit code 1
    ├── UnreadableFile          a file or folder can't be read or written
    ├── UnknownStory            no story, or more than one, has that name; exit code 2
    ├── BadUsage                an unknown command or option; exit code 2
    ├── BadQuery                the words to search for have a mistake; exit code 2
    ├── IndexBusy               another program is writing the index of words
    ├── BadSetting              an unknown setting or a wrong value
    ├── FetchFailed             a page can't be fetched from the web
    ├── BadExport               a file to import was not written by `reader export`
    └── StateError              the reading data can't be read or written
        ├── DatabaseLocked      another program is using the database; trying again helps
        ├── DatabaseCorrupt     the file is damaged, or is not a database of this program
        ├── NewerDatabase       a newer version of the program wrote the database
        ├── FileLost            the open database is no longer at its path
        └── MissingRecord       there is no such record to change

`cli.main` catches them in one place. A message names the file or setting, what is wrong
and what to do. It is sanitised where it is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class ReaderError(Exception):
    """A problem that one line explains to the user."""

    exit_code = 1


class UnreadableFile(ReaderError):
    """A file or folder can't be read or written."""


class UnknownStory(ReaderError):
    """No story, or more than one, matches the name on the command line."""

    exit_code = 2


class BadUsage(ReaderError):
    """The command line has an unknown command or option, or a wrong argument."""

    exit_code = 2


class BadQuery(ReaderError):
    """The words to search for have a mistake, which the message names."""

    exit_code = 2


class IndexBusy(ReaderError):
    """Another program is writing the index of words. Trying again later helps."""


class BadSetting(ReaderError):
    """A setting is unknown, or its value is not allowed."""


class FetchFailed(ReaderError):
    """A page can't be fetched from the web."""


class BadExport(ReaderError):
    """A file to import was not written by `reader export`."""


class StateError(ReaderError):
    """The reading data can't be read or written."""


class DatabaseLocked(StateError):
    """Another program is using the database. Trying again later helps."""


class DatabaseCorrupt(StateError):
    """The database file is damaged, or is not a database of this program."""


class NewerDatabase(StateError):
    """A newer version of the program wrote the database. It is left unchanged."""


class FileLost(StateError):
    """The open database file was deleted, replaced, moved or unmounted."""


class MissingRecord(StateError):
    """The record that is to be changed doesn't exist."""


class ErrorReporter:
    """Reports errors of the store to the user, each message once."""

    def __init__(self, notify: Callable[[str], None]) -> None:
        self._notify = notify
        self._past_messages: set[str] = set()

    def notify_once(self, message: str) -> None:
        """Show one line of text to the user, unless it was shown before."""
        if message not in self._past_messages:
            self._past_messages.add(message)
            self._notify(message)

    def attempt(
        self,
        action: Callable[[], _T],
        default: _T,
        problem: str = "Your reading data can't be read",
    ) -> _T:
        """Return the result of `action`; on a `StateError` report it and return `default`."""
        try:
            return action()
        except StateError as error:
            self.notify_once(f"{problem}: {error}")
            return default

    def attempt_list(self, action: Callable[[], list[_T]]) -> list[_T]:
        """Return the list that `action` loads; on a `StateError` report it and return no items."""
        no_items: list[_T] = []
        return self.attempt(action, no_items)
