"""A device beside the CPU for machines without a GPU, so that a tensor in the wrong place is seen.

It computes on the CPU. As a GPU does, it refuses operations on tensors of two devices. A process
that has such a device has it for good, so tests start one of their own.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

from dowse.model.training.fit import fit
from dowse.model.training.training_set import read_training_set

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dowse.model.training.fit import Fitted, Progress
    from dowse.model.training.recipe import Recipe

NAME = "second"
_MAY_MIX = {"copy_", "_to_copy", "index", "index_put_", "_index_put_impl_"}
"""What copies between devices, or takes indices from the CPU, on a GPU too."""


def bring_it_up() -> None:
    """Give this process the device; it has it for good."""
    _setup_privateuseone_for_python_backend(NAME, _Module)
    for name, kernel in (("empty_strided", _empty_strided), ("_copy_from", _copy_from)):
        torch.library.impl(f"aten::{name}", "PrivateUse1")(kernel)


def fit_there(recipe: Recipe, pairs: Path, folder: Path) -> Fitted:
    """Train on the second device, in a process that has it; stop after a checkpoint, and go on."""
    recipe, data = replace(recipe, device=NAME), read_training_set([pairs])

    def stop(progress: Progress) -> None:
        if progress.step == recipe.checkpoint_every:
            raise KeyboardInterrupt

    with _Operations():
        with suppress(KeyboardInterrupt):
            fit(recipe, data, folder, report=stop)
        return fit(recipe, data, folder)


class Far(torch.Tensor):
    """A tensor on the second device; `near` is where it really lies."""

    near: torch.Tensor

    @staticmethod
    def __new__(cls, near: torch.Tensor) -> Far:
        place = near.shape, near.stride(), near.storage_offset()
        # A view of an ordinary tensor is one too, whatever the mode.
        with torch.inference_mode(False):
            made: Far = torch.Tensor._make_wrapper_subclass(
                cls, *place, dtype=near.dtype, device=f"{NAME}:0"
            )
        made.near = near
        return made

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Be read on the CPU again, as `map_location` has it."""
        return self.near.__reduce_ex__(protocol)

    @classmethod
    def __torch_dispatch__(
        cls, operation: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        return _run(operation, args, kwargs or {})


class _Operations(TorchDispatchMode):
    """Sees also what makes a tensor of nothing."""

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        return _run(operation, args, kwargs or {})


def _run(operation: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
    far = [tensor for tensor in tensors if isinstance(tensor, Far)]
    # A number is welcome everywhere.
    near = [tensor for tensor in tensors if not isinstance(tensor, Far) and tensor.ndim]
    name = operation._schema.name.removeprefix("aten::")
    if far and near and name not in _MAY_MIX:
        raise RuntimeError(f"{name}: expected all tensors to be on the same device")
    asked = kwargs.get("device")
    there = bool(far) if asked is None else torch.device(asked).type == NAME
    if asked is not None:
        kwargs = {**kwargs, "device": "cpu"}
    args, kwargs = tree_map_only(Far, lambda tensor: tensor.near, (args, kwargs))
    result = operation(*args, **kwargs)
    if not there:
        return result
    # What works in place gives back the tensor that it was given.
    given = {id(tensor.near): tensor for tensor in far}
    return tree_map_only(
        torch.Tensor, lambda made: given[id(made)] if id(made) in given else Far(made), result
    )


class _Module:
    """What PyTorch asks a kind of device."""

    @staticmethod
    def device_count() -> int:
        return 1

    @staticmethod
    def is_available() -> bool:
        return True

    @staticmethod
    def is_initialized() -> bool:
        return True

    @staticmethod
    def current_device() -> int:
        return 0

    @staticmethod
    def manual_seed_all(seed: int) -> None:
        """Chance is the CPU's."""

    @staticmethod
    def _is_in_bad_fork() -> bool:
        return False


def _empty_strided(
    size: Sequence[int], stride: Sequence[int], dtype: Any, *_: Any, **__: Any
) -> Far:
    return Far(torch.empty_strided(size, stride, dtype=dtype))


def _copy_from(source: torch.Tensor, target: torch.Tensor, non_blocking: bool = False) -> Any:
    raw = [each.near if isinstance(each, Far) else each for each in (source, target)]
    raw[1].copy_(raw[0])
    return target
