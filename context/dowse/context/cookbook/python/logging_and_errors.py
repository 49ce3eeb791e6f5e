# SPDX-License-Identifier: CC0-1.0
"""Logging and errors: set up logs, record exceptions, raise clear errors."""

import json
import logging
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")

R = TypeVar("R")

T = TypeVar("T")


def configure_logging(verbose: bool = False) -> None:
    """Set up logging to standard error with time, level and logger name on each line."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)-8s %(name)s: %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
        force=True,
    )


def rotating_log_file(path: Path, max_bytes: int = 5_000_000, backups: int = 3) -> logging.Handler:
    """Create a handler that logs to a file and rotates it when it becomes too large."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=max_bytes, backupCount=backups, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    return handler


class JsonFormatter(logging.Formatter):
    """Format log records as JSON, one object a line, with the exception where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one record."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


class ContextLogger(logging.LoggerAdapter[logging.Logger]):
    """Add context such as a request id to every message of a logger.

    Use it as `ContextLogger(logging.getLogger(__name__), {"request": 42})`.
    """

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        """Put the context in front of a message."""
        context = " ".join(f"{key}={value}" for key, value in (self.extra or {}).items())
        return f"[{context}] {msg}", kwargs


class RedactSecrets(logging.Filter):
    """Keep secrets out of the logs: a filter that replaces known values by asterisks."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = [secret for secret in secrets if secret]

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the secrets in a record."""
        message = record.getMessage()
        for secret in self._secrets:
            message = message.replace(secret, "***")
        record.msg, record.args = message, None
        return True


@contextmanager
def log_duration(task: str, logger: logging.Logger) -> Iterator[None]:
    """Measure how long a block of code takes and log it, also when it fails."""
    start = time.perf_counter()
    try:
        yield
    finally:
        logger.info("%s took %.3f s", task, time.perf_counter() - start)


def log_exceptions(logger: logging.Logger) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function so that its exceptions are logged with a traceback and raised again."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except Exception:
                logger.exception("%s failed", function.__qualname__)
                raise

        return wrapper

    return decorate


def log_uncaught_exceptions(logger: logging.Logger) -> None:
    """Log every uncaught exception of the program before it ends; Ctrl-C stays as it is."""

    def hook(type_: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(type_, KeyboardInterrupt):
            sys.__excepthook__(type_, error, trace)
        else:
            logger.critical("uncaught exception", exc_info=(type_, error, trace))

    sys.excepthook = hook


class ConfigError(Exception):
    """A custom exception that keeps the place of the error and prints it in front."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.line = line

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {super().__str__()}"


def read_port(text: str) -> int:
    """Translate a low-level error into a clear one and keep its cause (`raise ... from`)."""
    try:
        port = int(text)
    except ValueError as error:
        raise ValueError(f"the port must be a number, not {text!r}") from error
    if not 0 < port < 65_536:
        raise ValueError(f"the port must lie between 1 and 65535, not {port}")
    return port


def collect_errors(checks: Iterable[Callable[[], object]]) -> None:
    """Run all checks and raise their errors together as one exception group."""
    errors: list[Exception] = []
    for check in checks:
        try:
            check()
        except Exception as error:
            errors.append(error)
    if errors:
        raise ExceptionGroup(f"{len(errors)} checks failed", errors)


def traceback_text(error: BaseException) -> str:
    """Get the traceback of an exception as a string, with its causes."""
    return "".join(traceback.format_exception(error))


def first_success(attempts: Iterable[Callable[[], T]], default: T) -> T:
    """Try several functions in turn and return the first result that comes without exception."""
    for attempt in attempts:
        try:
            return attempt()
        except Exception:
            logging.getLogger(__name__).debug("attempt failed", exc_info=True)
    return default


def deprecated(replacement: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a function as deprecated: a call warns and names the replacement."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            message = f"{function.__qualname__} is deprecated; use {replacement}"
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            return function(*args, **kwargs)

        return wrapper

    return decorate
