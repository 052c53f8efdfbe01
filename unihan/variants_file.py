"""Reads ``Unihan_Variants.txt`` of any version (format: UAX #38, section 3).

A line is an *entry*: a character, a field, and one or more targets, each with optional source tags:
``U+342B<TAB>kSemanticVariant<TAB>U+51F6<kMatthews U+5147``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from hanmill.unihan.bounded import read_bytes, sha256
from hanmill.unihan.codepoints import parse_codepoint
from hanmill.unihan.errors import VariantFileError

#: The five types of variant that UnihanLM counts (section 2.2, table 2). Newer files also hold kSpoofingVariant.
VARIANT_FIELDS = (
    "kSemanticVariant",
    "kSimplifiedVariant",
    "kSpecializedSemanticVariant",
    "kTraditionalVariant",
    "kZVariant",
)
#: The four types that UnihanLM merges (section 3.2): specialised semantic variants merely overlap in meaning.
UNIHANLM_FIELDS = ("kSemanticVariant", "kSimplifiedVariant", "kTraditionalVariant", "kZVariant")

#: Up to version 5.1 all fields of Unihan stood in one file.
ARCHIVE_MEMBERS = ("Unihan_Variants.txt", "Unihan.txt")

_VERSION = re.compile(r"Unicode version:?\s+(\d+\.\d+(?:\.\d+)?)", re.IGNORECASE)
_FIELD = re.compile(r"k[A-Z][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Target:
    """One character that an entry names, and the dictionaries that say so (``kMatthews``, ``kHanYu:TZ``)."""

    character: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: ``character`` has ``targets`` as variants of the type ``field``."""

    character: str
    field: str
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A line, counted from 1, that is not what UAX #38 describes."""

    line: int
    found: str
    expected: str

    def __str__(self) -> str:
        return f"line {self.line:,}: found {self.found!r}; expected {self.expected}"


@dataclass(frozen=True, slots=True)
class UnihanVariants:
    """A file as read.

    ``version`` comes from its header (``unknown`` where it has none); ``sha256`` is of the decoded bytes.
    """

    name: str
    version: str
    sha256: str
    entries: tuple[Entry, ...] = field(repr=False)
    problems: tuple[Problem, ...]

    def count(self, fields: tuple[str, ...] = VARIANT_FIELDS) -> int:
        """Entries of the given types; of the paper's five by default."""
        return sum(entry.field in fields for entry in self.entries)


def read_variants(path: Path) -> UnihanVariants:
    """Reads a plain or compressed file, or the member of a ``Unihan.zip``. Raises VariantFileError."""
    return parse_variants(read_bytes(path, ARCHIVE_MEMBERS), str(path))


def parse_variants(data: bytes, name: str) -> UnihanVariants:
    """Parses decoded bytes; ``name`` is for messages. Raises VariantFileError where no line is a variant entry."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    version = ""
    lines = data.decode("utf-8-sig", "replace").split("\n")
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\r")
        if line.startswith("#"):
            if not version and (match := _VERSION.search(line)):
                version = match[1]
        elif line.strip():
            entry = _entry(number, line, problems)
            if entry is not None:
                entries.append(entry)
    if not entries:
        shown = f"; {problems[0]}" if problems else ""
        raise VariantFileError(f"{name}: no variant entry in {len(lines):,} lines{shown}")
    return UnihanVariants(name, version or "unknown", sha256(data), tuple(entries), tuple(problems))


def _entry(number: int, line: str, problems: list[Problem]) -> Entry | None:
    parts = line.split("\t")
    if len(parts) != 3:
        problems.append(Problem(number, _shorten(line), "three fields between tabs"))
        return None
    character = parse_codepoint(parts[0])
    if character is None:
        problems.append(Problem(number, _shorten(parts[0]), "a code point such as U+6C17"))
        return None
    if _FIELD.fullmatch(parts[1]) is None:
        problems.append(Problem(number, _shorten(parts[1]), "a field name such as kZVariant"))
        return None
    if not parts[1].endswith("Variant"):
        return None
    targets = []
    for word in parts[2].split():
        notation, _, tags = word.partition("<")
        target = parse_codepoint(notation)
        if target is None:
            problems.append(Problem(number, _shorten(word), "a target such as U+6C23 or U+6C23<kMatthews"))
        else:
            targets.append(Target(target, tuple(tags.split(",")) if tags else ()))
    if not targets:
        if not parts[2].split():
            problems.append(Problem(number, _shorten(line), "at least one target"))
        return None
    return Entry(character, parts[1], tuple(targets))


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"
