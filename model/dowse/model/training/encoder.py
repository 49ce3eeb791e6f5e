"""The encoder that is trained: sentence-transformers around weights that change."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dowse.context.errors import ExportError, SettingsError
from dowse.model.training.base import base_name, find_folder, read_base, read_sentence_encoder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from dowse.model.training.recipe import Recipe

    Tensor = Any


ADAPTER = "adapter"
"""Folder of the LoRA weights, in that of the model."""


class Encoder:
    """A base model with what the recipe makes of it.

    Args:
        recipe: base, device, precision, layers and LoRA.

    Raises:
        ExportError: the base cannot be found or loaded, or could not be exported after training
            and the recipe is not for teaching.
        SettingsError: the device is not there, or a setting does not fit the base.
    """

    def __init__(self, recipe: Recipe) -> None:
        import torch

        folder = find_folder(recipe.base)
        read = read_sentence_encoder if recipe.for_teaching else read_base
        self.source = read(folder, base_name(recipe.base, folder))
        self.device = find_device(recipe.device)
        dropout = ("hidden_dropout_prob", "attention_probs_dropout_prob")
        config = dict.fromkeys(dropout, recipe.dropout)
        self.model = open_folder(folder, recipe.base, "cpu", config_kwargs=config)
        self._bert: Any = self.model[0].model
        if self.model.tokenizer.pad_token_id is None:
            raise ExportError(
                f"the tokenizer of {recipe.base} has no padding token; name another base"
            )
        self._adapter: dict[str, Tensor] = {}
        self._tuned = bool(recipe.lora_rank)
        torch.manual_seed(recipe.seed)
        _keep_layers(self._bert, recipe.layers)
        _freeze(self._bert, recipe.frozen_layers)
        _add_lora(self._bert, recipe)
        self.model.to(self.device)
        self.precision = find_precision(recipe.precision, self.device)

    def tokenize(self, texts: Sequence[str], limit: int, prompt: str) -> list[list[int]]:
        """Token ids of texts in their prompt, cut to a limit that counts special tokens."""
        prompted = [prompt.replace("{text}", text) for text in texts]
        most = min(limit, self.source.token_limit)
        ids = self.model.tokenizer(prompted, truncation=True, max_length=most)["input_ids"]
        return [list(text) for text in ids]

    def queries(self, texts: Sequence[str], recipe: Recipe) -> list[list[int]]:
        """Token ids of queries."""
        return self.tokenize(texts, recipe.query_tokens, self.source.query_prompt)

    def codes(self, texts: Sequence[str], recipe: Recipe) -> list[list[int]]:
        """Token ids of code."""
        return self.tokenize(texts, recipe.code_tokens, self.source.document_prompt)

    def embed(self, texts: Sequence[Sequence[int]], seed: int) -> Tensor:
        """Unit vectors, shape (texts, dimensions); the seed decides what dropout drops."""
        import torch

        torch.manual_seed(seed)
        longest = max(map(len, texts))
        pad = self.model.tokenizer.pad_token_id
        ids = torch.tensor([[*text, *[pad] * (longest - len(text))] for text in texts])
        mask = torch.tensor([[1] * len(t) + [0] * (longest - len(t)) for t in texts])
        features = {"input_ids": ids.to(self.device), "attention_mask": mask.to(self.device)}
        with computing_in(self.precision, self.device):
            vectors = self.model(features)["sentence_embedding"]
        return torch.nn.functional.normalize(vectors.float(), dim=1)

    def vectors(self, texts: Sequence[Sequence[int]], chunk_size: int) -> Tensor:
        """The same without gradients and dropout, for as many texts as one likes."""
        import torch

        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        chunks = [order[n : n + chunk_size] for n in range(0, len(order), chunk_size)]
        training = self.model.training
        self.model.eval()
        try:
            with torch.no_grad():
                found = torch.cat([self.embed([texts[n] for n in c], 0) for c in chunks])
        finally:
            self.model.train(training)
        places = torch.tensor(sorted(range(len(order)), key=order.__getitem__))
        return found[places.to(found.device)]

    def trainable(self) -> dict[str, Tensor]:
        """Name to weights that training changes."""
        return {n: p for n, p in self.model.named_parameters() if p.requires_grad}

    def state(self) -> dict[str, Tensor]:
        """A copy of all weights on the CPU."""
        return {n: t.detach().cpu().clone() for n, t in self.model.state_dict().items()}

    def load(self, state: dict[str, Tensor]) -> None:
        """Put weights in."""
        self.model.load_state_dict(state)

    def merge(self) -> None:
        """Add LoRA weights to those that they stand beside; they are kept for `save`."""
        if not self._tuned:
            return
        from peft import get_peft_model_state_dict
        from peft.tuners.tuners_utils import BaseTunerLayer

        found = get_peft_model_state_dict(self._bert)
        self._adapter = {n: tensor.detach().cpu().contiguous() for n, tensor in found.items()}
        layers = [(n, m) for n, m in self._bert.named_modules() if isinstance(m, BaseTunerLayer)]
        for name, layer in layers:
            layer.merge()
            parent, _, last = name.rpartition(".")
            setattr(self._bert.get_submodule(parent), last, layer.get_base_layer())
        self._tuned = False

    def save(self, folder: Path, readme: str, share: float) -> None:
        """Write a folder that sentence-transformers and `dowse export` read.

        Args:
            folder: made if need be.
            readme: text of the model's card.
            share: of the trained weights in those that are saved.
        """
        # Libraries that write files copy from some devices only.
        self.model.to("cpu").save_pretrained(str(folder), create_model_card=False)
        (folder / "README.md").write_text(readme, encoding="utf-8")
        if self._adapter:
            self._save_adapter(folder / ADAPTER, share)

    def _save_adapter(self, folder: Path, share: float) -> None:
        """Write LoRA weights in peft's format.

        What they add is `lora_alpha / r` times a product, so scaling that number scales it.
        """
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        save_file(self._adapter, folder / "adapter_model.safetensors")
        self._bert.peft_config["default"].save_pretrained(str(folder))
        path = folder / "adapter_config.json"
        config = json.loads(path.read_text(encoding="utf-8"))
        config["lora_alpha"] *= share
        path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def open_folder(folder: Path, name: str, device: str, **settings: Any) -> Any:
    """A SentenceTransformer of any architecture.

    Args:
        folder: where it lies.
        name: what to call it.
        device: where it runs.
        settings: more of SentenceTransformer's.

    Raises:
        ExportError: it cannot be loaded.
    """
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(str(folder), device=device, local_files_only=True, **settings)
    except (OSError, ValueError, KeyError) as error:
        raise ExportError(
            f"{name} cannot be loaded ({str(error).splitlines()[0]}); "
            "name a sentence-transformers model"
        ) from None


def find_device(name: str) -> Any:
    """The device of that name; `auto` is a GPU where there is one.

    Raises:
        SettingsError: it is not there.
    """
    import torch

    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError):
        raise SettingsError(f"there is no device {name!r} here; set device to auto") from None
    return device


def find_precision(name: str, device: Any) -> str:
    """`bf16` or `float32`; `auto` is bf16 where the hardware multiplies in it.

    On two cores with AVX512_BF16 it trains 2.6 times as fast.
    """
    import torch

    if name != "auto":
        return name
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "float32"
    found = torch.cpu.get_capabilities() if device.type == "cpu" else {}
    return "bf16" if found.get("avx512_bf16") or found.get("amx_bf16") else "float32"


def computing_in(precision: str, device: Any) -> AbstractContextManager[object]:
    """Make matrix products inside of it `bf16`, or leave them as the weights are."""
    import torch

    # Not every device has a lower precision to offer.
    return torch.autocast(device.type, torch.bfloat16) if precision == "bf16" else nullcontext()


def _keep_layers(bert: Any, count: int) -> None:
    """Keep layers evenly spread, the first and the last among them (DistilBERT: Sanh 2019)."""
    if not count:
        return
    layers = _layers(bert, count, "layers")
    last = len(layers) - 1
    kept = [round(n * last / max(1, count - 1)) for n in range(count)]
    bert.encoder.layer = type(layers)([layers[n] for n in kept])
    bert.config.num_hidden_layers = count


def _freeze(bert: Any, count: int) -> None:
    """Keep the word vectors and so many layers above them from changing."""
    if not count:
        return
    for part in (bert.embeddings, *_layers(bert, count + 1, "frozen_layers")[:count]):
        part.requires_grad_(False)


def _layers(bert: Any, count: int, setting: str) -> Any:
    layers = getattr(getattr(bert, "encoder", None), "layer", None)
    if layers is None:
        raise SettingsError(f"the layers of the base cannot be told apart; set {setting} to 0")
    if count > len(layers):
        raise SettingsError(f"the base has {len(layers)} layers; set {setting} to fewer than that")
    return layers


def _add_lora(bert: Any, recipe: Recipe) -> None:
    """Freeze the weights, and put trainable products beside them (Hu 2021, arXiv:2106.09685)."""
    if not recipe.lora_rank:
        return
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError:
        raise SettingsError('lora_rank needs peft; `pip install "dowse[train]"`') from None
    config = LoraConfig(
        r=recipe.lora_rank,
        lora_alpha=recipe.lora_alpha,
        target_modules=list(recipe.lora_modules),
        exclude_modules=["pooler.dense"],  # it takes no part in the vector
    )
    try:
        inject_adapter_in_model(config, bert)
    except ValueError:
        raise SettingsError(
            f"the base has no layers {', '.join(recipe.lora_modules)}; mend lora_modules"
        ) from None
