"""BLEU over characters, by sacrebleu (Post 2018)."""

from __future__ import annotations

from collections.abc import Sequence

from hanmill.trainer.errors import ConfigError


def character_bleu(found: Sequence[str], references: Sequence[str]) -> float:
    """``sacrebleu --tokenize char``, 0 to 100. Raises ConfigError where sacrebleu is not installed."""
    try:
        from sacrebleu.metrics.bleu import BLEU
    except ImportError as error:
        raise ConfigError("translation is scored by sacrebleu: found none, expected the extra `trainer`") from error
    return float(BLEU(tokenize="char").corpus_score(list(found), [list(references)]).score)
