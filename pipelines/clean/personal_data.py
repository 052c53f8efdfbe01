"""Masks personal data: finds the places by kind, puts a fixed mask of the kind there, and keeps the way back.

Whatever looks like an address or a number is masked only where its context says that it is one (``masks/``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from hanmill.pipelines.clean.masks.host_addresses import find_host_addresses
from hanmill.pipelines.clean.masks.identity_numbers import find_bank_cards, find_identity_cards, find_passports
from hanmill.pipelines.clean.masks.mail_addresses import find_mail_addresses
from hanmill.pipelines.clean.masks.places import MASKS, Kind, Place
from hanmill.pipelines.clean.masks.telephones import find_telephones

#: Masked by default. Numbers of documents are looked for where a recipe names them.
DEFAULT_KINDS: tuple[Kind, ...] = ("email", "ipv4", "ipv6", "phone")

_Finder = Callable[[str], Iterator[Place]]
#: Of places that overlap the one whose finder comes first counts: a card's number holds many a telephone's.
_FINDERS: tuple[tuple[frozenset[Kind], _Finder], ...] = (
    (frozenset({"email"}), find_mail_addresses),
    (frozenset({"identity_card"}), find_identity_cards),
    (frozenset({"bank_card"}), find_bank_cards),
    (frozenset({"passport"}), find_passports),
    (frozenset({"ipv4", "ipv6"}), find_host_addresses),
    (frozenset({"phone"}), find_telephones),
)
#: Full-width letters, digits and signs, one for one, so that offsets stay.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
#: What says that numbers or addresses are written so; each begins with a character that is found fast.
_WRITTEN_WIDE = tuple(map(re.compile, ("[０-９]{2}", "＠", "（0[0-9]{1,4}）", "0[0-9]{1,4}（")))


@dataclass(frozen=True, slots=True)
class MaskedText:
    """``raw_offsets`` is int64 [len(text) + 1]: for each character of ``text`` (and its end) the offset in the raw
    text it stands for, non-decreasing. ``counts`` says how many places of each kind were masked; kinds with none are
    left out.
    """

    text: str
    raw_offsets: npt.NDArray[np.int64]
    counts: Mapping[Kind, int]


def find_personal_data(text: str, kinds: Collection[Kind] = DEFAULT_KINDS) -> list[Place]:
    """Places to mask, in order and without overlap; offsets count code points.

    >>> find_personal_data("連絡はtaro@example.jpまで")
    [Place(start=3, end=18, kind='email')]
    """
    written_wide = not text.isascii() and any(pattern.search(text) for pattern in _WRITTEN_WIDE)
    read = text.translate(_WIDE) if written_wide else text
    found = [
        (place.start, rank, place)
        for rank, (finds, find) in enumerate(_FINDERS)
        if not finds.isdisjoint(kinds)
        for place in find(read)
        if place.kind in kinds
    ]
    chosen: list[Place] = []
    for _, _, place in sorted(found, key=lambda item: (item[1], item[0])):
        if all(place.end <= other.start or place.start >= other.end for other in chosen):
            chosen.append(place)
    return sorted(chosen)


def mask_personal_data(text: str, kinds: Collection[Kind] = DEFAULT_KINDS) -> MaskedText:
    """Replaces every such place by the mask of its kind."""
    places = find_personal_data(text, kinds)
    if not places:
        return MaskedText(text, np.arange(len(text) + 1, dtype=np.int64), MappingProxyType({}))
    parts: list[str] = []
    offsets: list[npt.NDArray[np.int64]] = []
    end = 0
    for place in places:
        mask = MASKS[place.kind]
        parts += [text[end : place.start], mask]
        offsets += [np.arange(end, place.start, dtype=np.int64), np.full(len(mask), place.start, np.int64)]
        end = place.end
    parts.append(text[end:])
    offsets.append(np.arange(end, len(text) + 1, dtype=np.int64))
    counts = MappingProxyType(dict(Counter(place.kind for place in places)))
    return MaskedText("".join(parts), np.concatenate(offsets), counts)
