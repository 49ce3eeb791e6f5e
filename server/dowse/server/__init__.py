"""The language server and the command line: translation only."""

__version__ = "0.1.0"
