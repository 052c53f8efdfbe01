"""Cleaning rules: versioned names of measures, and the decision which documents to drop.

A rule only measures; thresholds come from the recipe. A rule whose numbers would change gets a new version, so
that a corpus always says which rule dropped what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from pipelines.clean.measures import lines, repetition, scripts, web
from pipelines.clean.profile import Profile
from pipelines.extract.document import Document
from pipelines.sources.records import SNIPPET_CHARACTERS, Dropped
from schemas.errors import HanmillError
from schemas.recipe import RuleSetting

Measure = Callable[[Sequence[Document], Sequence[Profile]], Sequence[float]]
ListMeasure = Callable[[Sequence[Document], Sequence[Profile], str], Sequence[float]]

#: Rules by name: one number per document.
RULES: Mapping[str, Measure] = MappingProxyType(
    {
        "characters@1": scripts.characters,
        "latin_ratio@1": scripts.latin_ratio,
        "han_ratio@1": scripts.han_ratio,
        "hiragana_ratio@1": scripts.hiragana_ratio,
        "katakana_ratio@1": scripts.katakana_ratio,
        "east_asian_ratio@1": scripts.east_asian_ratio,
        "letter_ratio@1": scripts.letter_ratio,
        "digit_ratio@1": scripts.digit_ratio,
        "machine_converted@1": scripts.machine_converted,
        "end_mark_ratio@1": lines.end_mark_ratio,
        "short_line_ratio@1": lines.short_line_ratio,
        "list_line_ratio@1": lines.list_line_ratio,
        "ellipsis_line_ratio@1": lines.ellipsis_line_ratio,
        "mean_line_length@1": lines.mean_line_length,
        "mean_sentence_length@1": lines.mean_sentence_length,
        "longest_sentence@1": lines.longest_sentence,
        "page_noise@1": lines.page_noise,
        "repeated_line_ratio@1": repetition.repeated_line_ratio,
        "top_2gram_ratio@1": repetition.top_2gram_ratio,
        "top_4gram_ratio@1": repetition.top_4gram_ratio,
        "repeated_5gram_ratio@1": repetition.repeated_5gram_ratio,
        "repeated_10gram_ratio@1": repetition.repeated_10gram_ratio,
        "longest_character_run@1": repetition.longest_character_run,
        "compression_ratio@1": repetition.compression_ratio,
        "link_ratio@1": web.link_ratio,
    }
)

#: Rules that read the file of their setting.
LIST_RULES: Mapping[str, ListMeasure] = MappingProxyType(
    {"listed_words@1": web.listed_words, "listed_address@1": web.listed_address}
)


class RuleError(HanmillError, ValueError):
    """A setting that names no rule, or one whose file is missing or not wanted."""


def check_rules(settings: Sequence[RuleSetting]) -> None:
    """Raises RuleError at the first setting that cannot be applied."""
    for setting in settings:
        if setting.rule not in RULES and setting.rule not in LIST_RULES:
            known = ", ".join(sorted({*RULES, *LIST_RULES}))
            raise RuleError(f"rule found: {setting.rule}; expected one of: {known}")
        if setting.rule in LIST_RULES and not setting.file:
            raise RuleError(f"{setting.rule}: expected a file, found none")
        if setting.rule in RULES and setting.file:
            raise RuleError(f"{setting.rule}: expected no file, found {setting.file}")


def apply_rules(
    documents: Sequence[Document], profiles: Sequence[Profile], settings: Sequence[RuleSetting]
) -> list[Dropped | None]:
    """The verdict on each document, in order: None to keep it, or Dropped by the first rule that refuses it.

    ``profiles[i]`` must be the profile of ``documents[i].text``. Raises RuleError.
    """
    check_rules(settings)
    verdicts: list[Dropped | None] = [None] * len(documents)
    scripts_found = [profile.script for profile in profiles]
    for setting in settings:
        places = [
            place
            for place, document in enumerate(documents)
            if verdicts[place] is None and _applies(setting, document, scripts_found[place])
        ]
        if not places:
            continue
        measured = _measure(setting, [documents[place] for place in places], [profiles[place] for place in places])
        for place, value in zip(places, measured, strict=True):
            threshold = _broken_threshold(setting, value)
            if threshold is not None:
                verdicts[place] = dropped(documents[place], setting.rule, value, threshold)
    return verdicts


def measure_rules(document: Document, profile: Profile, settings: Sequence[RuleSetting]) -> dict[str, float]:
    """What every rule that applies to a document measures, for a person to look at. Raises RuleError."""
    check_rules(settings)
    return {
        setting.rule: _measure(setting, [document], [profile])[0]
        for setting in settings
        if _applies(setting, document, profile.script)
    }


def _measure(setting: RuleSetting, documents: Sequence[Document], profiles: Sequence[Profile]) -> Sequence[float]:
    if setting.rule in LIST_RULES:
        try:
            return LIST_RULES[setting.rule](documents, profiles, setting.file)
        except web.ListFileError as error:
            raise RuleError(f"{setting.rule}: {error}") from error
    return RULES[setting.rule](documents, profiles)


def _applies(setting: RuleSetting, document: Document, script: str) -> bool:
    """A setting for ``Hant`` applies to ``Hant-TW`` too."""
    if setting.sources and document.source not in setting.sources:
        return False
    return not setting.scripts or script in setting.scripts or script.partition("-")[0] in setting.scripts


def _broken_threshold(setting: RuleSetting, value: float) -> float | None:
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
    )
