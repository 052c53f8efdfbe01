"""JMdict's headwords and KANJIDIC's characters and their readings, from the SQLite file of ``jamdict-data``."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hanmill.pipelines.annotate.japanese.romaji import katakana

_Key = TypeVar("_Key", int, str)
_SENSES = "SELECT Sense.idseq, {table}.text FROM {table} JOIN Sense ON {table}.sid = Sense.ID"
#: Terms that nobody is expected to write today.
_OLD = ("archaism", "obsolete", "obscure", "rare")
_INFLECTS = ("Godan verb", "Ichidan verb", "adjective (keiyoushi)")
_HEADWORD = re.compile("[\u3005\u3041-\u30ff\u3400-\u9fff]+")


class DictionaryFileError(ValueError):
    """A file that is no dictionary of ``jamdict-data``."""


@dataclass(frozen=True, slots=True)
class HeadwordReading:
    """One reading of a headword in katakana: whether it is common, old or irregular, and whether it inflects."""

    reading: str
    common: bool
    old: bool
    inflects: bool


def read_jmdict(path: Path) -> dict[str, tuple[HeadwordReading, ...]]:
    """Headwords with Han or kana alone, and their readings in JMdict's order. Raises DictionaryFileError."""
    with _opened(path) as database:
        return _headwords(database)


def read_kanji(path: Path) -> dict[str, tuple[str, ...]]:
    """Han characters and their readings in katakana, without what they inflect in. Raises DictionaryFileError."""
    with _opened(path) as database:
        rows = database.execute(
            "SELECT character.literal, reading.value FROM reading JOIN rm_group ON reading.gid = rm_group.ID "
            "JOIN character ON rm_group.cid = character.ID WHERE reading.r_type IN ('ja_on', 'ja_kun') "
            "UNION SELECT character.literal, nanori.value FROM nanori JOIN character ON nanori.cid = character.ID"
        )
        found = _grouped((kanji, katakana(reading.strip("-").split(".")[0])) for kanji, reading in rows)
    return {kanji: tuple(sorted(readings)) for kanji, readings in found.items()}


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            yield database
    except sqlite3.Error as error:
        raise DictionaryFileError(f"{path}: not jamdict-data's SQLite file: {error}") from error


def _headwords(database: sqlite3.Connection) -> dict[str, tuple[HeadwordReading, ...]]:
    irregular = set(database.execute("SELECT kid FROM KJI")), set(database.execute("SELECT kid FROM KNI"))
    common = set(database.execute("SELECT kid FROM KJP")), set(database.execute("SELECT kid FROM KNP"))
    only = _grouped(database.execute("SELECT kid, text FROM KNR"))
    misc, parts = (_grouped(database.execute(_SENSES.format(table=table))) for table in ("misc", "pos"))
    kana: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for number, entry, text, without_kanji in database.execute("SELECT ID, idseq, text, nokanji FROM Kana ORDER BY ID"):
        if not without_kanji:
            kana[entry].append((number, text))
    found: dict[str, dict[str, HeadwordReading]] = defaultdict(dict)
    for number, entry, text in database.execute("SELECT ID, idseq, text FROM Kanji ORDER BY ID"):
        if not _HEADWORD.fullmatch(text):
            continue
        for kana_number, spelling in kana[entry]:
            if kana_number in only and text not in only[kana_number]:
                continue
            one = HeadwordReading(
                katakana(spelling),
                (number,) in common[0] and (kana_number,) in common[1],
                (number,) in irregular[0]
                or (kana_number,) in irregular[1]
                or any(word.startswith(_OLD) for word in misc.get(entry, ())),
                any(part.startswith(_INFLECTS) for part in parts.get(entry, ())),
            )
            known = found[text].get(one.reading)
            if known is None or (one.common, not one.old) > (known.common, not known.old):
                found[text][one.reading] = one
    return {headword: tuple(readings.values()) for headword, readings in found.items()}


def _grouped(rows: Iterable[tuple[_Key, str]]) -> Mapping[_Key, set[str]]:
    groups: dict[_Key, set[str]] = defaultdict(set)
    for number, text in rows:
        groups[number].add(text)
    return groups
