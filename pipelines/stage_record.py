"""``stages.json``: what every stage of a corpus was last made from, to say what has changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pipelines.content_address import Ingredients
from pipelines.storage.atomic import write_text
from schemas.location import Location

RECORD_NAME = "stages.json"
_SHOWN = 40


def read_record(corpus: Location) -> dict[str, Ingredients]:
    """Stage to ingredients; empty where nothing was built yet."""
    path = corpus / RECORD_NAME
    if not path.is_file():
        return {}
    record: dict[str, Ingredients] = json.loads(path.read_text(encoding="utf-8"))
    return record


def note_stage(corpus: Location, stage: str, ingredients: Ingredients) -> None:
    """Writes down what a stage is about to be made from."""
    record = read_record(corpus)
    if record.get(stage) != ingredients:
        text = json.dumps(record | {stage: dict(ingredients)}, ensure_ascii=False, sort_keys=True, indent=1)
        write_text(corpus / RECORD_NAME, text + "\n")


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
