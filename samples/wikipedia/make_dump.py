"""Builds the sample dumps from ``pages/<language>/*.wiki``: multistream bzip2 with an index, as Wikimedia does.

    python samples/wikipedia/make_dump.py [FOLDER]

Each page file starts with a head of ``name: value`` lines (title, id, namespace, redirect), then an empty line and the
wikitext. The dumps are the same byte for byte on every machine. The texts were written for this project.
"""

from __future__ import annotations

import bz2
import sys
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

HERE = Path(__file__).resolve().parent
TIMESTAMP = "2026-01-02T03:04:05Z"
PAGES_A_STREAM = 4
NAMESPACES = {
    "zh": {0: "", 1: "Talk", 4: "Wikipedia", 6: "File", 10: "Template", 14: "Category"},
    "ja": {0: "", 1: "ノート", 4: "Wikipedia", 6: "ファイル", 10: "Template", 14: "Category"},
    "en": {0: "", 1: "Talk", 4: "Wikipedia", 6: "File", 10: "Template", 14: "Category"},
}


def head(language: str) -> str:
    """The opening tag and siteinfo."""
    names = "".join(
        f'      <namespace key="{number}" case="first-letter"' + (f">{name}</namespace>\n" if name else " />\n")
        for number, name in NAMESPACES[language].items()
    )
    schema = "http://www.mediawiki.org/xml/export-0.11/"
    return (
        f'<mediawiki xmlns="{schema}" version="0.11" xml:lang="{language}">\n'
        f"  <siteinfo>\n    <sitename>Wikipedia</sitename>\n    <dbname>{language}wiki</dbname>\n"
        f"    <base>https://{language}.wikipedia.org/wiki/Sample</base>\n    <case>first-letter</case>\n"
        f"    <namespaces>\n{names}    </namespaces>\n  </siteinfo>\n"
    )


def page(path: Path) -> tuple[str, str, str]:
    """Id, title and XML of one page file."""
    top, _, wikitext = path.read_text(encoding="utf-8").partition("\n\n")
    fields = dict(line.split(": ", 1) for line in top.split("\n"))
    title, identifier = fields["title"], fields["id"]
    redirect = f"    <redirect title={quoteattr(fields['redirect'])} />\n" if "redirect" in fields else ""
    text = escape(wikitext.rstrip("\n"), {'"': "&quot;"})
    xml = (
        f"  <page>\n    <title>{escape(title)}</title>\n    <ns>{fields.get('namespace', '0')}</ns>\n"
        f"    <id>{identifier}</id>\n{redirect}    <revision>\n      <id>{9000 + int(identifier)}</id>\n"
        f"      <timestamp>{TIMESTAMP}</timestamp>\n      <contributor>\n        <username>Sample</username>\n"
        f"        <id>1</id>\n      </contributor>\n      <model>wikitext</model>\n      <format>text/x-wiki</format>\n"
        f'      <text bytes="{len(wikitext.encode())}" xml:space="preserve">{text}</text>\n'
        f"    </revision>\n  </page>\n"
    )
    return identifier, title, xml


def build(language: str) -> tuple[bytes, bytes]:
    """A dump and its index, both compressed."""
    pages = [page(path) for path in sorted((HERE / "pages" / language).glob("*.wiki"))]
    dump = bz2.compress(head(language).encode())
    index = []
    for start in range(0, len(pages), PAGES_A_STREAM):
        part = pages[start : start + PAGES_A_STREAM]
        index += [f"{len(dump)}:{identifier}:{title}\n" for identifier, title, _ in part]
        dump += bz2.compress("".join(xml for _, _, xml in part).encode())
    return dump + bz2.compress(b"</mediawiki>"), bz2.compress("".join(index).encode())


def main() -> None:
    """Writes every dump and index into a folder, by default beside this file."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for language in NAMESPACES:
        dump, index = build(language)
        name = f"{language}wiki-sample-pages-articles-multistream"
        (folder / f"{name}.xml.bz2").write_bytes(dump)
        (folder / f"{name}-index.txt.bz2").write_bytes(index)


if __name__ == "__main__":
    main()
