"""Where models and what is remembered of them lie."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from platformdirs import user_cache_dir, user_data_dir


def cache_folder() -> Path:
    """Folder of what can be deleted at any time; the variable DOWSE_CACHE moves it."""
    return Path(os.environ.get("DOWSE_CACHE") or user_cache_dir("dowse", appauthor=False))


def data_folder() -> Path:
    """Folder of what the user chose to keep; the variable DOWSE_DATA moves it."""
    return Path(os.environ.get("DOWSE_DATA") or user_data_dir("dowse", appauthor=False))


def weights_folder() -> Path:
    """Folder of the models that are part of this package."""
    return Path(str(files("dowse.model") / "weights"))
