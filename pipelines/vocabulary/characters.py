"""The ``characters`` and ``clusters`` tables: ids, counts per language, default readings, variant clusters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hanmill import unihan
from hanmill.schemas.corpus import CHARACTERS, CLUSTERS
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.recipe import UnihanRecipe, VocabularyRecipe

#: ``char_ids`` is uint16 and 0 is the unknown character.
MAX_CHARACTERS = (1 << 16) - 1


#: How often a character stands in some documents of a language.
CHARACTER_COUNTS = pa.schema(
    [
        pa.field("lang", pa.string(), nullable=False),
        pa.field("codepoint", pa.uint32(), nullable=False),
        pa.field("count", pa.uint64(), nullable=False),
    ]
)


class VocabularyError(HanmillError, ValueError):
    """A vocabulary file that cannot be read, or holds no character."""


def character_counts(counts: Mapping[str, Mapping[int, int]]) -> pa.Table:
    """CHARACTER_COUNTS of counts by language and code point, sorted by both."""
    rows = [(lang, point, number) for lang in sorted(counts) for point, number in sorted(counts[lang].items())]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, CHARACTER_COUNTS, strict=True)]
    return pa.table(arrays, CHARACTER_COUNTS)


def add_character_counts(tables: Iterable[pa.Table]) -> pa.Table:
    """CHARACTER_COUNTS with every character of a language once, its counts added up, sorted by both."""
    both = pa.concat_tables([CHARACTER_COUNTS.empty_table(), *tables])
    grouped = both.group_by(["lang", "codepoint"], use_threads=False).aggregate([("count", "sum")])
    total = grouped.rename_columns(CHARACTER_COUNTS.names).cast(CHARACTER_COUNTS)
    return total.sort_by([("lang", "ascending"), ("codepoint", "ascending")])


def counts_by_character(counts: pa.Table) -> dict[int, dict[str, int]]:
    """Code point to language to count."""
    total: dict[int, dict[str, int]] = defaultdict(dict)
    for lang, point, count in zip(*(counts[n].to_pylist() for n in CHARACTER_COUNTS.names), strict=True):
        total[point][lang] = count
    return total


def choose_characters(counts: Mapping[int, Mapping[str, int]], settings: VocabularyRecipe) -> list[int]:
    """Code points in id order, from id 1 on: the file's order, or by falling count and then by code point."""
    if settings.characters:
        return read_vocabulary(Path(settings.characters))
    totals = {point: sum(by_language.values()) for point, by_language in counts.items()}
    wanted = [point for point, total in totals.items() if total >= settings.min_count]
    wanted.sort(key=lambda point: (-totals[point], point))
    return wanted[:MAX_CHARACTERS]


def read_vocabulary(path: Path) -> list[int]:
    """The one-character lines of a UTF-8 vocabulary file, in order, each once.

    Lines of several characters (word pieces, ``[CLS]``) are not characters and are passed over.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise VocabularyError(f"{path}: cannot be read as a UTF-8 vocabulary: {error}") from error
    points = list(dict.fromkeys(ord(line) for line in lines if len(line) == 1 and not line.isspace()))
    if not 0 < len(points) <= MAX_CHARACTERS:
        raise VocabularyError(f"{path}: found {len(points):,} one-character lines, expected 1 to {MAX_CHARACTERS:,}")
    return points


def variant_graph(settings: UnihanRecipe) -> unihan.VariantGraph:
    """The graph a recipe asks for. Raises VocabularyError where the data is of another version than it names."""
    graph = unihan.load_graph(settings.sources, unihan_file=Path(settings.file) if settings.file else None)
    for source, version in graph.versions.items():
        found = version.partition(" ")[0]
        if settings.version and source.startswith("unihan:") and found != settings.version:
            raise VocabularyError(
                f"{settings.file or 'the embedded Unihan_Variants.txt'}: is of Unihan {found}, the recipe wants "
                f"{settings.version}: name a file of that version (--unihan-file, or unihan.file in the recipe); "
                f"`hanmill unihan fetch {settings.version}` gets one"
            )
    return graph


def cluster_numbers(points: Sequence[int], settings: UnihanRecipe) -> tuple[npt.NDArray[np.int64], dict[str, str]]:
    """The representative's place in ``points`` for every place, int64 [n], and the versions of the sources used.

    Clusters are restricted to the vocabulary at both ends; the first of a cluster in vocabulary order stands for
    it. Characters that no source relates to another stand for themselves.
    """
    graph = variant_graph(settings)
    characters = [chr(point) for point in points]
    table = unihan.clusters(graph, characters, max_size=settings.max_cluster_size or None)
    place = {character: index for index, character in enumerate(characters)}
    representative = np.arange(len(points), dtype=np.int64)
    for members in table.members:
        places = sorted(place[member] for member in members)
        representative[places] = places[0]
    return representative, dict(graph.versions)


def characters_table(
    points: Sequence[int],
    counts: Mapping[int, Mapping[str, int]],
    representative: npt.NDArray[np.int64],
    default_pinyin: npt.NDArray[np.uint16],
) -> pa.Table:
    """The CHARACTERS table; clusters are numbered in the order of their representatives, 0 is the unknown's.

    ``default_pinyin`` uint16 [len(points) + 1] are ids of SYLLABLES, the unknown character's first.
    """
    codepoints = np.array([0, *points], np.uint32)
    # The unknown character is row 0 and a cluster of its own, so every place moves by one.
    representatives = np.concatenate([[0], representative + 1])
    _, clusters = np.unique(representatives, return_inverse=True)
    columns = [
        pa.array(np.arange(len(codepoints)), pa.uint16()),
        pa.array(codepoints),
        pa.array(["", *map(chr, points)], pa.string()),
        pa.array([sorted(counts.get(int(point), {}).items()) for point in codepoints], CHARACTERS.field("counts").type),
        pa.array(default_pinyin, pa.uint16()),
        pa.array(clusters, pa.uint32()),
        pa.array(representatives, pa.uint16()),
    ]
    return pa.table(columns, CHARACTERS)


def clusters_table(characters: pa.Table) -> pa.Table:
    """The CLUSTERS table: clusters of two characters and more, members in id order, the representative first."""
    members: dict[int, list[int]] = defaultdict(list)
    for identifier, cluster in zip(characters["id"].to_pylist(), characters["cluster"].to_pylist(), strict=True):
        members[cluster].append(identifier)
    written = characters["character"].to_pylist()
    rows = [(cluster, ids) for cluster, ids in sorted(members.items()) if len(ids) > 1]
    columns = [
        pa.array([cluster for cluster, _ in rows], pa.uint32()),
        pa.array([ids[0] for _, ids in rows], pa.uint16()),
        pa.array([ids for _, ids in rows], pa.list_(pa.uint16())),
        pa.array(["".join(written[i] for i in ids) for _, ids in rows], pa.string()),
    ]
    return pa.table(columns, CLUSTERS)
