"""Cleaning rules: versioned names of measures, and the decision which documents to drop.

A rule only measures; thresholds come from the recipe. A rule whose numbers would change gets a new version, so
that a corpus always says which rule dropped what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import NamedTuple

from hanmill.pipelines.clean.measures import lines, models, quality, repetition, rights, scripts, web
from hanmill.pipelines.clean.measures.registry import RULES, Page, Rule
from hanmill.pipelines.clean.profile import Profile
from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.sources.records import SNIPPET_CHARACTERS, Dropped
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.recipe import RuleSetting

#: A family registers its rules when it is imported.
FAMILIES = (lines, models, quality, repetition, rights, scripts, web)


class RuleError(HanmillError, ValueError):
    """A setting that names no rule, or one whose file is missing or not wanted."""


def known_rules() -> Mapping[str, Rule]:
    """Every rule by its versioned name, those of all families."""
    return RULES


def check_rules(settings: Sequence[RuleSetting]) -> None:
    """Raises RuleError at the first setting that cannot be applied."""
    for setting in settings:
        if setting.rule not in RULES:
            raise RuleError(f"rule found: {setting.rule}; expected one of: {', '.join(sorted(RULES))}")
        if RULES[setting.rule].reads_list and not setting.file:
            raise RuleError(f"{setting.rule}: expected a file, found none")
        if setting.file and not RULES[setting.rule].may_read_file:
            raise RuleError(f"{setting.rule}: expected no file, found {setting.file}")
        if RULES[setting.rule].reads_label != bool(setting.label):
            expected, found = ("a label", "none") if RULES[setting.rule].reads_label else ("no label", setting.label)
            raise RuleError(f"{setting.rule}: expected {expected}, found {found}")


def open_models(settings: Sequence[RuleSetting]) -> None:
    """Checks the settings and loads the models they name. Raises RuleError and ModelFileError."""
    check_rules(settings)
    for setting in settings:
        if opens := RULES[setting.rule].opens:
            opens(setting.file, setting.label)


class Judgement(NamedTuple):
    """What rules said of a document: values by ``measure_name``, and the first refusal (None to keep it)."""

    measures: tuple[tuple[str, float], ...]
    refusal: Dropped | None


def apply_rules(
    documents: Sequence[Document],
    profiles: Sequence[Profile],
    settings: Sequence[RuleSetting],
    written: Sequence[str] | None = None,
) -> list[Dropped | None]:
    """The verdict on each document, in order: None to keep it, or Dropped by the first rule that refuses it.

    ``profiles[i]`` must be the profile of ``documents[i].text``, ``written[i]`` the script that its language was found
    in (without them the profile's). Raises RuleError.
    """
    return [one.refusal for one in judge(documents, profiles, settings, written)]


def judge(
    documents: Sequence[Document],
    profiles: Sequence[Profile],
    settings: Sequence[RuleSetting],
    written: Sequence[str] | None = None,
    *,
    measure_all: bool = False,
) -> list[Judgement]:
    """The judgement of each document, with all that was measured up to the first refusal.

    With ``measure_all`` every rule measures every document, behind a refusal too, and whatever scripts and sources the
    rule is for. Otherwise as ``apply_rules``.
    """
    if not settings:
        return [Judgement((), None)] * len(documents)
    check_rules(settings)
    if written is None:
        written = [profile.script for profile in profiles]
    named = [(setting, measure_name(setting)) for setting in settings]
    return [
        _judged(Page(document, profile), script, named, measure_all)
        for document, profile, script in zip(documents, profiles, written, strict=True)
    ]


def measure_name(setting: RuleSetting) -> str:
    """What a rule's value is stored under: its name, and what else decides the value.

    >>> measure_name(RuleSetting("listed_words@1", max=5, file="lists/spam.txt"))
    'listed_words@1 spam.txt'
    """
    return " ".join(filter(None, (setting.rule, PurePath(setting.file).name, setting.label)))


def measure_rules(document: Document, profile: Profile, settings: Sequence[RuleSetting]) -> dict[str, float]:
    """What every rule that applies to a document measures, for a person to look at. Raises RuleError."""
    check_rules(settings)
    page = Page(document, profile)
    return {
        setting.rule: _measure(setting, page)
        for setting in settings
        if applies(setting, document.source, profile.script)
    }


def _judged(page: Page, script: str, settings: Sequence[tuple[RuleSetting, str]], measure_all: bool) -> Judgement:
    found: dict[str, float] = {}
    refusal: tuple[str, float, float] | None = None
    for setting, name in settings:
        judges = refusal is None and applies(setting, page.document.source, script)
        if not judges and not measure_all:
            continue
        if name not in found:
            found[name] = _measure(setting, page)
        threshold = broken_threshold(setting, found[name]) if judges else None
        if threshold is not None:
            refusal = setting.rule, found[name], threshold
            if not measure_all:
                break
    measures = tuple(found.items())
    return Judgement(measures, None if refusal is None else dropped(page.document, *refusal))


def _measure(setting: RuleSetting, page: Page) -> float:
    if setting.file:
        page = replace(page, file=setting.file, label=setting.label)
    try:
        return RULES[setting.rule].measure(page)
    except web.ListFileError as error:
        raise RuleError(f"{setting.rule}: {error}") from error


def applies(setting: RuleSetting, source: str, script: str) -> bool:
    """Whether a setting is for documents of a source and script. One for ``Hant`` is for ``Hant-TW`` too."""
    if setting.sources and source not in setting.sources:
        return False
    return not setting.scripts or script in setting.scripts or script.partition("-")[0] in setting.scripts


def broken_threshold(setting: RuleSetting, value: float) -> float | None:
    """The threshold that a value breaks, None where it breaks none."""
    if setting.min is not None and value < setting.min:
        return setting.min
    if setting.max is not None and value > setting.max:
        return setting.max
    return None


def dropped(document: Document, rule: str, measured: float, threshold: float | None = None) -> Dropped:
    """The record of a document that a rule refuses."""
    return Dropped(
        source=document.source,
        document_id=document.document_id,
        rule=rule,
        measured=measured,
        threshold=threshold,
        title=document.title,
        url=document.url,
        place=document.place,
        snippet=document.text[:SNIPPET_CHARACTERS],
        text=document.text,
    )
