"""``train``: a command a model, from the registry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from hanmill.schemas.location import Location
from hanmill.schemas.location_parameter import LocationParameter
from hanmill.trainer.commands.refusal import refusals

_PATH = click.Path(path_type=Path)
Options = tuple[Callable[[Callable[..., None]], Callable[..., None]], ...]

_EVERY_MODEL: Options = (
    click.option(
        "--config", "config_name", default="tiny", show_default=True, help="Built in (tiny, base, …), or a YAML file."
    ),
    click.option("--output", type=_PATH, help="Folder of the run; one that exists is continued."),
    click.option("--count-parameters", is_flag=True, help="Print the number of parameters and stop; no data."),
)
_EVERY_TAGGER: Options = (
    click.option("--train", "train_file", type=_PATH, help="A column file."),
    click.option("--dev", "dev_file", type=_PATH, help="A column file, by which the best epoch is chosen."),
    click.option("--language", default="", help="Language of both files."),
)


class WeightedLocation(click.ParamType[tuple[Location, float]]):
    """``FOLDER`` or ``FOLDER=WEIGHT``; a folder whose own name ends so is given with a weight."""

    name = "corpus"

    def convert(
        self, value: str | tuple[Location, float], parameter: click.Parameter | None, context: click.Context | None
    ) -> tuple[Location, float]:
        """The place, and its weight (1 unless given)."""
        if not isinstance(value, str):
            return value
        place, _, weight = value.rpartition("=")
        try:
            found = place or value, float(weight) if place else 1.0
        except ValueError:
            found = value, 1.0
        return LocationParameter().convert(found[0], parameter, context), found[1]


class _Models(click.Group):
    """Commands of the models in the registry. PyTorch is imported when they are asked for, as it loads slowly."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Names of the models."""
        with refusals():
            from hanmill.trainer.registry import MODELS

            return list(MODELS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of a model that learns from a corpus is made here; each tagger has options of its own."""
        with refusals():
            from hanmill.trainer.model_spec import PretrainingSpec
            from hanmill.trainer.registry import MODELS

            spec = MODELS.get(name)
        return _corpus_command(spec) if isinstance(spec, PretrainingSpec) else super().get_command(context, name)


@click.group(cls=_Models)
def train() -> None:
    """Trains a model."""


def _with(options: Options) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def add(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def _corpus_command(spec: Any) -> click.Command:
    @click.command(
        spec.name,
        help=f"Trains {spec.title} on a corpus, on one process or under torchrun.\n\n{spec.summary}",
        epilog=f"Example: hanmill train {spec.name} --corpus corpora/web --config tiny --output runs/{spec.name}",
    )
    @click.option(
        "--corpus",
        "corpora",
        type=WeightedLocation(),
        multiple=True,
        metavar="FOLDER[=WEIGHT]",
        help="A finished corpus: a folder, s3://… or gs://…; repeatable. WEIGHT: how often it is read in an epoch.",
    )
    @click.option("--from", "source", type=_PATH, help="Begin with these weights: published ones, an export, or a run.")
    @click.option("--profile", is_flag=True, help="Write a trace of three steps to RUN/profile (Perfetto reads it).")
    @_with(_EVERY_MODEL)
    @click.pass_obj
    def command(
        annotators: Any, /, corpora: tuple[tuple[Location, float], ...], source: Path | None, profile: bool,
        config_name: str, output: Path | None, count_parameters: bool,
    ) -> None:  # fmt: skip
        from hanmill.trainer.data.corpus_mix import open_corpora
        from hanmill.trainer.pretraining.loop import pretrain

        with refusals():
            config = _config(spec, config_name, count_parameters)
            if config is None:
                return
            if not corpora or output is None:
                raise click.UsageError("--corpus and --output are required")
            opened = open_corpora(corpora)
            begin = None if source is None else _beginning(spec, config, opened, source)
            pretrain(spec, config, opened, output, begin, profile, annotators)

    return command


def _beginning(spec: Any, config: Any, corpus: Any, source: Path) -> Callable[[Any], dict[str, Any]]:
    """What gives a new model the weights of ``source``. Raises ConfigError for a model over words."""
    from dataclasses import asdict

    from hanmill.trainer.data.vocabulary import CharacterVocabulary
    from hanmill.trainer.errors import ConfigError
    from hanmill.trainer.finetuning.pretrained import load_backbone
    from hanmill.trainer.models import chinesebert, unihanlm
    from hanmill.trainer.public_weights.warm_start import warm_start

    vocabulary = spec.vocabulary(config, corpus)
    if not isinstance(vocabulary, CharacterVocabulary):
        raise ConfigError(f"--from: found a model of {spec.name}, expected one over characters: unihanlm, chinesebert")
    backbone = load_backbone(source)
    special = chinesebert.SPECIALS if spec.name == "chinesebert" else unihanlm.SPECIALS

    def begin(model: Any) -> dict[str, Any]:
        found = warm_start(model, vocabulary.tokens, special, config.data.languages, backbone, source)
        return {
            "source": source.name,
            **{name: list(v) if isinstance(v, tuple) else v for name, v in asdict(found).items()},
        }

    return begin


@train.command(
    epilog="Example: hanmill train tagger --mlma runs/mlma --language en --train en.bio --dev en.dev --output t"
)
@_with(_EVERY_TAGGER)
@click.option("--mlma", "language_model", type=_PATH, help="A run of mlma or an exported one.")
@click.option("--test", "tests", multiple=True, metavar="LANG=FILE", help="Repeatable: a file of any of its languages.")
@click.option(
    "--also", "others", multiple=True, metavar="LANG=FILE", help="Repeatable: learn from another language too."
)
@_with(_EVERY_MODEL)
def tagger(config_name: str, count_parameters: bool, **paths: Any) -> None:
    """Trains an LSTM-CRF tagger over the frozen layers of an MLMA."""
    from hanmill.trainer.registry import TAGGER
    from hanmill.trainer.tagging.train import train_tagger

    with refusals():
        config = _config(TAGGER, config_name, count_parameters)
        if config is not None:
            _require(paths, "train", "dev", "language", "output", "mlma")
            train_tagger(TAGGER, config, **paths)


@train.command(epilog="Example: hanmill train mom --language ja --train ja.train --dev ja.dev --output runs/mom")
@_with(_EVERY_TAGGER)
@click.option("--test", "tests", multiple=True, metavar="FILE", help="Repeatable.")
@click.option(
    "--roman", "romanised", multiple=True, metavar="FILE=JSONL", help="Output of `hanmill annotate` for a file."
)
@click.option("--vectors", "word_vectors", type=_PATH, help="Word vectors to begin with, as word2vec's text.")
@click.option("--transfer", "source", type=_PATH, help="A run of mom whose layers are copied first.")
@click.option("--groups", default="char,dense", show_default=True, help="Layer groups to copy, of char, word, dense.")
@_with(_EVERY_MODEL)
def mom(config_name: str, count_parameters: bool, **paths: Any) -> None:
    """Trains the Mixed Orthographic Model."""
    from hanmill.trainer.registry import MIXED_ORTHOGRAPHIC
    from hanmill.trainer.tagging.train import train_mom

    with refusals():
        config = _config(MIXED_ORTHOGRAPHIC, config_name, count_parameters)
        if config is not None:
            _require(paths, "train", "dev", "language", "output")
            train_mom(MIXED_ORTHOGRAPHIC, config, **paths)


def _config(spec: Any, name: str, count_only: bool) -> Any:
    """The configuration, or None where its parameters were all that was asked for."""
    from hanmill.trainer.configs.config_file import load_config
    from hanmill.trainer.registry import count_parameters

    config = load_config(spec, name)
    if not count_only:
        return config
    click.echo(f"{count_parameters(spec, config):,}")
    return None


def _require(paths: dict[str, Any], *options: str) -> None:
    parameters = {"train": "train_file", "dev": "dev_file", "mlma": "language_model"}
    if any(not paths[parameters.get(option, option)] for option in options):
        raise click.UsageError(f"{', '.join(f'--{option}' for option in options)} are required")
