"""Kinds of personal data and the places where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

Kind = Literal["email", "ipv4", "ipv6", "phone", "identity_card", "bank_card", "passport"]
KINDS: tuple[Kind, ...] = get_args(Kind)

#: What stands in place of each kind: addresses from the ranges for documentation (RFC 2606, 5737, 3849), numbers that
#: nobody can have. No mask is masked again.
MASKS: Mapping[Kind, str] = MappingProxyType(
    {
        "email": "email@example.com",
        "ipv4": "192.0.2.1",
        "ipv6": "2001:db8::1",
        "phone": "000-0000-0000",
        "identity_card": "000000000000000000",
        "bank_card": "0000-0000-0000-0000",
        "passport": "X00000000",
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """``text[start:end]`` is personal data of ``kind``; offsets count code points."""

    start: int
    end: int
    kind: Kind
