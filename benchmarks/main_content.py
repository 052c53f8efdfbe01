"""Main text of pages against text made by hand: precision, recall and F1 of character 5-grams.

Run it as ``python benchmarks/main_content.py [--peers PYTHON] FOLDER…``. A folder holds ``NAME.html`` beside
``NAME.txt``, the text that a reader would take from the page, in UTF-8. White space is not compared. PYTHON is an
interpreter that has trafilatura, readability-lxml or resiliparse; what is absent takes no part. The mean over pages
counts every page alike; ``best peer`` is what choosing the best of them on every page would give.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from hanmill.pipelines.extract.charset.detection import decode_page
from hanmill.pipelines.extract.html.page import extract_page

Score = tuple[float, float, float]
GRAM = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="FOLDER", type=Path)
    parser.add_argument("--peers", metavar="PYTHON", help="an interpreter that has other extractors")
    parser.add_argument("--below", type=float, default=0.0, help="list the pages where ours has a lower F1")
    options = parser.parse_args()
    pages = [
        page
        for folder in options.folders
        for page in sorted(folder.glob("*.html"))
        if page.with_suffix(".txt").exists()
    ]
    texts = [page.with_suffix(".txt").read_text(encoding="utf-8") for page in pages]
    decoded = [decode_page(page.read_bytes())[0] for page in pages]
    found = {"hanmill": [extract_page(html).text for html in decoded]}
    peers = _peers(options.peers, decoded) if options.peers else {}
    scores = {
        name: [score(one, text) for one, text in zip(extracted, texts, strict=True)]
        for name, extracted in (found | peers).items()
    }
    if peers:
        columns = zip(*(scores[name] for name in peers), strict=True)
        scores["best peer"] = [max(column, key=lambda one: one[2]) for column in columns]
    print(f"{len(pages):,} pages")
    for name, column in scores.items():
        precision, recall, f1 = (sum(values) / len(column) for values in zip(*column, strict=True))
        print(f"{name:34} precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f}")
    for page, (precision, recall, f1) in zip(pages, scores["hanmill"], strict=True):
        if f1 < options.below:
            print(f"{page.name}: precision {precision:.3f} recall {recall:.3f} F1 {f1:.3f}")


def score(found: str, expected: str) -> Score:
    """Precision, recall and F1 of the character 5-grams of two texts, as multisets."""
    ours, theirs = _grams(found), _grams(expected)
    common = (ours & theirs).total()
    precision, recall = common / max(1, ours.total()), common / max(1, theirs.total())
    return precision, recall, 2 * precision * recall / (precision + recall) if common else 0.0


def _grams(text: str) -> Counter[str]:
    text = "".join(text.split())
    return Counter(text[start : start + GRAM] for start in range(len(text) - GRAM + 1))


def _peers(python: str, pages: list[str]) -> dict[str, list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        listed, output = Path(folder) / "pages.jsonl", Path(folder) / "result.json"
        listed.write_text("".join(json.dumps(page) + "\n" for page in pages), encoding="utf-8")
        script = Path(__file__).with_name("commoncrawl_peers.py")
        subprocess.run([python, str(script), "texts", str(listed), str(output)], check=True, stderr=subprocess.DEVNULL)
        return json.loads(output.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
