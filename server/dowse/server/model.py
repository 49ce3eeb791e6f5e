"""From settings to a loaded model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dowse.server.settings import Settings

if TYPE_CHECKING:
    from dowse.model.engine import LlamaEmbedder


def load_model(settings: Settings) -> tuple[LlamaEmbedder, str]:
    """Load the model that the settings name; blocks for about half a second.

    Returns:
        the embedder and the model's name.

    Raises:
        ModelError: there is no such model or adapter, it is broken, or they do not fit.
        SettingsError: the context size is more than the model has positions for.
    """
    from dowse.model.adapters import adapted
    from dowse.model.engine import load_embedder
    from dowse.model.registry import chosen_model, find_model
    from dowse.model.settings import EngineSettings

    model = find_model(settings.model) if settings.model else chosen_model()
    if settings.adapter:
        model = adapted(model, Path(settings.adapter).expanduser())
    default = settings.context_size == Settings().context_size
    limit = model.manifest.token_limit
    engine = EngineSettings(
        threads=settings.threads or None,
        gpu_layers=settings.gpu_layers,
        context_size=min(settings.context_size, limit)
        if default
        else settings.context_size or None,
        copies=settings.cache / "models" if settings.convert_model else None,
        adapter=model.adapter,
    )
    return load_embedder(model.path, engine, model.manifest), model.manifest.name
