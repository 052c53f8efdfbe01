"""One model over several ranks: replicated (DistributedDataParallel) or sharded (``distributed/sharding.py``).

Gradients are averaged over ranks by both. The state can be gathered whole, as one process would have it, and given to
any number of ranks again. Sharding is imported where it is used: it takes PyTorch seconds to load.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, TypeVar, cast

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.checkpoint import checkpoint

from hanmill.trainer.configs.loop import LoopConfig
from hanmill.trainer.distributed.process import Process

T = TypeVar("T")


def spread(model: nn.Module, layers: tuple[type[nn.Module], ...], process: Process, loop: LoopConfig) -> nn.Module:
    """The module whose forward pass trains ``model`` on this rank, compiled where the configuration says so.

    Sharding happens in place, by modules of these kinds. On several ranks they are compiled one by one: one compiled
    backward pass would give all gradients at its end, with nothing left to compute while they are averaged.
    """
    if loop.recompute:
        for layer in [module for module in model.modules() if isinstance(module, layers)]:
            # The names of its parameters stay.
            layer.forward = partial(checkpoint, layer.forward, use_reentrant=False)
    if is_sharded(process, loop):
        from hanmill.trainer.distributed.sharding import shard

        return shard(model, layers, process, loop)
    if process.world == 1:
        return cast(nn.Module, torch.compile(model)) if loop.compile else model
    if loop.compile:
        for layer in [module for module in model.modules() if isinstance(module, layers)]:
            layer.compile()
    return replicate(model)


def replicate(model: nn.Module) -> nn.Module:
    """A copy on every rank. Buffers are tables of the corpus, the same everywhere, and are not sent in each step."""
    # PyTorch gave the setting another name, and warns of the old one.
    known = inspect.signature(DistributedDataParallel).parameters
    buffers = "forward_sync_buffers" if "forward_sync_buffers" in known else "broadcast_buffers"
    settings: dict[str, Any] = {buffers: False}
    return DistributedDataParallel(model, gradient_as_bucket_view=True, **settings)


def local_gradients(replica: nn.Module, local: bool) -> AbstractContextManager[None]:
    """A backward pass whose gradients stay on the rank, to be added to those of later micro-batches."""
    synchronise: Callable[[bool], None] | None = getattr(replica, "set_requires_gradient_sync", None)
    if synchronise is not None:
        synchronise(not local)
    elif isinstance(replica, DistributedDataParallel) and local:
        return replica.no_sync()
    return nullcontext()


def clip_gradients(model: nn.Module, limit: float) -> torch.Tensor:
    """Scales the gradients so that their norm over all ranks is at most ``limit``; returns the norm before."""
    return _whole(nn.utils.clip_grad_norm_([p for p in model.parameters() if p.grad is not None], limit))


def gather(state: Any, keep: bool) -> Any:
    """A copy in host memory of a state, every sharded tensor whole. Each rank must call; None where not ``keep``."""
    if isinstance(state, dict):
        gathered = {key: gather(value, keep) for key, value in state.items()}
        return gathered if keep else None
    if isinstance(state, (list, tuple)):
        return type(state)(gather(value, keep) for value in state) if keep else None
    if isinstance(state, torch.Tensor):
        whole = _whole(state)
        return whole.to("cpu", copy=True) if keep else None
    return state


def is_sharded(process: Process, loop: LoopConfig) -> bool:
    """Whether each rank has a share of the model, and not the whole."""
    return loop.parallel == "fsdp" and process.world > 1


def load_model(model: nn.Module, weights: dict[str, torch.Tensor]) -> None:
    """Gives a model its weights: whole, or, where it is sharded, this rank's rows."""
    if any(_is_sharded(parameter) for parameter in model.parameters()):
        from hanmill.trainer.distributed.sharding import load_rows

        load_rows(model, weights)
    else:
        model.load_state_dict(weights)


def load_optimizer(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Gives an optimiser its state: whole, or, of a sharded model, this rank's rows."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    if any(_is_sharded(parameter) for parameter in parameters):
        from hanmill.trainer.distributed.sharding import shard_moments

        state = shard_moments(parameters, state)
    optimizer.load_state_dict(state)


def in_step(process: Process, batches: Iterable[T], spare: Callable[[], T]) -> Iterator[tuple[T, bool]]:
    """A rank's batches with True, then spare ones with False until every rank has used its own.

    A sharded model is gathered in each forward pass, so no rank may make fewer of them than another.
    """
    own = iter(batches)
    while True:
        batch = next(own, None)
        (left,) = process.sum(float(batch is not None))
        if not left:
            return
        yield (spare(), False) if batch is None else (batch, True)


def _is_sharded(tensor: torch.Tensor) -> bool:
    # A DTensor, told by what is asked of it: its class is slow to import.
    return hasattr(tensor, "full_tensor")


def _whole(tensor: torch.Tensor) -> torch.Tensor:
    gather_whole: Callable[[], torch.Tensor] | None = getattr(tensor, "full_tensor", None)
    return tensor if gather_whole is None else gather_whole()
