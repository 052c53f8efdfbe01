"""``stages.json``: what each part of a corpus was last made from, to say what has changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping

from hanmill.pipelines.build.content_address import Ingredients
from hanmill.pipelines.corpus.atomic import write_text
from hanmill.schemas.location import Location

RECORD_NAME = "stages.json"
_SHOWN = 40


def read_record(corpus: Location) -> dict[str, Ingredients]:
    """Part to ingredients; empty where nothing was built yet."""
    path = corpus / RECORD_NAME
    if not path.is_file():
        return {}
    record: dict[str, Ingredients] = json.loads(path.read_text(encoding="utf-8"))
    return record


def write_record(corpus: Location, made_from: Mapping[str, Ingredients]) -> None:
    """Writes down what each part of a finished corpus was made from."""
    record = {part: dict(ingredients) for part, ingredients in made_from.items()}
    write_text(corpus / RECORD_NAME, json.dumps(record, ensure_ascii=False, sort_keys=True, indent=1) + "\n")


def changes(before: Mapping[str, str] | None, now: Mapping[str, str]) -> list[str]:
    """What differs, one readable line each; nothing where there is no ``before``.

    >>> changes({"library pypinyin": "0.53", "recipe a.b": "1"}, {"library pypinyin": "0.54", "recipe a.b": "1"})
    ['library pypinyin: 0.53 → 0.54']
    """
    if before is None:
        return []
    return [
        _change(name, before.get(name), now.get(name))
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    ]


def _change(name: str, old: str | None, new: str | None) -> str:
    if old is None or new is None:
        return f"{name}: {'new' if old is None else 'gone'}"
    opaque = name.startswith(("code ", "file ", "table ")) or max(len(old), len(new)) > _SHOWN
    return f"{name}: changed" if opaque else f"{name}: {old} → {new}"
