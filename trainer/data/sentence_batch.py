"""What one forward pass of MLMA takes: sentences of every language."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

#: Closes a sentence on both sides, as a target; as an input it is padding. Id 1 is the unknown word.
END, UNKNOWN, SPECIALS = 0, 1, 2


class Bundle(NamedTuple):
    """Sentences of one language, about as long as one another.

    ``ids`` int64 [rows, length], END on the right of shorter sentences. ``places`` int64 [words] indexes the words in
    the flattened rows; ``following`` and ``preceding`` int64 [words] are the words on either side of each, END beyond
    the sentence. ``candidates`` int64 [sample] for the sampled softmax (empty: the whole vocabulary) and ``tries``,
    the draws it took to find them.
    """

    ids: torch.Tensor
    places: torch.Tensor
    following: torch.Tensor
    preceding: torch.Tensor
    candidates: torch.Tensor
    tries: int

    def to(self, device: torch.device) -> Bundle:
        """The same bundle on a device."""
        ids, places, following, preceding, candidates = (tensor.to(device, non_blocking=True) for tensor in self[:5])
        return Bundle(ids, places, following, preceding, candidates, self.tries)


class SentenceBatch(NamedTuple):
    """A bundle of each language in the order of the configuration, or an empty one.

    ``real`` is 0 for the padding batch of a rank that has nothing left.
    """

    bundles: tuple[Bundle, ...]
    real: int = 1

    def to(self, device: torch.device) -> SentenceBatch:
        """The same batch on a device."""
        return SentenceBatch(tuple(bundle.to(device) for bundle in self.bundles), self.real)


def bundle_of(ids: npt.NDArray[np.int64], candidates: npt.NDArray[np.int64], tries: int) -> Bundle:
    """A bundle of sentences int64 [rows, length], END on the right.

    Places and targets are found here, in the loader: finding them on a GPU would make it wait.
    """
    places = np.flatnonzero(ids != END)
    following, preceding = np.full_like(ids, END), np.full_like(ids, END)
    following[:, :-1], preceding[:, 1:] = ids[:, 1:], ids[:, :-1]
    return Bundle(
        ids=torch.from_numpy(ids),
        places=torch.from_numpy(places),
        following=torch.from_numpy(following.ravel()[places]),
        preceding=torch.from_numpy(preceding.ravel()[places]),
        candidates=torch.from_numpy(candidates),
        tries=tries,
    )


def empty_bundle() -> Bundle:
    """No sentence."""
    nothing = np.empty(0, np.int64)
    return bundle_of(nothing.reshape(0, 0), nothing, 0)
