"""What larger models think of the texts that are trained on: their vectors, computed once."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from dowse.context.errors import ExportError
from dowse.context.vectors import VectorCache, content_key, quantize
from dowse.model.folders import cache_folder
from dowse.model.manifest import sha256_of
from dowse.model.training.base import find_folder
from dowse.model.training.encoder import computing_in, find_device, find_precision, open_folder
from dowse.model.training.negatives import judged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dowse.model.training.data.pairs import Pair
    from dowse.model.training.recipe import Recipe
    from dowse.model.training.training_set import TrainingSet

    Tensor = Any

_AT_ONCE = 1_000
"""Texts between two looks at the progress; what is done by then is kept."""


def ask_teachers(
    recipe: Recipe, pairs: Sequence[Pair], known: TrainingSet, report: Callable[[int, int], None]
) -> Teachers | None:
    """Let the recipe's teachers read all that may stand in a batch; None where it has no use.

    Raises:
        ExportError: as `Teachers`.
    """
    if not recipe.distillation:
        return None
    wrong = judged(pairs, known, recipe.hard_negatives)
    codes = [*(pair.code for pair in pairs), *(code for some in wrong for code in some)]
    names = recipe.teachers or (recipe.base,)
    return Teachers(names, recipe, [pair.query for pair in pairs], codes, report)


class Teachers:
    """Vectors of several sentence encoders, of any architecture, side by side.

    Scaled to length 1 together, so that the cosine of two of them is the mean of the teachers'
    cosines. Each teacher's vectors are kept in the cache folder by its weights and their text: the
    next run, or one that goes on, computes only what is new.

    Args:
        names: as `find_folder` takes them.
        recipe: device, precision, and how many tokens of a text are read.
        queries: what is asked.
        codes: what may be answered.
        report: told how many texts are done, of how many.

    Raises:
        ExportError: there is no such model, or it cannot be loaded.
    """

    def __init__(
        self,
        names: Sequence[str],
        recipe: Recipe,
        queries: Sequence[str],
        codes: Sequence[str],
        report: Callable[[int, int], None],
    ) -> None:
        texts = {"query": list(dict.fromkeys(queries)), "document": list(dict.fromkeys(codes))}
        every = len(names) * sum(map(len, texts.values()))
        done = 0

        def told(count: int) -> None:
            nonlocal done
            done += count
            report(done, every)

        asked = [_Teacher(name, recipe).vectors(texts, told) for name in names]
        self._vectors = {role: _beside([found[role] for found in asked]) for role in texts}
        self._places = {role: {t: n for n, t in enumerate(texts[role])} for role in texts}

    def queries(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors of queries, shape (texts, dimensions of all teachers)."""
        return self._of("query", texts)

    def codes(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors of codes, same shape."""
        return self._of("document", texts)

    def _of(self, role: str, texts: Sequence[str]) -> Tensor:
        import torch

        places = self._places[role]
        found = self._vectors[role][[places[text] for text in texts]].float()
        return torch.nn.functional.normalize(found, dim=1)


class _Teacher:
    def __init__(self, name: str, recipe: Recipe) -> None:
        self._name, self._recipe = name, recipe
        self._folder = find_folder(name)
        self._model: Any = None

    def vectors(
        self, texts: Mapping[str, Sequence[str]], told: Callable[[int], None]
    ) -> dict[str, Tensor]:
        """Quantized vectors of the texts of each role."""
        cache = self._cache()
        return {role: self._role(role, texts[role], cache, told) for role in texts}

    def _role(
        self, role: str, texts: Sequence[str], cache: VectorCache, told: Callable[[int], None]
    ) -> Tensor:
        import torch

        found = []
        for start in range(0, len(texts), _AT_ONCE):
            some = texts[start : start + _AT_ONCE]
            keys = {text: content_key(f"{role}\n{text}") for text in some}
            known = cache.get(list(keys.values()))
            missing = [text for text in some if keys[text] not in known]
            if missing:
                fresh = quantize(self._encode(role, missing))
                new = {keys[text]: row for text, row in zip(missing, fresh, strict=True)}
                cache.put(new)
                known |= new
            found += [torch.tensor(known[keys[text]]) for text in some]
            told(len(some))
        return torch.stack(found)

    def _encode(self, role: str, texts: list[str]) -> Any:

        model = self._model = self._model or self._load()
        encode = model.encode_query if role == "query" else model.encode_document
        precision = find_precision(self._recipe.precision, model.device)
        with computing_in(precision, model.device):
            return encode(texts, batch_size=self._recipe.chunk_size, show_progress_bar=False)

    def _load(self) -> Any:
        model = open_folder(self._folder, self._name, str(find_device(self._recipe.device)))
        own = model.max_seq_length or self._recipe.code_tokens
        model.max_seq_length = min(own, self._recipe.code_tokens)
        return model

    def _cache(self) -> VectorCache:
        weights = self._folder / "model.safetensors"
        if not weights.is_file():
            raise ExportError(f"{self._name} has no model.safetensors; name another teacher")
        tokens = self._recipe.code_tokens
        path = cache_folder() / "teachers" / f"{sha256_of(weights)[:32]}-{tokens}.sqlite"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return VectorCache(path)
        except (OSError, sqlite3.Error) as error:
            raise ExportError(f"{path} cannot be used ({error}); delete it or free space") from None


def _beside(vectors: Sequence[Tensor]) -> Tensor:
    """Unit vectors of several models in half precision, one after the other in each row."""
    import torch

    return torch.cat(
        [torch.nn.functional.normalize(each.float(), dim=1).half() for each in vectors], dim=1
    )
