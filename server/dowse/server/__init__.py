"""The language server and the command line: translation only."""
