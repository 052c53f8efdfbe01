"""Words that an article writes for each variant of its language, as Parsoid's HTML leaves them: unresolved.

Source: MediaWiki, "Specs/HTML", section on language conversion: ``data-mw-variant`` is JSON with one of ``disabled``,
``twoway``, ``oneway``, ``filter``, ``name``, and flags such as ``add``, ``remove`` and ``describe``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape, unescape
from typing import Any

from hanmill.pipelines.extract.wikitext.conversion import written_variant
from hanmill.pipelines.extract.wikitext.variants import Converter, converter_of


class LanguageVariants:
    """What a reader of one variant is shown; ``variant`` is that of the page's own script."""

    def __init__(self, language: str, html: str) -> None:
        self._converter: Converter | None = converter_of(language)
        self._order: tuple[str, ...] = ()
        if self._converter is not None:
            variant = written_variant(html, self._converter)
            fallbacks = self._converter.fallbacks
            near = (variant, *fallbacks.get(variant, ()))
            self._order = tuple(dict.fromkeys((*near, *fallbacks.get(self._converter.main, ()))))

    def shown(self, attribute: str) -> str:
        """Markup that stands for an element with this value of ``data-mw-variant``, as it is written in the markup.

        >>> rule = '{"twoway":[{"l":"zh-hans","t":"网络"},{"l":"zh-hant","t":"網路"}]}'
        >>> LanguageVariants("zh", "這個國家").shown(rule)
        '網路'
        """
        try:
            rule = json.loads(unescape(attribute))
        except (ValueError, RecursionError):
            return ""
        return self._text(rule) if isinstance(rule, dict) else ""

    def _text(self, rule: Mapping[str, Any]) -> str:
        if "disabled" in rule:
            return _text_of(rule["disabled"])
        if "filter" in rule:
            return _text_of(rule["filter"])
        if rule.get("remove") or "name" in rule or "title" in rule:
            return ""
        words: dict[str, str] = {}
        for one in (*_listed(rule.get("twoway")), *_listed(rule.get("oneway"))):
            words.setdefault(str(one.get("l", "")), _text_of(one))
        if rule.get("describe"):
            return escape("；".join(text for text in words.values() if text), quote=False)
        return next((words[name] for name in self._order if name in words), next(iter(words.values()), ""))


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text_of(value: Any) -> str:
    """The text of a rule: HTML."""
    text = value.get("t", "") if isinstance(value, dict) else ""
    return text if isinstance(text, str) else ""
