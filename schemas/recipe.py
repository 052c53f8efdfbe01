"""The recipe: everything a user may decide about a corpus, as typed, frozen dataclasses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

#: Marks fields that name a file: the file's content counts in a content address, not the folder it lies in.
FILE = {"file": True}
#: Marks fields that change no byte of a corpus: how the work is cut, or what is done about its outcome.
NO_BYTES = {"bytes": False}

_LANGUAGE = re.compile(r"[a-z]{3}")
_VERSIONED = re.compile(r"[a-z][a-z0-9_]*@[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class WikipediaRecipe:
    """Which pages of a dump are kept, and how much of each.

    ``variant`` (``zh-hans``, ``zh-tw``, …) converts every page as MediaWiki does for a reader of it; empty keeps the
    text as written, where ``-{…}-`` shows the words of the script the page is mostly in. ``groups`` is a dump of the
    pages ``Module:CGroup/…`` (one file), whose rules a conversion applies where a page names them. ``formulas`` stand
    as ``$…$``, as a line of words and signs, or go with their sentence.
    """

    namespaces: tuple[int, ...] = (0,)
    redirects: bool = False
    disambiguation: bool = False
    lists: bool = True
    stubs: bool = True
    variant: str = ""
    groups: str = field(default="", metadata=FILE)
    headings: bool = True
    tail_sections: bool = False
    tables: bool = False
    formulas: Literal["tex", "words", "drop"] = "tex"


@dataclass(frozen=True, slots=True)
class CommonCrawlIndexRecipe:
    """Which records of a columnar URL index are read, and how they are fetched.

    ``languages`` are ISO 639-3 codes: a record is read when ``content_languages`` names one of them. ``data`` is where
    the archives lie: a folder, or an https://, s3:// or gs:// prefix. Records with at most ``gap_bytes`` between them
    are fetched by one request; a worker makes at most ``requests_per_second`` over https.
    """

    languages: tuple[str, ...] = ("jpn", "zho")
    data: str = "https://data.commoncrawl.org/"
    gap_bytes: int = 16 << 10
    requests_per_second: float = 2.0

    def __post_init__(self) -> None:
        if not self.languages or not all(_LANGUAGE.fullmatch(code) for code in self.languages):
            raise ValueError("languages as ISO 639-3 codes, such as zho and jpn")
        if self.gap_bytes < 0:
            raise ValueError("gap_bytes of at least 0")
        if self.requests_per_second <= 0:
            raise ValueError("requests_per_second above 0")


@dataclass(frozen=True, slots=True)
class CommonCrawlRecipe:
    """Which records become documents.

    ``max_record_bytes`` bounds a record and its decoded body. ``min_cjk_bytes`` drops pages with fewer bytes that
    may be Chinese or Japanese, before they are parsed; pages that declare one of these languages pass with any,
    and 0 lets every page pass. ``boilerplate`` keeps navigation and the like in the text. ``formulas`` stand as
    ``$…$``, as a line of words and signs, or go with their sentence. ``comments`` that readers left under an article
    are dropped or kept; the posts of forums and question pages are their content and stay. ``robots`` are WARC files of
    robots.txt (CommonCrawl's subset ``robotstxt``): a page whose host refuses it there to one of ``robots_agents`` by
    name has opted out.
    """

    max_record_bytes: int = 16 << 20
    min_cjk_bytes: int = 0
    boilerplate: bool = False
    formulas: Literal["tex", "words", "drop"] = "tex"
    comments: Literal["drop", "keep"] = "drop"
    robots: tuple[str, ...] = field(default=(), metadata=FILE)
    robots_agents: tuple[str, ...] = (
        *("CCBot", "GPTBot", "ClaudeBot", "anthropic-ai", "Google-Extended", "Applebot-Extended", "Bytespider"),
        *("cohere-ai", "cohere-training-data-crawler", "meta-externalagent", "AI2Bot", "Amazonbot"),
    )
    index: CommonCrawlIndexRecipe = field(default=CommonCrawlIndexRecipe(), metadata=NO_BYTES)


@dataclass(frozen=True, slots=True)
class TablesRecipe:
    """Which columns of tables of texts (Parquet, JSON lines, CSV, TSV) hold what, and how plain text files are cut.

    ``preset`` names the columns of a published corpus; each may be named otherwise. A column's name may lead into
    structures by dots (``meta.url``). ``text`` is ``text`` unless named. Without ``id`` a document is known by its
    place and text. A ``lang`` column is believed; without one languages are measured. ``carry`` names columns that go
    along with the documents as they are. With ``lines`` every line of a plain text file is a document, else the file.
    Rows longer than ``max_row_bytes`` fail.
    """

    preset: Literal["", "fineweb-2", "hplt-2", "llm-jp", "wikipedia"] = ""
    text: str = ""
    id: str = ""
    url: str = ""
    title: str = ""
    lang: str = ""
    licence: str = ""
    timestamp: str = ""
    carry: tuple[str, ...] = ()
    lines: bool = False
    max_row_bytes: int = 64 << 20

    def __post_init__(self) -> None:
        if not 1 << 10 <= self.max_row_bytes < 1 << 31:
            raise ValueError("max_row_bytes from 1024 up to, but not, 2 GiB")


@dataclass(frozen=True, slots=True)
class SourcesRecipe:
    """Settings of the sources; a source is read when the command line names inputs for it."""

    wikipedia: WikipediaRecipe = WikipediaRecipe()
    commoncrawl: CommonCrawlRecipe = CommonCrawlRecipe()
    tables: TablesRecipe = TablesRecipe()
    split_bytes: int = 4 << 20

    def __post_init__(self) -> None:
        if self.split_bytes < 1 << 10:
            raise ValueError("split_bytes of at least 1024")


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """A document is dropped when the rule measures less than ``min`` or more than ``max``.

    ``rule`` is a versioned name (``hiragana_ratio@1``). ``scripts`` and ``sources`` say which documents it is
    applied to (empty: all). ``file`` is the word list, block list or model of rules that need one, ``label`` the class
    whose probability a classifier is asked for.
    """

    rule: str
    min: float | None = None
    max: float | None = None
    scripts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    file: str = field(default="", metadata=FILE)
    label: str = ""

    def __post_init__(self) -> None:
        if not _VERSIONED.fullmatch(self.rule):
            raise ValueError("a rule with its version, such as hiragana_ratio@1")
        if self.min is None and self.max is None:
            raise ValueError("a threshold: min, max or both")


@dataclass(frozen=True, slots=True)
class DecontaminateRecipe:
    """Evaluation files whose items must not be trained on.

    A document is dropped when it holds at least ``share`` of the different character n-grams (``ngram`` folded
    characters long) of one item.
    """

    files: tuple[str, ...] = field(default=(), metadata=FILE)
    ngram: int = 13
    share: float = 0.5

    def __post_init__(self) -> None:
        if self.ngram < 5:
            raise ValueError("ngram of at least 5")
        if not 0 < self.share <= 1:
            raise ValueError("share above 0 and at most 1")


@dataclass(frozen=True, slots=True)
class CleanRecipe:
    """Filter rules in order (the first that refuses names the drop), languages kept, masking, evaluation items.

    ``mask_personal_data`` masks e-mail and IP addresses and telephone numbers, ``mask_numbers`` numbers of documents.
    With ``measure_all`` every rule measures every document, behind the one that drops it too.
    """

    languages: tuple[str, ...] = ()
    rules: tuple[RuleSetting, ...] = ()
    measure_all: bool = False
    mask_personal_data: bool = False
    mask_numbers: tuple[Literal["identity_card", "bank_card", "passport"], ...] = ()
    max_failed_share: float = field(default=0.5, metadata=NO_BYTES)
    decontaminate: DecontaminateRecipe = DecontaminateRecipe()

    def __post_init__(self) -> None:
        if not 0 <= self.max_failed_share <= 1:
            raise ValueError("max_failed_share between 0 and 1")


@dataclass(frozen=True, slots=True)
class NormalizeRecipe:
    """Text normalisation. ``opencc`` names an OpenCC configuration (``t2s``), applied to Chinese only.

    ``fold_width`` makes full-width letters, digits and signs ASCII (NFKC does so anyway); ``shinjitai`` puts new
    forms of kanji for old ones, in Japanese only.
    """

    form: Literal["NFC", "NFKC"] = "NFC"
    opencc: Literal[
        "",
        "t2s",
        "s2t",
        "tw2s",
        "s2tw",
        "tw2sp",
        "s2twp",
        "hk2s",
        "s2hk",
        "hk2sp",
        "s2hkp",
        "t2tw",
        "tw2t",
        "t2hk",
        "hk2t",
        "t2jp",
        "jp2t",
    ] = ""
    fold_width: bool = False
    shinjitai: bool = False
    lowercase: bool = False


@dataclass(frozen=True, slots=True)
class UnihanRecipe:
    """Variant sources for the cluster table; ``file`` is a ``Unihan_Variants.txt`` (empty: the embedded one).

    A ``version`` (``12.0.0``) must be the one of the file, or nothing is built: version 13.0 took most links
    between Japanese and Chinese forms away.
    """

    sources: tuple[str, ...] = ("default",)
    version: str = ""
    file: str = field(default="", metadata=FILE)
    max_cluster_size: int = 0


@dataclass(frozen=True, slots=True)
class SegmentRecipe:
    """Word segmenters; ``glue`` joins Japanese inflections.

    ``chinese`` is the program's own ``pointwise`` model, rjieba's dictionary, or LTP's perceptron. ``chinese_model``
    is a file of pointwise weights (empty: the ones that come with the program) or of LTP weights, or ``hub`` for
    LTP's own.
    """

    chinese: Literal["pointwise", "rjieba", "ltp"] = "pointwise"
    chinese_model: str = field(default="", metadata=FILE)
    japanese: Literal["unidic-lite"] = "unidic-lite"
    glue: bool = True


@dataclass(frozen=True, slots=True)
class ReadingsRecipe:
    """Whether pinyin ids are stored for Chinese, and wāpuro romaji for every word.

    ``chinese`` is who reads polyphones: ``pypinyin`` exactly, or the ``context`` model of the file ``chinese_model``
    (empty: the one that comes with the program).
    """

    pinyin: bool = True
    romaji: bool = True
    chinese: Literal["pypinyin", "context"] = "pypinyin"
    chinese_model: str = field(default="", metadata=FILE)


@dataclass(frozen=True, slots=True)
class GlyphStyle:
    """A glyph style: a fallback chain of faces, each ``package:module/file`` or a path; ``#n`` picks a face."""

    name: str
    faces: tuple[str, ...] = field(metadata=FILE)

    def __post_init__(self) -> None:
        if not self.faces:
            raise ValueError("at least one face")


@dataclass(frozen=True, slots=True)
class GlyphsRecipe:
    """Three styles (ChineseBERT, section 3.1), or none: then no glyph table is written."""

    styles: tuple[GlyphStyle, ...] = ()

    def __post_init__(self) -> None:
        if len(self.styles) not in (0, 3):
            raise ValueError("three styles, or none")


@dataclass(frozen=True, slots=True)
class VocabularyRecipe:
    """Characters of the corpus with at least ``min_count``, or those of ``characters`` (a file, one a line).

    ``words`` above zero stores word ids from a vocabulary of that size per language.
    """

    characters: str = field(default="", metadata=FILE)
    min_count: int = 1
    words: int = 0

    def __post_init__(self) -> None:
        if self.min_count < 1:
            raise ValueError("min_count of at least 1")
        if self.words < 0:
            raise ValueError("words of at least 0")


#: Passages of fewer characters are sayings and names.
SHORTEST_PASSAGE = 20


@dataclass(frozen=True, slots=True)
class DeduplicateRecipe:
    """Removal of documents whose folded text is equal (``exact``) or nearly so (``near``: at least ``jaccard``).

    With ``address`` one document of an address stays, whatever its captures say. ``keep`` says which document of a
    cluster stays: that of the best source (Wikipedia's), the longest, the newest (by its time stamp), or the first in
    the plan; source, length and place decide in this order where it leaves a choice. ``lines`` removes lines that
    stand in more documents than that (0: none); ``text_characters`` (0: none) sentences out of passages of so many
    characters and more that stand in more documents than ``text_documents``. Clusters are looked for whatever is
    removed: they decide between training and validation.
    """

    exact: bool = True
    near: bool = False
    address: bool = False
    jaccard: float = 0.8
    keep: Literal["best_source", "longest", "newest", "first"] = "best_source"
    lines: int = 0
    text_characters: int = 0
    text_documents: int = 3

    def __post_init__(self) -> None:
        if not 0 < self.jaccard <= 1:
            raise ValueError("jaccard above 0 and at most 1")
        if self.lines < 0:
            raise ValueError("lines of at least 0")
        if self.text_characters and self.text_characters < SHORTEST_PASSAGE:
            raise ValueError(f"text_characters of at least {SHORTEST_PASSAGE}, or 0 for none")
        if self.text_documents < 1:
            raise ValueError("text_documents of at least 1")

    @property
    def counts_repeats(self) -> bool:
        """Whether lines or passages are counted across documents."""
        return self.lines > 0 or self.text_characters > 0


@dataclass(frozen=True, slots=True)
class OutputRecipe:
    """Validation share (of documents, by a hash of the duplicate cluster) and rows per Parquet row group.

    With ``dropped_text`` the text of documents that rules dropped is kept beside the reason.
    """

    validation_share: float = 0.01
    row_group_rows: int = 512
    #: Of what was dropped alone: training rows stay as they are.
    dropped_text: bool = field(default=False, metadata=NO_BYTES)

    def __post_init__(self) -> None:
        if not 0 <= self.validation_share < 1:
            raise ValueError("validation_share from 0 up to, but not, 1")
        if self.row_group_rows < 1:
            raise ValueError("row_group_rows of at least 1")


@dataclass(frozen=True, slots=True)
class Recipe:
    """One typed description of a corpus. ``for_model`` says which of the four systems it serves."""

    name: str
    for_model: str = ""
    sources: SourcesRecipe = field(default_factory=SourcesRecipe)
    clean: CleanRecipe = field(default_factory=CleanRecipe)
    normalize: NormalizeRecipe = field(default_factory=NormalizeRecipe)
    unihan: UnihanRecipe = field(default_factory=UnihanRecipe)
    segment: SegmentRecipe = field(default_factory=SegmentRecipe)
    readings: ReadingsRecipe = field(default_factory=ReadingsRecipe)
    glyphs: GlyphsRecipe = field(default_factory=GlyphsRecipe)
    vocabulary: VocabularyRecipe = field(default_factory=VocabularyRecipe)
    deduplicate: DeduplicateRecipe = field(default_factory=DeduplicateRecipe)
    output: OutputRecipe = field(default_factory=OutputRecipe)

    def __post_init__(self) -> None:
        if not self.name.isprintable() or not self.name.strip():
            raise ValueError("a name of printable characters")
