"""What changed between two corpora: settings, inputs, counts, documents, readings and words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hanmill.pipelines.text.printable import printable
from hanmill.schemas.hashing import canonical_json
from hanmill.schemas.location import Location, open_parquet, parquet_source
from hanmill.schemas.manifest import Manifest

#: Examples of documents, and of words and readings, that are shown.
_DOCUMENTS, _ANNOTATIONS = 10, 20
_BATCH_ROWS = 64

Change = tuple[str, str, str]


@dataclass(slots=True)
class Difference:
    """``settings``, ``inputs``, ``resources``, ``counts``: what, before, after. The rest are counts and titles.

    ``words`` and ``readings`` are of documents with one text in both: what was there before, what stands there now.
    """

    settings: list[Change]
    inputs: list[Change]
    resources: list[Change]
    counts: list[Change]
    entered: int = 0
    left: int = 0
    changed: int = 0
    titles: dict[str, list[str]] = field(default_factory=dict)
    words: Counter[tuple[str, str]] = field(default_factory=Counter)
    readings: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        """Whether anything differs."""
        changes = (self.settings, self.inputs, self.resources, self.counts)
        return any(changes) or bool(self.entered or self.left or self.changed or self.words or self.readings)


def difference(first: Location, second: Location) -> Difference:
    """Compares two finished corpora. Holds the uids of one of them and their places; reads rows of both."""
    before, after = Manifest.load(first), Manifest.load(second)
    found = Difference(
        _changes(_flat(before.recipe), _flat(after.recipe)),
        _changes(
            {f"{i.source} {i.name}": i.sha256[:12] for i in before.inputs},
            {f"{i.source} {i.name}": i.sha256[:12] for i in after.inputs},
        ),
        _changes(before.resources, after.resources),
        _changes(_counts(before), _counts(after)),
    )
    same = {shard.sha256 for shard in (*before.train, *before.validation)}
    same &= {shard.sha256 for shard in (*after.train, *after.validation)}
    if not _equal_tables(before, after):
        # Equal shards mean the same only by equal tables.
        same = set()
    _compare_rows(found, _Corpus(first, before, same), _Corpus(second, after, same))
    return found


def _equal_tables(before: Manifest, after: Manifest) -> bool:
    return all(
        before.tables[name].sha256 == after.tables[name].sha256
        for name in ("characters", "syllables")
        if name in before.tables and name in after.tables
    )


class _Corpus:
    """Rows of the shards of a corpus that the other one does not have byte for byte."""

    def __init__(self, folder: Location, manifest: Manifest, same: set[str]) -> None:
        self.shards = [
            folder / shard.path for shard in (*manifest.train, *manifest.validation) if shard.sha256 not in same
        ]
        table = pq.read_table(parquet_source(folder / "tables" / "syllables.parquet"), columns=["syllable"])
        self.syllables: list[str] = table["syllable"].to_pylist()

    def places(self) -> dict[int, tuple[int, int]]:
        """uid to shard and row."""
        found: dict[int, tuple[int, int]] = {}
        for number, path in enumerate(self.shards):
            uids = open_parquet(path).read(columns=["uid"])["uid"].to_pylist()
            found |= {uid: (number, row) for row, uid in enumerate(uids)}
        return found

    def rows(self) -> Iterator[dict[str, Any]]:
        """All of them, some at a time."""
        columns = ["uid", "title", "lang", "text", "word_lens", "pinyin_ids"]
        for path in self.shards:
            for batch in open_parquet(path).iter_batches(_BATCH_ROWS, columns=columns):
                yield from batch.to_pylist()


def _compare_rows(found: Difference, before: _Corpus, after: _Corpus) -> None:
    places = before.places()
    loaded = _LastShard(before)
    for row in after.rows():
        place = places.pop(row["uid"], None)
        if place is None:
            found.entered += 1
            _title(found, "entered", row)
            continue
        old = loaded.row(*place)
        if old["text"] != row["text"]:
            found.changed += 1
            _title(found, "changed", row)
        else:
            _compare_annotation(found, old, row, before.syllables, after.syllables)
    found.left = len(places)
    for place in sorted(places.values())[:_DOCUMENTS]:
        _title(found, "left", loaded.row(*place))


class _LastShard:
    """Rows of a corpus by place; documents stand in the same order in two builds, so one shard is held."""

    def __init__(self, corpus: _Corpus) -> None:
        self._corpus = corpus
        self._number = -1
        self._table: pa.Table = pa.table({})

    def row(self, number: int, row: int) -> dict[str, Any]:
        if number != self._number:
            columns = ["title", "lang", "text", "word_lens", "pinyin_ids"]
            self._table = open_parquet(self._corpus.shards[number]).read(columns=columns)
            self._number = number
        value: dict[str, Any] = self._table.slice(row, 1).to_pylist()[0]
        return value


def _title(found: Difference, kind: str, row: Mapping[str, Any]) -> None:
    shown = found.titles.setdefault(kind, [])
    if len(shown) < _DOCUMENTS:
        shown.append(f"{row['lang']} {row['title'] or row['text'][:40]}")


def _compare_annotation(
    found: Difference, old: Mapping[str, Any], new: Mapping[str, Any], syllables: list[str], now: list[str]
) -> None:
    written = [character for character in new["text"] if not character.isspace()]
    if old["word_lens"] != new["word_lens"]:
        found.words.update(_cut_otherwise("".join(written), old["word_lens"], new["word_lens"]))
    pairs = zip(written, old["pinyin_ids"] or (), new["pinyin_ids"] or (), strict=False)
    for character, one, other in pairs:
        if syllables[one] != now[other]:
            found.readings[character, syllables[one] or "–", now[other] or "–"] += 1


def _cut_otherwise(text: str, old: list[int], new: list[int]) -> Iterator[tuple[str, str]]:
    """Stretches between two ends of words in both cuts that are cut differently."""
    ends, others = _ends(old), _ends(new)
    start = 0
    for end in sorted(ends & others):
        inside, outside = (sorted(e for e in cut if start < e <= end) for cut in (ends, others))
        if inside != outside:
            yield _joined(text, start, inside), _joined(text, start, outside)
        start = end


def _ends(lengths: list[int]) -> set[int]:
    total, found = 0, set()
    for length in lengths:
        total += length
        found.add(total)
    return found


def _joined(text: str, start: int, ends: list[int]) -> str:
    parts = []
    for end in ends:
        parts.append(text[start:end])
        start = end
    return " ".join(parts)


def _flat(value: object, prefix: str = "") -> dict[str, str]:
    if isinstance(value, Mapping):
        found: dict[str, str] = {}
        for name, inner in value.items():
            found |= _flat(inner, f"{prefix}.{name}" if prefix else str(name))
        return found
    if prefix == "clean.rules" and isinstance(value, list):
        return _rules(value)
    return {prefix: canonical_json([value])[1:-1]}


def _rules(settings: list[Mapping[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for setting in settings:
        where = "".join(f" {item}" for key in ("sources", "scripts") for item in setting.get(key, ()))
        values = {key: setting[key] for key in ("min", "max", "file") if setting.get(key) not in (None, "")}
        found[f"rule {setting['rule']}{where}"] = canonical_json(values)
    return found


def _counts(manifest: Manifest) -> dict[str, str]:
    account = manifest.accounting
    found = {"read": account.read, "kept": account.kept, "bytes lost": account.bytes_lost}
    for kind, counts in (("dropped", account.dropped), ("failed", account.failed), ("masked", account.masked)):
        found |= {f"{kind} {name}": count for name, count in counts.items()}
    return {name: f"{count:,}" for name, count in {**found, **manifest.measures}.items()}


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    names = sorted({*before, *after})
    return [(n, before.get(n, "–"), after.get(n, "–")) for n in names if before.get(n) != after.get(n)]


def difference_lines(found: Difference) -> Iterator[str]:
    """For a terminal; one line where nothing differs."""
    if not found:
        yield "no difference"
        return
    changes = (
        ("settings", found.settings),
        ("inputs", found.inputs),
        ("libraries and models", found.resources),
        ("counts", found.counts),
    )
    for title, rows in changes:
        if rows:
            yield title
            yield from (f"  {printable(f'{name}: {before} → {after}')}" for name, before, after in rows)
    for kind, count in (("entered", found.entered), ("left", found.left), ("changed", found.changed)):
        if count:
            yield f"documents {kind if kind != 'changed' else 'with another text'}: {count:,}"
            yield from (f"  {printable(title)}" for title in found.titles.get(kind, ()))
    if found.words:
        yield f"words cut otherwise: {sum(found.words.values()):,}"
        for (old, new), count in _commonest(found.words):
            yield f"  {count:>7,}  {printable(old)} → {printable(new)}"
    if found.readings:
        yield f"readings changed: {sum(found.readings.values()):,}"
        for (character, old, new), count in _commonest(found.readings):
            yield f"  {count:>7,}  {printable(character)} {old} → {new}"


def _commonest(counts: Counter[Any]) -> list[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_ANNOTATIONS]
