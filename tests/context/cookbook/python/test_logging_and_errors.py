from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import pytest

from dowse.context.cookbook.python import logging_and_errors as recipes

LOGGER = logging.getLogger("cookbook")


def record(message: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("shop", logging.INFO, "x.py", 1, message, args, None)


def test_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    try:
        recipes.configure_logging(verbose=True)
        logging.getLogger("shop").debug("hello")
        assert "DEBUG    shop: hello" in capsys.readouterr().err
        recipes.configure_logging()
        logging.getLogger("shop").debug("hidden")
        assert capsys.readouterr().err == ""
    finally:
        root.handlers, root.level = handlers, level


def test_rotation(tmp_path: Path) -> None:
    handler = recipes.rotating_log_file(tmp_path / "logs" / "a.log", max_bytes=50, backups=1)
    for number in range(5):
        handler.handle(record("message %d", number))
    handler.close()
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == ["a.log", "a.log.1"]


def test_json_lines() -> None:
    entry = record("%s sold", "ä")
    line = json.loads(recipes.JsonFormatter().format(entry))
    assert (line["message"], line["level"], line["logger"]) == ("ä sold", "INFO", "shop")
    assert "exception" not in line
    try:
        raise ValueError("no")
    except ValueError:
        entry.exc_info = sys.exc_info()
    assert "ValueError: no" in json.loads(recipes.JsonFormatter().format(entry))["exception"]


def test_context(caplog: pytest.LogCaptureFixture) -> None:
    recipes.ContextLogger(LOGGER, {"request": 42}).warning("slow %s", "page")
    assert caplog.messages == ["[request=42] slow page"]


def test_secrets_are_redacted() -> None:
    entry = record("key %s", "s3cret!")
    assert recipes.RedactSecrets(["s3cret", ""]).filter(entry)
    assert entry.getMessage() == "key ***!"


def test_durations(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(OSError, match="x"), recipes.log_duration("import", LOGGER):
        raise OSError("x")
    assert caplog.messages[0].startswith("import took 0.")


def test_exceptions_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    @recipes.log_exceptions(LOGGER)
    def divide(a: int, b: int) -> float:
        return a / b

    assert divide(4, b=2) == 2
    assert not caplog.records
    with pytest.raises(ZeroDivisionError):
        divide(1, 0)
    assert "divide failed" in caplog.text
    assert "Traceback" in caplog.text


def test_uncaught_exceptions(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted = []
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(sys, "__excepthook__", lambda *args: interrupted.append(args))
    recipes.log_uncaught_exceptions(LOGGER)
    error = ValueError("lost")
    sys.excepthook(ValueError, error, None)
    assert "ValueError: lost" in caplog.text
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert len(interrupted) == 1


def test_clear_errors() -> None:
    error = recipes.ConfigError(Path("a.ini"), 3, "unknown key")
    assert str(error) == "a.ini:3: unknown key"
    assert recipes.read_port("80") == 80
    with pytest.raises(ValueError, match="must be a number") as caught:
        recipes.read_port("http")
    assert isinstance(caught.value.__cause__, ValueError)
    text = recipes.traceback_text(caught.value)
    assert "invalid literal" in text
    assert text.endswith("ValueError: the port must be a number, not 'http'\n")
    with pytest.raises(ValueError, match="between 1 and 65535"):
        recipes.read_port("0")


def test_errors_are_collected() -> None:
    recipes.collect_errors([lambda: None])
    with pytest.raises(ExceptionGroup, match="2 checks failed") as caught:
        recipes.collect_errors([lambda: 1 // 0, lambda: None, lambda: int("x")])
    assert [type(each) for each in caught.value.exceptions] == [ZeroDivisionError, ValueError]


def test_first_success() -> None:
    assert recipes.first_success([lambda: int("x"), lambda: 2, lambda: 3], 0) == 2
    assert recipes.first_success([lambda: int("x")], 0) == 0


def test_deprecation_warns_at_the_caller() -> None:
    @recipes.deprecated("new()")
    def old(value: int) -> int:
        return value

    with pytest.warns(DeprecationWarning, match=r"old is deprecated; use new\(\)") as caught:
        assert old(3) == 3
    assert caught[0].filename == __file__
