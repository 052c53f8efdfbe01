"""Parameters, gradients and optimiser state in shares, one a rank: PyTorch's FSDP2 (``fully_shard``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor

from hanmill.trainer.configs.loop import LoopConfig
from hanmill.trainer.distributed.process import Process


def shard(model: nn.Module, layers: tuple[type[nn.Module], ...], process: Process, loop: LoopConfig) -> nn.Module:
    """Shards a model in place over all ranks.

    Modules of the kinds ``layers`` are gathered one at a time, everything else with the whole model: the tied
    embeddings are read by input and output. Compilation is by layer, as gathering cannot be compiled.
    """
    mesh = init_device_mesh(process.device.type, (process.world,))
    # Autocast decides what is computed in bf16; the policy gathers in bf16 what it would round anyway, adds
    # gradients in single precision and leaves activations alone.
    policy = MixedPrecisionPolicy(
        param_dtype=torch.bfloat16 if loop.bf16 else None, reduce_dtype=torch.float32, cast_forward_inputs=False
    )
    for layer in [module for module in model.modules() if isinstance(module, layers)]:
        if loop.compile:
            layer.compile()
        fully_shard(layer, mesh=mesh, mp_policy=policy)
    fully_shard(model, mesh=mesh, mp_policy=policy)
    return model


def load_rows(model: nn.Module, rows: Mapping[str, torch.Tensor]) -> None:
    """Gives a sharded model this rank's rows of each parameter, and its tables whole; nothing is sent."""
    own = model.state_dict()
    assert own.keys() == rows.keys(), "the state of another model"
    sharded = {name: tensor.to_local() for name, tensor in own.items() if isinstance(tensor, DTensor)}
    for name, local in sharded.items():
        assert local.shape == rows[name].shape, f"{name}: sharded otherwise than by rows"
        local.copy_(rows[name])
    # A table may change its type when it is read.
    model.load_state_dict({name: rows[name] for name in rows if name not in sharded}, strict=False)


def shard_moments(parameters: list[nn.Parameter], state: dict[str, Any]) -> dict[str, Any]:
    """An optimiser's state of rows, each tensor of which is this rank's share of one that is cut as its parameter.

    Nothing is sent.
    """
    moments = {
        number: {name: _shared(parameters[number], value) for name, value in values.items()}
        for number, values in state["state"].items()
    }
    return state | {"state": moments}


def _shared(parameter: nn.Parameter, value: Any) -> Any:
    if not isinstance(parameter, DTensor) or not isinstance(value, torch.Tensor) or not value.ndim:
        return value
    mesh = parameter.device_mesh
    return DTensor.from_local(
        value.to(mesh.device_type), mesh, parameter.placements, run_check=False, shape=parameter.shape,
        stride=parameter.stride(),
    )  # fmt: skip
