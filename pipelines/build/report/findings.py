"""What the page shows beside the manifest, gathered from the shards' footers and kept as ``findings.json``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hanmill.pipelines.build.dates import Dates, add_dates
from hanmill.pipelines.build.kept_measures import kept_measures, nearer
from hanmill.pipelines.build.other_readings import Reading, commonest, counted
from hanmill.pipelines.build.shown import EXAMPLES, TEMPLATES
from hanmill.pipelines.build.twins import Twins
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.location import Location

FINDINGS_NAME = "findings.json"

#: Measured, threshold, title, snippet.
Example = Sequence[Any]
#: Source, language, script.
Kind = tuple[str, str, str]


class FindingsError(HanmillError, ValueError):
    """A corpus whose findings are missing or unreadable."""


@dataclass(slots=True)
class Findings:
    """Of all splits, in the order of the plan.

    ``kinds``: (source, language, script) to documents, characters and the beginning of the first. ``examples``: rule or
    kind of failure to a few of measured, threshold, title and snippet. ``measured``: rule to what it measured of the
    documents it dropped (as ``rounded`` writes it) to their number; ``kept_measured`` is the same of those that rules
    kept, ``nearest`` the few of these nearest to a limit (distance, value, limit, title, beginning). ``charsets``:
    (charset, how it was known) to pages kept by the rules. ``lengths``: language to words of a sentence to sentences.
    ``duplicates``: size of a cluster of duplicates to clusters. ``other_readings``: (character, syllable), ids both, to
    how often a character was read otherwise than alone. ``twins``: some duplicates and what stands for them.
    ``dates``: source to the first and the last day of the documents that the rules kept.
    """

    kinds: dict[Kind, tuple[int, int, str]] = field(default_factory=dict)
    examples: dict[str, list[Example]] = field(default_factory=dict)
    measured: dict[str, Counter[str]] = field(default_factory=dict)
    templates: Counter[str] = field(default_factory=Counter)
    charsets: Counter[tuple[str, str]] = field(default_factory=Counter)
    lengths: dict[str, Counter[int]] = field(default_factory=dict)
    duplicates: Counter[int] = field(default_factory=Counter)
    kept_measured: dict[str, Counter[str]] = field(default_factory=dict)
    nearest: dict[str, list[list[Any]]] = field(default_factory=dict)
    other_readings: Counter[Reading] = field(default_factory=Counter)
    twins: Twins = field(default_factory=Twins)
    dates: Dates = field(default_factory=dict)

    def add_footers(self, ingested: Mapping[str, Any], annotated: Iterable[Mapping[str, Any]]) -> None:
        """Takes in what the shards of one split say."""
        self.templates.update(ingested["templates_dropped"])
        self._add_examples(ingested["examples"])
        for rule, values in ingested.get("measured", {}).items():
            self.measured.setdefault(rule, Counter()).update(values)
        self._add_kept(*kept_measures(ingested))
        add_dates(self.dates, ingested.get("dates", {}))
        self.charsets.update({(name, origin): pages for name, origin, pages in ingested.get("charsets", ())})
        for footer in annotated:
            self._add_examples(footer.get("examples", {}))
            self.other_readings.update(counted(footer.get("other_readings", ())))
            if "twins" in footer:
                self.twins.add(Twins.from_json(footer["twins"]))
            for *kind, documents, characters, example in footer["kinds"]:
                self._add_kind((kind[0], kind[1], kind[2]), documents, characters, example)
            for group in footer.get("lengths", ()):
                for language, lengths in group.items():
                    sentences = {int(words): count for words, count in lengths["sentences"].items()}
                    self.lengths.setdefault(language, Counter()).update(sentences)

    def add(self, other: Findings) -> None:
        """Takes in those of the splits after these."""
        self.templates.update(other.templates)
        self.charsets.update(other.charsets)
        self.duplicates.update(other.duplicates)
        self._add_examples(other.examples)
        self._add_kept(other.kept_measured, other.nearest)
        self.other_readings.update(other.other_readings)
        self.twins.add(other.twins)
        add_dates(self.dates, other.dates)
        for rule, values in other.measured.items():
            self.measured.setdefault(rule, Counter()).update(values)
        for language, sentences in other.lengths.items():
            self.lengths.setdefault(language, Counter()).update(sentences)
        for kind, (documents, characters, example) in other.kinds.items():
            self._add_kind(kind, documents, characters, example)

    def _add_kept(self, counts: Mapping[str, Mapping[str, int]], nearest: Mapping[str, list[Any]]) -> None:
        for rule, values in counts.items():
            self.kept_measured.setdefault(rule, Counter()).update(values)
        for rule, shown in nearest.items():
            nearer(shown, self.nearest.setdefault(rule, []))

    def _add_kind(self, kind: Kind, documents: int, characters: int, example: str) -> None:
        before = self.kinds.get(kind, (0, 0, example))
        self.kinds[kind] = before[0] + documents, before[1] + characters, before[2]

    def _add_examples(self, examples: Mapping[str, Sequence[Example]]) -> None:
        for rule, shown in examples.items():
            known = self.examples.setdefault(rule, [])
            known.extend(shown[: EXAMPLES - len(known)])

    def to_json(self) -> str:
        """Deterministic, indented JSON."""
        templates = sorted(self.templates.items(), key=lambda item: (-item[1], item[0]))[:TEMPLATES]
        value = {
            "kinds": [[*kind, *rest] for kind, rest in sorted(self.kinds.items())],
            "examples": {rule: [list(example) for example in shown] for rule, shown in self.examples.items()},
            "measured": self.measured,
            "templates": dict(templates),
            "charsets": [[*key, pages] for key, pages in sorted(self.charsets.items())],
            "lengths": {
                language: {str(words): count for words, count in sorted(sentences.items())}
                for language, sentences in self.lengths.items()
            },
            "kept_measured": self.kept_measured,
            "nearest": self.nearest,
            "other_readings": commonest(self.other_readings),
            "duplicates": [[size, clusters] for size, clusters in sorted(self.duplicates.items())],
            "twins": self.twins.to_json(),
            "dates": self.dates,
        }
        return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Findings:
        """The inverse of ``to_json``. Raises FindingsError."""
        try:
            value = json.loads(text)
            return cls(
                {(kind[0], kind[1], kind[2]): (kind[3], kind[4], kind[5]) for kind in value["kinds"]},
                value["examples"],
                {rule: Counter(values) for rule, values in value["measured"].items()},
                Counter(value["templates"]),
                Counter({(name, origin): pages for name, origin, pages in value["charsets"]}),
                {
                    language: Counter({int(words): count for words, count in sentences.items()})
                    for language, sentences in value["lengths"].items()
                },
                Counter(dict(value["duplicates"])),
                {rule: Counter(values) for rule, values in value["kept_measured"].items()},
                value["nearest"],
                counted(value["other_readings"]),
                Twins.from_json(value["twins"]),
                {source: (first, last) for source, (first, last) in value["dates"].items()},
            )
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise FindingsError(f"not the findings of a build: {error!r}") from error

    @classmethod
    def load(cls, corpus: Location) -> Findings:
        """Reads ``corpus/findings.json``. Raises FindingsError naming it."""
        path = corpus / FINDINGS_NAME
        try:
            return cls.from_json(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise FindingsError(f"{path}: cannot be read: expected what a build leaves for its report") from error
        except FindingsError as error:
            raise FindingsError(f"{path}: {error}") from error
