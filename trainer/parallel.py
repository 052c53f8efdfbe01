"""One model over several ranks: replicated (DistributedDataParallel) or sharded (FSDP2, ``fully_shard``).

Gradients are averaged over ranks by both. The state can be gathered whole, as one process would have it, and given to
any number of ranks again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import torch
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor
from torch.nn.parallel import DistributedDataParallel

from trainer.config import LoopConfig
from trainer.models.encoder import EncoderLayer
from trainer.process import Process

T = TypeVar("T")


def spread(model: nn.Module, process: Process, loop: LoopConfig) -> nn.Module:
    """The module whose forward pass trains ``model`` on this rank, compiled where the configuration says so.

    Sharding happens in place: encoder layers are gathered one at a time, everything else (tied embeddings, which
    input and output both read) with the whole model.
    """
    if loop.parallel == "fsdp" and process.world > 1:
        return _shard(model, process, loop)
    replica = torch.compile(model) if loop.compile else model
    return DistributedDataParallel(replica) if process.world > 1 else replica


def local_gradients(replica: nn.Module, local: bool) -> AbstractContextManager[None]:
    """A backward pass whose gradients stay on the rank, to be added to those of later micro-batches."""
    if isinstance(replica, FSDPModule):
        replica.set_requires_gradient_sync(not local)
    elif isinstance(replica, DistributedDataParallel) and local:
        return replica.no_sync()
    return nullcontext()


def clip_gradients(model: nn.Module, limit: float) -> torch.Tensor:
    """Scales the gradients so that their norm over all ranks is at most ``limit``; returns the norm before."""
    norm = nn.utils.clip_grad_norm_([p for p in model.parameters() if p.grad is not None], limit)
    return norm.full_tensor() if isinstance(norm, DTensor) else norm


def gather(state: Any, keep: bool) -> Any:
    """A copy in host memory of a state, every sharded tensor whole. Each rank must call; None where not ``keep``."""
    if isinstance(state, dict):
        gathered = {key: gather(value, keep) for key, value in state.items()}
        return gathered if keep else None
    if isinstance(state, (list, tuple)):
        return type(state)(gather(value, keep) for value in state) if keep else None
    if isinstance(state, DTensor):
        state = state.full_tensor()
    if isinstance(state, torch.Tensor):
        return state.to("cpu", copy=True) if keep else None
    return state


def load_optimizer(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Gives an optimiser of a model, sharded or not, a state that is whole."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    moments = {
        number: {name: _like(parameters[number], value) for name, value in values.items()}
        for number, values in state["state"].items()
    }
    optimizer.load_state_dict(state | {"state": moments})


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


def _shard(model: nn.Module, process: Process, loop: LoopConfig) -> nn.Module:
    mesh = init_device_mesh(process.device.type, (process.world,))
    # Autocast decides what is computed in bf16; the policy gathers in bf16 what it would round anyway, adds
    # gradients in single precision and leaves activations alone.
    policy = MixedPrecisionPolicy(
        param_dtype=torch.bfloat16 if loop.bf16 else None, reduce_dtype=torch.float32, cast_forward_inputs=False
    )
    for layer in [module for module in model.modules() if isinstance(module, EncoderLayer)]:
        if loop.compile:
            layer.compile()
        fully_shard(layer, mesh=mesh, mp_policy=policy)
    return fully_shard(model, mesh=mesh, mp_policy=policy)


def _like(target: torch.Tensor | None, value: Any) -> Any:
    """``value`` sharded as ``target``; numbers, and tensors of another shape such as a step count, stay whole."""
    if isinstance(target, DTensor) and isinstance(value, torch.Tensor) and value.shape == target.shape:
        # Every rank has read the same file: nothing is sent.
        value = value.to(target.device_mesh.device_type)
        return distribute_tensor(value, target.device_mesh, target.placements, src_data_rank=None)
    return value
