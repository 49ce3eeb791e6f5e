"""Every error that dowse raises on purpose.

Each message says what is wrong and, behind a semicolon, what to do next; it starts in lower case
and ends without a period, because it mostly stands behind the name of the program.
"""


class DowseError(Exception):
    """Base of all: its text is one line for a person, shown without a traceback."""


class QueryError(DowseError):
    """The query cannot be searched: empty, too long, or without a word in it."""


class ShardError(DowseError):
    """The index cannot be read or written: folder read-only, disk full, lock held."""


class SettingsError(DowseError):
    """A setting or an option of the command line has no meaning."""


class ModelError(DowseError):
    """A model is missing, broken, of another kind, or does not match its manifest."""


class ExportError(DowseError):
    """A model cannot be converted or quantized."""


class DatasetError(DowseError):
    """An evaluation set is missing, malformed or contradicts itself."""
