"""Fine-tunes an encoder on pairs of sentence and code."""

from __future__ import annotations

import hashlib
import json
import math
import time
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from dowse.context.errors import DatasetError, DowseError, ExportError
from dowse.model.manifest import write_atomically
from dowse.model.training.augment import augment_batch
from dowse.model.training.average import interpolate
from dowse.model.training.batches import make_batches
from dowse.model.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from dowse.model.training.curve import draw_curve
from dowse.model.training.data.pairs import text_key
from dowse.model.training.development import development_mrr, different
from dowse.model.training.encoder import Encoder
from dowse.model.training.loss import backpropagate, contrastive_loss, divergence
from dowse.model.training.negatives import judged, mine
from dowse.model.training.teachers import Teachers, ask_teachers
from dowse.model.training.training_set import TrainingSet, hold_out, select, without

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from dowse.model.training.data.pairs import Pair
    from dowse.model.training.recipe import Recipe

    Tensor = Any

RECORD = "training.json"
_CHECKPOINT = "checkpoint.pt"
_CHUNKS_A_STEP = 1_000_000
"""Seeds of dropout that a step has for its chunks."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands."""

    step: int
    """Steps done, or texts, of those that `doing` takes."""
    steps: int
    """All of them; 0 where it cannot be told."""
    loss: float | None
    """Of the last step; None before the first and where only the ranking was measured."""
    mrr: float | None
    """On the development pairs, 0 to 1; None where it was not measured."""
    doing: str = "training"


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a run has made."""

    folder: Path
    record: dict[str, Any]
    """What `training.json` holds."""


def fit(
    recipe: Recipe,
    data: TrainingSet,
    folder: Path,
    *,
    development: TrainingSet | None = None,
    restart: bool = False,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Fitted:
    """Train, or go on from the last checkpoint, and write the model's folder.

    Equal recipes and data give equal weights on one machine, stopped in between or not; a GPU,
    which adds in no fixed order, gives nearly equal ones.

    Args:
        recipe: every setting.
        data: pairs to train on.
        folder: gets the weights, `training.json`, and the loss curve where matplotlib is installed.
        development: pairs to watch the training by, instead of some held out of `data`.
        restart: whether a checkpoint or a finished model in the folder is thrown away.
        report: called before the first step, after each, and while doing other things.

    Raises:
        DatasetError: there are too few pairs.
        ExportError: the base is none that can be trained, or the extra `train` is not installed.
        DowseError: the folder holds another run, or the loss is no number any more.
    """
    try:
        import sentence_transformers as _  # noqa: F401
    except ImportError:
        raise ExportError('training needs torch; `pip install "dowse[train]"`') from None
    if restart:
        for name in (_CHECKPOINT, RECORD):
            (folder / name).unlink(missing_ok=True)
    elif (folder / RECORD).exists():
        raise DowseError(f"{folder} holds a finished model; choose another or give --restart")
    return _Run(recipe, data, folder, development, report).finish()


class _Run:
    def __init__(
        self,
        recipe: Recipe,
        data: TrainingSet,
        folder: Path,
        development: TrainingSet | None,
        report: Callable[[Progress], None],
    ) -> None:
        self._recipe, self._data, self._folder, self._report = recipe, data, folder, report
        parts = [asdict(recipe), data.sha256, development and development.sha256]
        self._id = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        self._pairs, self._held = _parts(recipe, data, development)
        if len({pair.keys for pair in self._pairs}) < 2:
            raise DatasetError("there are no two pairs that differ; give more pairs")
        self._checkpoint = load_checkpoint(folder / _CHECKPOINT, self._id)
        self._encoder = Encoder(recipe)
        self._queries = self._embed_queries() if recipe.alike > 1 else None
        self._epochs = [self._deal(epoch) for epoch in range(recipe.epochs)]
        self._steps = sum(map(len, self._epochs))
        if not self._steps:
            raise DatasetError("no two pairs differ in both query and code; give more pairs")
        self._history: list[dict[str, Any]] = []
        self._negatives: list[tuple[str, ...]] = [() for _ in self._pairs]
        self._before = 0.0
        self._started = time.monotonic()

    def _embed_queries(self) -> Tensor:
        """Unit vectors of the queries by the base, which a run that goes on begins with too."""
        self._report(Progress(0, 0, None, None, "grouping similar queries"))
        texts = self._encoder.queries([pair.query for pair in self._pairs], self._recipe)
        return self._encoder.vectors(texts, self._recipe.chunk_size).cpu()

    def _deal(self, epoch: int) -> list[tuple[int, ...]]:
        recipe = self._recipe
        return make_batches(
            self._pairs,
            recipe.batch_size,
            one_language=recipe.one_language_batches,
            seed=recipe.seed,
            epoch=epoch,
            alike=recipe.alike,
            queries=self._queries,
        )

    def finish(self) -> Fitted:
        """Train to the end, average, write."""
        base = self._encoder.state() if not self._recipe.lora_rank else None
        self._train(ask_teachers(self._recipe, self._pairs, self._data, self._asking))
        self._encoder.merge()
        base = base or Encoder(replace(self._recipe, layers=0, lora_rank=0)).state()
        share, found = self._average(base)
        return self._write(share, found)

    def _asking(self, done: int, every: int) -> None:
        self._report(Progress(done, every, None, None, "asking teachers"))

    def _train(self, teachers: Teachers | None) -> None:
        import torch

        weights = self._encoder.trainable()
        optimizer = torch.optim.AdamW(_groups(weights, self._recipe), lr=0.0)
        done = self._resume(weights, optimizer)
        if not done:
            self._measure(0)
        self._encoder.model.train()
        step = 0
        for epoch, batches in enumerate(self._epochs):
            for place, batch in enumerate(batches):
                step += 1
                if step <= done:
                    continue
                if place == 0:
                    self._mine(epoch, step - 1)
                loss = self._step(batch, epoch, step, weights, optimizer, teachers)
                self._after(step, loss, weights, optimizer)
        self._encoder.model.eval()

    def _resume(self, weights: dict[str, Tensor], optimizer: Any) -> int:
        import torch

        found = self._checkpoint
        if found is None:
            return 0
        with torch.no_grad():
            for name, value in found.weights.items():
                weights[name].copy_(value)
        optimizer.load_state_dict(found.optimizer)
        self._negatives, self._history = found.negatives, found.history
        self._before = found.seconds
        return found.step

    def _after(self, step: int, loss: float, weights: dict[str, Tensor], optimizer: Any) -> None:
        """Note the loss, look at the development pairs, keep a checkpoint; tell last."""
        self._history.append({"step": step, "loss": loss})
        if step % self._recipe.evaluate_every == 0 and step < self._steps:
            self._measure(step)
        if step % self._recipe.checkpoint_every == 0 or step == self._steps:
            copied = {name: value.detach().cpu() for name, value in weights.items()}
            state = optimizer.state_dict()
            found = (self._id, step, copied, state, self._negatives, self._history, self._seconds())
            save_checkpoint(self._folder / _CHECKPOINT, Checkpoint(*found))
        self._report(Progress(step, self._steps, loss, None))

    def _seconds(self) -> float:
        return self._before + time.monotonic() - self._started

    def _measure(self, step: int) -> float | None:
        if not self._held:
            return None
        self._report(Progress(step, self._steps, None, None, "measuring"))
        mrr = development_mrr(self._encoder, self._held, self._recipe)
        self._history.append({"step": step, "mrr": mrr})
        self._report(Progress(step, self._steps, None, mrr))
        return mrr

    def _mine(self, epoch: int, step: int) -> None:
        every = self._recipe.mine_every
        if not self._recipe.hard_negatives or (epoch and (not every or epoch % every)):
            return
        if not self._recipe.mine_negatives:
            self._negatives = judged(self._pairs, self._data, self._recipe.hard_negatives)
            return
        self._report(Progress(step, self._steps, None, None, "mining hard negatives"))
        size = self._recipe.chunk_size
        texts = self._encoder.queries([pair.query for pair in self._pairs], self._recipe)
        queries = self._encoder.vectors(texts, size)
        texts = self._encoder.codes([pair.code for pair in self._pairs], self._recipe)
        codes = self._encoder.vectors(texts, size)
        self._negatives = mine(self._pairs, self._data, queries, codes, self._recipe, epoch)

    def _step(
        self,
        batch: Sequence[int],
        epoch: int,
        step: int,
        weights: dict[str, Tensor],
        optimizer: Any,
        teachers: Teachers | None,
    ) -> float:
        import torch

        recipe, pairs = self._recipe, [self._pairs[number] for number in batch]
        wrong = different(text for number in batch for text in self._negatives[number])
        codes = [*(pair.code for pair in pairs), *wrong]
        known = torch.tensor(_known(pairs, codes, self._data), device=self._encoder.device)
        if self._queries is not None:
            vectors = self._queries[list(batch)]
            same = (vectors @ vectors.T > recipe.alike_limit).fill_diagonal_(False)
            known[:, : len(pairs)] |= same.to(known.device)
        varied = augment_batch(self._pairs, batch, wrong, recipe, epoch)
        texts = self._encoder.queries(varied[0], recipe) + self._encoder.codes(varied[1], recipe)
        taught = None
        if teachers is not None:
            asked = teachers.queries([pair.query for pair in pairs])
            taught = (asked @ teachers.codes(codes).T).to(self._encoder.device)

        def loss_of(vectors: Tensor) -> Tensor:
            cosines = vectors[: len(pairs)] @ vectors[len(pairs) :].T
            how = recipe.temperature, recipe.symmetric
            loss = contrastive_loss(cosines, known, *how)
            if taught is None:
                return loss
            return loss.lerp(divergence(cosines, taught, *how), recipe.distillation)

        optimizer.zero_grad()
        seed = (recipe.seed * 1_000_003 + step) * _CHUNKS_A_STEP
        loss = backpropagate(
            self._encoder,
            texts,
            loss_of,
            chunk_size=recipe.chunk_size,
            cache=recipe.cache_gradients,
            seed=seed,
        )
        torch.nn.utils.clip_grad_norm_(weights.values(), recipe.max_gradient)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(recipe, step, self._steps)
        optimizer.step()
        return loss

    def _average(self, base: dict[str, Tensor]) -> tuple[float, dict[str, float]]:
        """Leave the best average in the encoder.

        Returns:
            Its share of trained weights, and the MRR of each share that was tried.
        """
        tuned, shares = self._encoder.state(), self._recipe.averages
        found: dict[str, float] = {}
        for share in shares if self._held else ():
            self._report(Progress(self._steps, self._steps, None, None, "averaging"))
            self._encoder.load(interpolate(base, tuned, share))
            found[f"{share:g}"] = development_mrr(self._encoder, self._held, self._recipe)
        best = max(shares, key=lambda share: (found.get(f"{share:g}", 0.0), share))
        self._encoder.load(interpolate(base, tuned, best))
        self._chosen = found.get(f"{best:g}")
        return best, found

    def _write(self, share: float, averages: dict[str, float]) -> Fitted:
        record = {
            "recipe": asdict(self._recipe),
            "base": self._encoder.source.name,
            "base_sha256": self._encoder.source.sha256,
            "license": self._encoder.source.license,
            "data": {"sha256": self._data.sha256, **_counts(self._pairs, self._held)},
            "history": self._history,
            "averages": averages,
            "share": share,
            "development_mrr": {"before": _first(self._history), "after": self._chosen},
            "seconds": round(self._seconds(), 1),
            "device": str(self._encoder.device),
            "precision": self._encoder.precision,
            "versions": {n: version(n) for n in ("torch", "transformers", "sentence-transformers")},
        }
        self._encoder.save(self._folder, _readme(record), share)
        if (curve := draw_curve(self._history)) is not None:
            write_atomically(self._folder / "training.svg", curve)
        # Last of all: who finds it finds everything else too.
        text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
        write_atomically(self._folder / RECORD, text)
        (self._folder / _CHECKPOINT).unlink(missing_ok=True)
        return Fitted(self._folder, record)


def _parts(
    recipe: Recipe, data: TrainingSet, development: TrainingSet | None
) -> tuple[list[Pair], list[Pair]]:
    limits = recipe.max_pairs, recipe.max_pairs_per_source, recipe.seed, dict(recipe.quotas)
    if development is None:
        return hold_out(select(data.pairs, *limits), recipe.development_pairs, recipe.seed)
    held = select(development.pairs, recipe.development_pairs, 0, recipe.seed)
    return select(without(data.pairs, held), *limits), held


def _groups(weights: dict[str, Tensor], recipe: Recipe) -> list[dict[str, Any]]:
    """Weights with and without decay: it would only shrink the scale of norms and biases."""
    matrices = [value for value in weights.values() if value.ndim > 1]
    others = [value for value in weights.values() if value.ndim <= 1]
    return [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


def learning_rate(recipe: Recipe, step: int, steps: int) -> float:
    """The learning rate of a step, counted from 1: rising linearly, then falling to 0."""
    warmup = round(recipe.warmup * steps)
    if step <= warmup:
        return recipe.learning_rate * step / warmup
    rest = (steps - step + 1) / (steps - warmup)
    shapes = {"none": 1.0, "linear": rest, "cosine": (1 - math.cos(math.pi * rest)) / 2}
    return recipe.learning_rate * shapes[recipe.decay]


def _known(pairs: Sequence[Pair], codes: Sequence[str], data: TrainingSet) -> list[list[bool]]:
    """Which codes beside its own answer each query; shape (pairs, codes)."""
    keys = [text_key(code) for code in codes]
    right = [data.right.get(pair.keys[0], frozenset()) | {pair.keys[1]} for pair in pairs]
    return [
        [n != row and key in own for n, key in enumerate(keys)] for row, own in enumerate(right)
    ]


def _first(history: Sequence[dict[str, Any]]) -> float | None:
    return next((point["mrr"] for point in history if "mrr" in point), None)


def _counts(pairs: Sequence[Pair], held: Sequence[Pair]) -> dict[str, Any]:
    counts: dict[str, dict[str, int]] = {"languages": {}, "sources": {}, "licenses": {}}
    for pair in pairs:
        for name, value in zip(counts, (pair.language, pair.source, pair.license), strict=True):
            counts[name][value or "unknown"] = counts[name].get(value or "unknown", 0) + 1
    return {"pairs": len(pairs), "development_pairs": len(held), **counts}


def _readme(record: dict[str, Any]) -> str:
    """The card that sentence-transformers, hubs and `dowse export` read the licence from."""
    front = "".join(
        f"{name}: {value}\n"
        for name, value in (("license", record["license"]), ("base_model", record["base"]))
        if value
    )
    data = record["data"]
    listed = "\n".join(
        f"- {source}: {count:,}" for source, count in sorted(data["sources"].items())
    )
    return (
        f"---\n{front}library_name: sentence-transformers\n---\n"
        f"# {record['base']}, fine-tuned for code search\n\n"
        f"Trained by `dowse train fit` on {data['pairs']:,} pairs of sentence and code:\n\n"
        f"{listed}\n\nRecipe, losses and versions are in `{RECORD}`.\n"
    )
