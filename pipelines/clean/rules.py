"""Cleaning rules: versioned names of measures, and the decision which documents to drop.

A rule only measures; thresholds come from the recipe. A rule whose numbers would change gets a new version, so
that a corpus always says which rule dropped what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hanmill.pipelines.clean.measures import lines, repetition, scripts, web
from hanmill.pipelines.clean.measures.registry import RULES, Page
from hanmill.pipelines.clean.profile import Profile
from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.sources.records import SNIPPET_CHARACTERS, Dropped
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.recipe import RuleSetting

#: A family registers its rules when it is imported.
FAMILIES = (lines, repetition, scripts, web)


class RuleError(HanmillError, ValueError):
    """A setting that names no rule, or one whose file is missing or not wanted."""


def check_rules(settings: Sequence[RuleSetting]) -> None:
    """Raises RuleError at the first setting that cannot be applied."""
    for setting in settings:
        if setting.rule not in RULES:
            raise RuleError(f"rule found: {setting.rule}; expected one of: {', '.join(sorted(RULES))}")
        if RULES[setting.rule].reads_list and not setting.file:
            raise RuleError(f"{setting.rule}: expected a file, found none")
        if setting.file and not RULES[setting.rule].reads_list:
            raise RuleError(f"{setting.rule}: expected no file, found {setting.file}")


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
    check_rules(settings)
    if written is None:
        written = [profile.script for profile in profiles]
    return [
        _verdict(Page(document, profile), script, settings)
        for document, profile, script in zip(documents, profiles, written, strict=True)
    ]


def measure_rules(document: Document, profile: Profile, settings: Sequence[RuleSetting]) -> dict[str, float]:
    """What every rule that applies to a document measures, for a person to look at. Raises RuleError."""
    check_rules(settings)
    page = Page(document, profile)
    return {
        setting.rule: _measure(setting, page) for setting in settings if _applies(setting, document, profile.script)
    }


def _verdict(page: Page, script: str, settings: Sequence[RuleSetting]) -> Dropped | None:
    for setting in settings:
        if not _applies(setting, page.document, script):
            continue
        value = _measure(setting, page)
        threshold = _broken_threshold(setting, value)
        if threshold is not None:
            return dropped(page.document, setting.rule, value, threshold)
    return None


def _measure(setting: RuleSetting, page: Page) -> float:
    if setting.file:
        page = replace(page, file=setting.file)
    try:
        return RULES[setting.rule].measure(page)
    except web.ListFileError as error:
        raise RuleError(f"{setting.rule}: {error}") from error


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
