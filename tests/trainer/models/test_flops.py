"""The stated formula for model FLOPs."""

from __future__ import annotations

import pytest
import torch

from hanmill.trainer.configs.config_file import load_config
from hanmill.trainer.registry import find_model


@pytest.mark.parametrize(
    ("model", "size", "millions"),
    [("chinesebert", "base", 584), ("chinesebert", "large", 1989), ("unihanlm", "base", 967)],
)
def test_flops_of_the_published_models(model: str, size: str, millions: int) -> None:
    spec = find_model(model)
    config = load_config(spec, size)
    with torch.device("meta"):
        built = spec.build(config, spec.nominal_sizes(config))
    assert spec.flops_per_token(built, config, config.stages[0]) / 1e6 == pytest.approx(millions, rel=0.005)
