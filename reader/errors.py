"""The errors that are reported to the user, as one small tree.

    ReaderError                 reported in one line; exit code 1
    ├── UnreadableFile          a file or folder can't be read or written
    ├── UnknownStory            no story, or more than one, has that name; exit code 2
    ├── BadUsage                an unknown command or option; exit code 2
    ├── BadSetting              an unknown setting or a wrong value
    ├── BadExport               a file to import was not written by `reader export`
    └── StateError              the reading data can't be read or written
        ├── DatabaseLocked      another program is using the database; trying again helps
        ├── DatabaseCorrupt     the file is damaged, or is not a database of this program
        └── NewerDatabase       a newer version of the program wrote the database

`cli.main` catches them in one place. A message names the file or setting, what is wrong
and what to do. It is sanitised where it is shown.
"""

from __future__ import annotations


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


class BadSetting(ReaderError):
    """A setting is unknown, or its value is not allowed."""


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
