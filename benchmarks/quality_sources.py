"""The texts the embedded quality scorer learns from: freely licensed ones out of packages, and what is made of them.

Good: encyclopaedias, laws and opinions, manuals, stories, talk, classics. Bad: menus and lists out of the same kind of
packages, spam put together from ``quality_spam.tsv``, and good texts spoilt (words shuffled, teasers, keywords,
mojibake, one sentence again and again), so that what a text is about tells nothing.
"""

from __future__ import annotations

import html
import json
import random
import re
import subprocess
import tarfile
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from benchmarks.segmenter_sources import CUT_TEXTS, TEXTS, _translations
from benchmarks.segmenter_texts import Source

SEED = 2026
_HTML_BREAK = re.compile(r"</?(?:p|h\d|li|tr|div|td|br|dt|dd)\b[^>]*>", re.IGNORECASE)
_MARKUP = re.compile("<[^<>]*>")
_DISPLAYED = re.compile(r'<div id="DisplayArea"[^>]*>(.*)</body>', re.DOTALL)
_HANDBOOK_CONTENTS = re.compile(r'<div class="toc">.*?</dl></div>', re.DOTALL)
_EAST_ASIAN = re.compile("[\u3041-\u30ff\u3400-\u9fff]")
_LONGEST_LABEL = 14


def of_package(name: str) -> Source:
    """A source of the word segmenter by its name."""
    return next(source for source in (*TEXTS, *CUT_TEXTS) if source.name == name)


def _files(package: Path, pattern: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of the files of a Debian package whose names match, by name."""
    matches = re.compile(pattern).search
    found = []
    with (
        subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as process,
        tarfile.open(fileobj=process.stdout, mode="r|") as archive,
    ):
        for member in archive:
            if member.isfile() and matches(member.name) and (file := archive.extractfile(member)) is not None:
                found.append((member.name, file.read()))
    yield from sorted(found)


def _help_pages(package: Path) -> Iterator[str]:
    """Pages of LibreOffice's help."""
    for _, content in _files(package, r"/help/[^/]+/text/.*\.html$"):
        if found := _DISPLAYED.search(content.decode()):
            yield _plain(found.group(1))


def _help_index(package: Path) -> Iterator[str]:
    """The help's list of contents and of key words, sixty entries a text."""
    for _, content in _files(package, r"/help/[^/]+/(?:bookmarks|contents)\.js$"):
        entries = [_plain(entry).strip() for entry in re.findall(r">([^<>]+)</a>", content.decode())]
        yield from _by(entries, 60)


def _plain(page: str) -> str:
    text = html.unescape(
        _MARKUP.sub("", _HTML_BREAK.sub("\n", re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.S)))
    )
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _handbook(language: str) -> Callable[[Path], Iterator[str]]:
    def read(package: Path) -> Iterator[str]:
        for _, content in _files(package, rf"/html/{language}/.*\.html$"):
            page = _HANDBOOK_CONTENTS.sub("", content.decode())
            yield _plain(re.sub(r"^.*?<body[^>]*>|<ul class=.docnav.*?</ul>|<p id=.title.*?</p>", "", page, flags=re.S))

    return read


def _handbook_contents(package: Path) -> Iterator[str]:
    for _, content in _files(package, r"/html/ja-JP/.*\.html$"):
        yield from map(_plain, _HANDBOOK_CONTENTS.findall(content.decode()))


def _desktop_help(language: str) -> Callable[[Path], Iterator[str]]:
    def read(package: Path) -> Iterator[str]:
        for _, content in _files(package, rf"/help/{language}/.*\.page$"):
            root = ET.fromstring(content)
            kinds = ("p", "title")
            lines = (
                " ".join("".join(node.itertext()).split()) for node in root.iter() if node.tag.rsplit("}")[-1] in kinds
            )
            yield "\n".join(line for line in lines if line)

    return read


def _catalogue(pattern: str, keep: Callable[[str], bool], size: int, joint: str) -> Callable[[Path], Iterator[str]]:
    def read(package: Path) -> Iterator[str]:
        texts: list[str] = []
        for name, content in _files(package, pattern):
            del name
            texts += (_MARKUP.sub("", text).strip() for text in _translations(content))
        yield from _by([text for text in texts if _EAST_ASIAN.search(text) and keep(text)], size, joint)

    return read


def labels_of(package: Path) -> Iterator[str]:
    """The labels of a program's catalogues in Chinese and Japanese, forty a text."""
    for locale in ("zh_CN", "zh_TW", "zh_HK", "ja"):
        yield from _catalogue(rf"/{locale}/LC_MESSAGES/", _is_label, 40, "\n")(package)


def _is_label(text: str) -> bool:
    return len(text) <= _LONGEST_LABEL and "\n" not in text and not text.endswith(("。", "！", "？"))


def _is_story(text: str) -> bool:
    return len(text) >= 40 and text.rstrip('」』”"').endswith(("。", "！", "？", "…"))


def _by(texts: Sequence[str], size: int, joint: str = "\n") -> Iterator[str]:
    for start in range(0, len(texts), size):
        yield joint.join(texts[start : start + size])


def _opinions(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as wheel, zipfile.ZipFile(wheel.open("mcp_server/data/opinions.zip")) as archive:
        for name in sorted(archive.namelist())[::7]:
            if name.endswith(".json"):
                yield from (document["text"] for document in json.loads(archive.read(name))["documents"])


def _talk(path: Path) -> Iterator[str]:
    """Utterances of HKCanCor, twenty lines a text, their marks as one writes them."""
    spoken = (re.sub(r"\x15[^\x15]*\x15", "", line) for line in of_package("cantonese").read(path))
    lines = ["".join(line.split()).translate(str.maketrans(",.?!", "，。？！")) for line in spoken]
    yield from _by(lines, 20)


def _grouped(source: str, size: int) -> Callable[[Path], Iterator[str]]:
    def read(path: Path) -> Iterator[str]:
        yield from _by([text.strip() for text in of_package(source).read(path)], size)

    return read


def _classics(path: Path) -> Iterator[str]:
    with tarfile.open(path) as archive:
        for name in ("mengxue/guwenguanzhi.json", "lunyu/lunyu.json", "sishuwujing/mengzi.json"):
            file = archive.extractfile(f"package/dist/{name}")
            assert file is not None
            yield from _paragraphs(json.load(file))


def _paragraphs(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(found := node.get("paragraphs"), list) and all(isinstance(one, str) for one in found):
            yield "\n".join(found)
        else:
            for value in node.values():
                yield from _paragraphs(value)
    elif isinstance(node, list):
        for value in node:
            yield from _paragraphs(value)


def _help(language: str, sha256: str, kind: str, read: Callable[[Path], Iterable[str]]) -> Source:
    version = "4:7.4.7-1+deb12u14"
    return Source(
        f"libreoffice-{kind}-{language}",
        f"libreoffice-help-{language}={version}",
        f"libreoffice-help-{language}_{version.replace(':', '%3a')}_all.deb",
        sha256,
        "MPL 2.0",
        read,
    )


_HELP = {
    "zh-cn": "db867cdece4c2f9c7eebe65e519c6cf386fdcf49d6e061db3dffec893b3e1dee",
    "zh-tw": "f79cb2bee8d8d783efd825051a957b4c97a56dad5a05bde0ee90e66099331209",
    "ja": "7799ace9bfe0845771ed2499913e7f7e521318cf3727c007672e3b020f8eb7b9",
}
_DESKTOP = Source(
    "",
    "gnome-user-docs=43.0-2",
    "gnome-user-docs_43.0-2_all.deb",
    "0d635a840747958ca84da778b40d341f1155603851f922c9a171f5a181d6a39f",
    "CC BY-SA 3.0",
    lambda _: (),
)
_CODES = Source(
    "",
    "iso-codes=4.15.0-1",
    "iso-codes_4.15.0-1_all.deb",
    "b1beb869303229c38288d4ddacfd582c91f594759b5767c9cecebd87f16ff70e",
    "LGPL 2.1",
    lambda _: (),
)
_HANDBOOK = Source(
    "handbook-ja", "debian-handbook=11.20220922", "debian-handbook_11.20220922_all.deb",
    "3d5dbeac1f1afc9c094eab9d0f701f6ecff99c4927d5a4794cf6c85678134faa",
    "CC BY-SA 3.0 or GPL 2", _handbook("ja-JP"),
)  # fmt: skip
#: By npm; the other sources come by pip and apt.
CLASSICS = Source(
    "classics-lzh",
    "chinese-poetry@2.0.1",
    "chinese-poetry-2.0.1.tgz",
    "25b549e46919c3a0569db6b68ddc96956b04a484ea4518ad2bbd4f137e307e86",
    "MIT",
    _classics,
)
_GAME = of_package("game")
_LOCALES = {"hans": "zh_CN", "hant": "zh_TW", "ja": "ja"}

GOOD = (
    replace(of_package("laws"), name="laws-hans", read=_grouped("laws", 12)),
    replace(of_package("opinions"), name="opinions-hant", read=_opinions),
    replace(of_package("hsk"), name="examples-hans", read=_grouped("hsk", 12)),
    replace(of_package("cantonese"), name="talk-yue", read=_talk),
    *(_help(language, sha256, "help", _help_pages) for language, sha256 in _HELP.items()),
    *(
        replace(_DESKTOP, name=f"desktop-{script}", read=_desktop_help(locale))
        for script, locale in _LOCALES.items()
        if script != "hant"  # The package has no pages in Traditional Chinese.
    ),
    *(
        replace(_GAME, name=f"stories-{script}", read=_catalogue(rf"/{locale}/LC_MESSAGES/", _is_story, 3, "\n"))
        for script, locale in _LOCALES.items()
    ),
    _HANDBOOK,
    CLASSICS,
)
BAD = (
    replace(_HANDBOOK, name="contents-ja", read=_handbook_contents),
    *(_help(language, sha256, "index", _help_index) for language, sha256 in _HELP.items()),
    *(
        replace(_GAME, name=f"labels-{script}", read=_catalogue(rf"/{locale}/LC_MESSAGES/", _is_label, 40, joint))
        for (script, locale), joint in zip(_LOCALES.items(), ("\n", " | ", " "), strict=True)
    ),
    *(
        replace(_CODES, name=f"names-{script}", read=_catalogue(rf"/{locale}/LC_MESSAGES/", lambda _: True, 50, joint))
        for (script, locale), joint in zip(_LOCALES.items(), (" ", "\n", "、"), strict=True)
    ),
)


def spam(language: str, count: int) -> Iterator[str]:
    """Advertising put together at random from phrases of a language (``hans``, ``hant``, ``yue`` or ``ja``)."""
    lines = (Path(__file__).parent / "quality_spam.tsv").read_text(encoding="utf-8").splitlines()
    rows = [row for row in (line.split("\t") for line in lines if not line.startswith("#")) if row[0] == language]
    phrases = {kind: [row[2] for row in rows if row[1] == kind] for kind in {row[1] for row in rows}}
    draw = random.Random(f"{SEED} {language}")
    for _ in range(count):
        topic = draw.sample(phrases["subject"], draw.randint(1, 4))
        parts: list[str] = []
        for _ in range(draw.randint(4, 30)):
            phrase = draw.choice(phrases[draw.choice(["claim", "claim", "call", "contact", "subject", "keyword"])])
            phrase = re.sub("0", lambda _: str(draw.randint(0, 9)), phrase)
            parts.append(phrase.replace("＊", draw.choice(topic)))
        yield draw.choice(["\n", " ", "，", "！", " | ", "★", "-", "\n\n"]).join(parts)


def figures(count: int) -> Iterator[str]:
    """Tables of figures, prices and dates with a word or two a row, cells apart by tabs or spaces."""
    draw = random.Random(f"{SEED} figures")
    words = [
        "合计",
        "小計",
        "平均",
        "数量",
        "價格",
        "单价",
        "日付",
        "番号",
        "東京",
        "上海",
        "台北",
        "香港",
        "円",
        "元",
        "個",
        "件",
        "年",
        "月",
        "売上",
        "编号",
        "型號",
        "库存",
    ]
    for _ in range(count):
        joint, columns = draw.choice(["\t", " ", " | ", ","]), draw.randint(2, 7)
        kinds = [draw.choice(("number", "number", "price", "date", "word")) for _ in range(columns)]
        rows = []
        for _ in range(draw.randint(6, 40)):
            cells = {
                "number": str(draw.randint(0, 9999)),
                "price": f"{draw.randint(1, 99)},{draw.randint(100, 999)}{draw.choice('円元')}",
                "date": f"{draw.randint(1990, 2026)}-{draw.randint(1, 12)}-{draw.randint(1, 28)}",
                "word": draw.choice(words),
            }
            rows.append(joint.join(cells[kind] for kind in kinds))
        yield "\n".join(rows)


def spoilt(texts: Sequence[str], name: str) -> Iterator[str]:
    """Each text, or a stretch of it, made worse in one of five ways, dealt in turn."""
    draw = random.Random(f"{SEED} {name}")
    ways = (_shuffled, _teasers, _keywords, _mojibake, _repeated)
    for number, text in enumerate(texts):
        start = draw.randrange(max(1, len(text) - 400))
        stretch = text[start : start + draw.randint(200, 1500)]
        # To the end of a sentence: where it is cut must not tell it from the good one.
        stretch = stretch[: max(map(stretch.rfind, "。！？\n")) + 1] or stretch
        yield ways[number % len(ways)](stretch, draw)


def _shuffled(text: str, draw: random.Random) -> str:
    """Pieces of one to three characters in another order: what a generator of pages writes."""
    pieces = re.findall(r"[^\n]{1,3}|\n", text)
    draw.shuffle(pieces)
    return "".join(pieces)


def _teasers(text: str, draw: random.Random) -> str:
    """Beginnings of sentences cut off in the middle."""
    tail = draw.choice(["...", "…", "…[詳細]", "……", "... 続きを読む", "...更多", "…阅读全文", "…繼續閱讀"])
    starts = [line[: draw.randint(8, 30)] + tail for line in re.split(r"[。！？\n]", text) if len(line) > 8]
    return "\n".join(starts * 2 if len(starts) < 4 else starts)


def _keywords(text: str, draw: random.Random) -> str:
    """Short stretches in a row, some of them again and again."""
    pieces = re.findall(r"[\u3041-\u30ff\u3400-\u9fffA-Za-z]{2,5}", text)
    chosen = draw.choices(pieces, k=min(len(pieces), 120)) if pieces else [text]
    return draw.choice([" ", ",", "、", "|", "\n", "，"]).join(chosen)


def _mojibake(text: str, draw: random.Random) -> str:
    """Bytes read by the wrong charset."""
    wrote, read = draw.choice(
        [("utf-8", "latin-1"), ("utf-8", "gb18030"), ("utf-8", "cp932"), ("gb18030", "latin-1"), ("gb18030", "big5")]
    )
    return text.encode(wrote, "ignore").decode(read, "replace")


def _repeated(text: str, draw: random.Random) -> str:
    """A sentence or two over and over, some with a number, as calendars, templates and advertising have it."""
    sentences = [one.strip()[:60] for one in re.split(r"(?<=[。！？\n])", text) if len(one.strip()) > 5] or [text[:60]]
    chosen = draw.sample(sentences, min(2, len(sentences)))
    form = draw.choice(["{}{}", "{1}. {0}", "{}", "{}", "{1}{0}"])
    joint = draw.choice(["\n", "\n", ""])
    return joint.join(form.format(one, number) for number in range(draw.randint(5, 20)) for one in chosen)


def encyclopaedia(paths: Iterable[Path]) -> Iterator[str]:
    """Every paragraph once of files in SQuAD's form (CMRC 2018, DRCD, JSQuAD)."""
    import lzma

    for path in paths:
        content = json.loads(lzma.decompress(path.read_bytes()))
        articles = content["data"] if isinstance(content, dict) else content
        paragraphs = chain.from_iterable(article.get("paragraphs", [article]) for article in articles)
        yield from dict.fromkeys(
            str(one.get("context") or one.get("context_text", "")).rpartition("[SEP]")[2].strip() for one in paragraphs
        )
