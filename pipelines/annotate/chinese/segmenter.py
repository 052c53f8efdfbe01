"""Chinese words: a pointwise model, rjieba's dictionary, or LTP's perceptron with weights from a file or the hub."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rjieba

from hanmill.pipelines.annotate.chinese.pointwise import PointwiseCutter
from hanmill.pipelines.annotate.chinese.pointwise_model import SHIPPED_MODEL, read_model
from hanmill.pipelines.annotate.words import (
    SegmenterError,
    Words,
    carry_back,
    cut_without_extenders,
    native_text,
    words_of,
)
from hanmill.pipelines.extract.document import Reading
from hanmill.pipelines.text.character_conversion import narrow
from hanmill.pipelines.text.sentences import sentence_ends
from hanmill.pipelines.text.simplified_form import SimplifiedForm
from hanmill.schemas.recipe import SegmentRecipe

if TYPE_CHECKING:
    from ltp_extension.perceptron import CWSModel

HUB_REPOSITORY = "LTP/legacy"
WEIGHTS_NAME = "cws_model.bin"


class ChineseSegmenter:
    """Cuts the simplified, narrow form of a text and carries the boundaries back: segmenters know that best."""

    def __init__(self, settings: SegmentRecipe) -> None:
        """Raises SegmenterError where a model is asked for that is not to be had."""
        self._simplify = SimplifiedForm()
        self._cut: Callable[[Sequence[str]], Iterable[list[str]]]
        if settings.chinese == "rjieba":
            self._cut = cut_by_dictionary
        elif settings.chinese == "ltp":
            weights = find_weights(settings.chinese_model)
            self._cut = LtpCutter(load_weights(weights)).cut
        else:
            weights = Path(settings.chinese_model or SHIPPED_MODEL)
            self._cut = PointwiseCutter(read_model(weights)).cut

    def segment(self, texts: Sequence[str], readings: Sequence[tuple[Reading, ...]] = ()) -> list[Words]:
        """One Words per text, without readings. Reads no ``readings``: Chinese words carry none."""
        return cut_without_extenders(texts, self._segment)

    def _segment(self, texts: Sequence[str]) -> list[Words]:
        forms = self._simplify.each([narrow(native_text(text)) for text in texts])
        return [
            words_of(surfaces if text == form else carry_back(text, surfaces))
            for text, form, surfaces in zip(texts, forms, self._cut(forms), strict=True)
        ]


def cut_by_dictionary(texts: Iterable[str]) -> Iterator[list[str]]:
    """The words of each text by rjieba, white space left out."""
    for text in texts:
        yield [word for chunk in text.split() for word in rjieba.cut(chunk)]


class LtpCutter:
    """LTP's perceptron, a sentence at a time, as it was trained."""

    def __init__(self, model: CWSModel) -> None:
        self._model = model

    def cut(self, texts: Iterable[str]) -> Iterator[list[str]]:
        """The words of each text, white space left out."""
        for text in texts:
            yield [word for chunk in text.split() for word in self._words(chunk)]

    def _words(self, chunk: str) -> list[str]:
        words: list[str] = []
        start = 0
        for end in sentence_ends(chunk):
            words += self._model.predict(chunk[start:end])
            start = end
        return words


def weights_file(settings: SegmentRecipe) -> Path | None:
    """The file of weights that settings mean; None where the program's own are meant, or none are needed.

    Raises SegmenterError where weights are asked for that are not to be had.
    """
    if settings.chinese == "ltp":
        return find_weights(settings.chinese_model)
    return Path(settings.chinese_model) if settings.chinese == "pointwise" and settings.chinese_model else None


def find_weights(model: str) -> Path:
    """The weights file of ``chinese_model``: a file, a folder that holds ``cws_model.bin``, or ``hub``.

    Raises SegmenterError saying where it looked.
    """
    if model == "hub":
        return _download()
    path = Path(model)
    if model and path.is_dir():
        path /= WEIGHTS_NAME
    if not model or not path.is_file():
        raise SegmenterError(
            f"segment.chinese is ltp; segment.chinese_model: found {model!r}, expected a file of LTP weights, "
            f"a folder with {WEIGHTS_NAME}, or 'hub' (downloads {HUB_REPOSITORY}); "
            "train your own with 'hanmill segmenter train', or use pointwise or rjieba, which need none"
        )
    return path


def load_weights(path: Path) -> CWSModel:
    """Raises SegmenterError where the file is no LTP word-segmentation model."""
    from ltp_extension.perceptron import CWSModel

    try:
        return CWSModel.load(str(path))
    except (RuntimeError, ValueError, OSError) as error:
        raise SegmenterError(f"{path}: not LTP word-segmentation weights: {error}") from error


def _download() -> Path:
    try:
        from huggingface_hub import hf_hub_download
    except ImportError as error:
        raise SegmenterError(
            "segment.chinese_model is 'hub': the package huggingface-hub is not installed (extra 'hub')"
        ) from error
    try:
        return Path(hf_hub_download(HUB_REPOSITORY, WEIGHTS_NAME))
    except (OSError, ValueError) as error:
        raise SegmenterError(f"segment.chinese_model is 'hub': {HUB_REPOSITORY}/{WEIGHTS_NAME}: {error}") from error
