"""The errors that are reported to the user, as one small tree.

    ReaderError            reported in one line; exit code 1
    ├── Unreadable         a file or folder that can't be read as text
    ├── UnknownStory       no story, or more than one, has that name; exit code 2
    ├── BadUsage           unknown command or option; exit code 2
    ├── BadSetting         an unknown setting or a wrong value
    ├── BadExport          a file to import that `export` did not write
    └── StateError         the reading data can't be opened or written
        ├── Locked         another program holds the database: busy, not broken
        ├── Corrupt        the file is damaged, or not a database of this program
        └── NewerState     a later version of the program wrote it

Caught once, in `cli.main`. A message names the file or setting, what is wrong
and what to do. It is sanitised where it is shown.
"""

from __future__ import annotations


class ReaderError(Exception):
    """Something the user can be told in one line."""

    exit_code = 1


class UnreadableFile(ReaderError):
    """A file or folder can't be read as a story."""


class UnknownStory(ReaderError):
    """The words given name no story, or several."""

    exit_code = 2


class BadUsage(ReaderError):
    """The words given are no command, or an option that isn't one."""

    exit_code = 2


class BadSetting(ReaderError):
    """A setting's name or value is not one the program knows."""


class BadExport(ReaderError):
    """A file that was to be imported is not what `reader export` writes."""


class StateError(ReaderError):
    """What is remembered can't be read or written."""


class DatabaseLocked(StateError):
    """Another program holds the database at this moment; later it works."""


class DatabaseCorrupt(StateError):
    """The database file is damaged, or no database of this program."""


class NewerDatabase(StateError):
    """The database was written by a later version and is left untouched."""
