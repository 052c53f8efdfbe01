"""Which Unihan version, with which other sources? One table and one picture over real Chinese and Japanese text.

Run from the repository root: python -m benchmarks.unihan_study
Further versions: --unihan FILE (repeatable). The table is Markdown on stdout.
"""

from __future__ import annotations

import argparse
import lzma
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hanmill import unihan

REPOSITORY = Path(__file__).resolve().parent.parent
VERSIONS = ("12.0.0", "13.0.0", "15.0.0", "17.0.0")
SETTINGS = {
    "four fields": ("unihan",),
    "five fields": ("unihan", "unihan:kSpecializedSemanticVariant"),
    "four fields + OpenCC": ("unihan", "opencc"),
    "default sources": unihan.DEFAULT_SOURCES,
}
HAN = re.compile("[㐀-䶿一-鿿豈-﫿\U00020000-\U0003fffd]")


@dataclass(frozen=True, slots=True)
class Row:
    """One setting; shares are of running Han characters."""

    version: str
    setting: str
    entries: int
    clusters: int
    characters: int
    largest: int
    triples: int
    covered: Mapping[str, float]
    shared: float


def conllu_text(path: Path) -> Iterator[str]:
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            if line[0].isdigit():
                yield line.split("\t")[1]


def counted_texts(data: Path) -> dict[str, Counter[str]]:
    """Text name → Han character → running count: Simplified (CPP), Traditional and Japanese (UD GSD)."""
    texts = {
        "Hans": (data / "pinyin/cpp-dev.sent").read_text(encoding="utf-8").split("\n"),
        "Hant": [part for path in sorted(data.glob("segmentation/zh_gsd*.xz")) for part in conllu_text(path)],
        "Jpan": [part for path in sorted(data.glob("segmentation/ja_gsd*.xz")) for part in conllu_text(path)],
    }
    return {name: Counter(HAN.findall("".join(lines))) for name, lines in texts.items()}


def share(counts: Counter[str], wanted: set[str]) -> float:
    return sum(count for character, count in counts.items() if character in wanted) / counts.total()


def measure(graph: unihan.VariantGraph, setting: str, texts: Mapping[str, Counter[str]]) -> Row:
    assert graph.unihan is not None
    table = unihan.clusters(graph)
    vocabulary = sorted(set().union(*texts.values()))
    within = unihan.clusters(graph, vocabulary)
    merged = {character for cluster in within.merges() for character in cluster}
    seen = {within.cluster_of[character] for character in texts["Hans"]}
    shared = {character for character in texts["Jpan"] if within.cluster_of[character] in seen}
    return Row(
        version=graph.unihan.version,
        setting=setting,
        entries=graph.unihan.count(),
        clusters=len(table.merges()),
        characters=sum(map(len, table.merges())),
        largest=max(table.sizes()),
        triples=len(unihan.kept_triples(table)),
        covered={name: share(counts, merged) for name, counts in texts.items()},
        shared=share(texts["Jpan"], shared),
    )


def markdown(rows: list[Row], baseline: float, texts: Mapping[str, Counter[str]]) -> str:
    sizes = ", ".join(f"{name} {counts.total():,}" for name, counts in texts.items())
    lines = [
        f"Running Han characters: {sizes}. Of the Japanese ones, before any merge, also in the Simplified text: "
        f"{baseline:.1%}.",
        "",
        "| Unihan | sources | entries | clusters | characters | largest | triples of "
        f"{len(unihan.triples())} | Hans covered | Hant covered | Jpan covered | Jpan shared with Hans |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        covered = " | ".join(f"{row.covered[name]:.1%}" for name in ("Hans", "Hant", "Jpan"))
        lines.append(
            f"| {row.version} | {row.setting} | {row.entries:,} | {row.clusters:,} | {row.characters:,} "
            f"| {row.largest} | {row.triples} | {covered} | {row.shared:.1%} |"
        )
    return "\n".join(lines)


def picture(rows: list[Row], baseline: float) -> str:
    """Two columns of bars, one row a setting: triples joined, and Japanese characters shared with Simplified text."""
    versions = sorted({row.version for row in rows}, key=[row.version for row in rows].index)
    height = 70 + 22 * len(rows) + 10 * len(versions)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 920 {height}" width="920" height="{height}" '
        'font-family="sans-serif" font-size="13">',
        "<title>Variant settings: triples joined, and Japanese characters shared with Simplified Chinese</title>",
        f'<rect width="920" height="{height}" fill="#ffffff"/>',
        f'<text x="250" y="28" font-weight="bold">triples joined (of {len(unihan.triples())})</text>',
        '<text x="560" y="28" font-weight="bold">Japanese characters shared with Simplified</text>',
        f'<text x="560" y="46" fill="#666666">dark: identical code points, {baseline:.1%}</text>',
    ]
    for number, row in enumerate(rows):
        y = 60 + 22 * number + 10 * versions.index(row.version)
        joined, shared = 220 * row.triples / len(unihan.triples()), 280 * row.shared
        parts += [
            f'<text x="235" y="{y + 12}" text-anchor="end">{row.version} {row.setting}</text>',
            f'<rect x="250" y="{y}" width="{joined:.1f}" height="15" fill="#2b5c8a"/>',
            f'<text x="{256 + joined:.1f}" y="{y + 12}">{row.triples}</text>',
            f'<rect x="560" y="{y}" width="{shared:.1f}" height="15" fill="#e0a36b"/>',
            f'<rect x="560" y="{y}" width="{280 * baseline:.1f}" height="15" fill="#a2541a"/>',
            f'<text x="{566 + shared:.1f}" y="{y + 12}">{row.shared:.1%}</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared/data", help="shared test data")
    parser.add_argument("--unihan", type=Path, action="append", default=[], help="a further Unihan_Variants file")
    parser.add_argument("--picture", type=Path, default=REPOSITORY / "docs/img/unihan-study.svg", help="SVG to write")
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        parser.error(f"{arguments.data}: the texts and Unihan versions to measure are not there; name them with --data")

    texts = counted_texts(arguments.data)
    files = [arguments.data / f"unihan/Unihan_Variants-{version}.txt.bz2" for version in VERSIONS] + arguments.unihan
    rows = [
        measure(unihan.load_graph(sources, unihan_file=file), setting, texts)
        for file in files
        for setting, sources in SETTINGS.items()
    ]
    rows.sort(key=lambda row: (tuple(map(int, row.version.split("."))), list(SETTINGS).index(row.setting)))
    baseline = share(texts["Jpan"], set(texts["Hans"]))
    print(markdown(rows, baseline, texts))
    arguments.picture.write_text(picture(rows, baseline), encoding="utf-8")


if __name__ == "__main__":
    main()
