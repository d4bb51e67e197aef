"""Everything that can go wrong and is not a bug, as one small tree.

    ReaderError            told in one line; exit code 1
    ├── Unreadable         a file or folder that can't be read as text
    ├── UnknownStory       no story, or more than one, of that name; exit code 2
    ├── BadUsage           words that are no command; exit code 2
    ├── BadSetting         a setting that isn't one
    ├── BadExport          a file to be imported that isn't what `export` writes
    └── StateError         the memory can't be opened or written
        ├── Locked         another program holds it: it is busy, not broken
        ├── Corrupt        the file is damaged, or not ours
        └── NewerState     a later version of the program wrote it

Caught once, in `cli.main`. A message names the file or setting, what is wrong
and what to do, and is cleaned of control characters where it is shown.
"""


class ReaderError(Exception):
    """Something the user can be told in one line."""

    exit_code = 1


class Unreadable(ReaderError):
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


class Locked(StateError):
    """Another program holds the database at this moment; later it works."""


class Corrupt(StateError):
    """The database file is damaged, or no database of this program."""


class NewerState(StateError):
    """The database was written by a later version and is left untouched."""
