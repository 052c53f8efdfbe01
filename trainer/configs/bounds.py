"""What numbers of a configuration may be: each raises ValueError with what was expected."""

from __future__ import annotations


def at_least(config: object, least: float, *names: str) -> None:
    """Of each of these fields."""
    for name in names:
        if getattr(config, name) < least:
            raise ValueError(f"{name} of at least {least:g}")


def above(config: object, bound: float, *names: str) -> None:
    """Of each of these fields."""
    for name in names:
        if not getattr(config, name) > bound:
            raise ValueError(f"{name} above {bound:g}")


def below_one(config: object, *names: str) -> None:
    """From 0, and below 1: a share that leaves something, of each of these fields."""
    for name in names:
        if not 0 <= getattr(config, name) < 1:
            raise ValueError(f"{name} from 0 to below 1")
