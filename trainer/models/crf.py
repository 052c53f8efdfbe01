"""Linear-chain conditional random field (Lafferty et al. 2001; Lample et al. 2016, section 2.2)."""

from __future__ import annotations

import torch
from torch import nn


class CRF(nn.Module):
    """Scores of neighbouring tags, and of tags that begin and end a sentence."""

    def __init__(self, tags: int) -> None:
        super().__init__()
        #: ``transitions[i, j]``: tag j after tag i.
        self.transitions = nn.Parameter(torch.zeros(tags, tags))
        self.begin = nn.Parameter(torch.zeros(tags))
        self.end = nn.Parameter(torch.zeros(tags))
        for scores in self.parameters():
            nn.init.uniform_(scores, -0.1, 0.1)

    def forward(self, emissions: torch.Tensor, tags: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
        """Negative log-likelihood of each sentence, [rows].

        ``emissions`` [rows, length, tags], ``tags`` int64 and ``valid`` boolean [rows, length]; the first place of
        every row is valid.
        """
        return self.log_partition(emissions, valid) - self.score(emissions, tags, valid)

    def score(self, emissions: torch.Tensor, tags: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
        """Score of one sequence of tags for each sentence, [rows]."""
        emitted = emissions.gather(2, tags[..., None])[..., 0]
        moved = self.transitions[tags[:, :-1], tags[:, 1:]]
        last = tags.gather(1, valid.sum(1, keepdim=True) - 1)[:, 0]
        inner = (emitted * valid).sum(1) + (moved * valid[:, 1:]).sum(1)
        return inner + self.begin[tags[:, 0]] + self.end[last]

    def log_partition(self, emissions: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
        """Logarithm of the sum over all sequences of tags, [rows]: the forward algorithm."""
        state = self.begin + emissions[:, 0]
        for place in range(1, emissions.shape[1]):
            following = torch.logsumexp(state[:, :, None] + self.transitions, dim=1) + emissions[:, place]
            state = torch.where(valid[:, place, None], following, state)
        return torch.logsumexp(state + self.end, dim=1)

    @torch.no_grad()
    def decode(self, emissions: torch.Tensor, valid: torch.Tensor) -> list[list[int]]:
        """The best sequence of tags of each sentence (Viterbi)."""
        state = self.begin + emissions[:, 0]
        stay = torch.arange(emissions.shape[2], device=emissions.device).expand_as(state)
        origins = []
        for place in range(1, emissions.shape[1]):
            best, origin = (state[:, :, None] + self.transitions).max(dim=1)
            here = valid[:, place, None]
            state = torch.where(here, best + emissions[:, place], state)
            origins.append(torch.where(here, origin, stay))
        tags = (state + self.end).argmax(1)
        found = [tags]
        for origin in reversed(origins):
            tags = origin.gather(1, tags[:, None])[:, 0]
            found.append(tags)
        rows = torch.stack(found[::-1], dim=1).tolist()
        return [row[:length] for row, length in zip(rows, valid.sum(1).tolist(), strict=True)]
