"""Wikitext of one page to plain text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hanmill.pipelines.extract.document import Reading
from hanmill.pipelines.extract.formulas.tex import FormulaForm
from hanmill.pipelines.extract.wikitext.conversion import convert, translation, without_marks, written_variant
from hanmill.pipelines.extract.wikitext.conversion_groups import ConversionGroups
from hanmill.pipelines.extract.wikitext.finish import finish, without_surrogates
from hanmill.pipelines.extract.wikitext.lines import UNSPACED
from hanmill.pipelines.extract.wikitext.links import link_rules
from hanmill.pipelines.extract.wikitext.page_kind import page_flags
from hanmill.pipelines.extract.wikitext.prepare import prepare
from hanmill.pipelines.extract.wikitext.scanner import scan
from hanmill.pipelines.extract.wikitext.sections import without_tail_sections
from hanmill.pipelines.extract.wikitext.state import Page
from hanmill.pipelines.extract.wikitext.tables import without_tables
from hanmill.pipelines.extract.wikitext.variants import checked_variant, converter_of
from hanmill.pipelines.extract.wikitext.words import words
from hanmill.pipelines.sources.wikipedia.namespaces import Namespaces, namespaces_for
from hanmill.pipelines.text.phrase_conversion import CutWords

_CHINESE = frozenset(words("zh yue lzh wuu gan hak nan cdo"))


@dataclass(frozen=True, slots=True)
class Extracted:
    """Plain text of one page.

    ``text`` holds paragraphs, list items and headings, one a line. Offsets of ``readings`` count its code points.
    ``link_characters`` counts the characters that links show. ``title`` is the page's title in the variant asked for.
    ``templates_dropped`` counts templates that showed nothing, by name in lower case. ``flags`` say what kind of page
    it is (``disambiguation``, ``list``, ``stub``).
    """

    title: str
    text: str
    readings: tuple[Reading, ...] = ()
    link_characters: int = 0
    templates_dropped: Counter[str] = field(default_factory=Counter)
    flags: tuple[str, ...] = ()


def extract(
    wikitext: str,
    language: str,
    *,
    title: str = "",
    variant: str = "",
    headings: bool = True,
    tail_sections: bool = False,
    tables: bool = False,
    formulas: FormulaForm = "tex",
    namespaces: Namespaces | None = None,
    groups: ConversionGroups | None = None,
    cut: CutWords | None = None,
) -> Extracted:
    """Plain text of a page of a wiki in ``language``.

    Without ``variant`` the text stays as written, and ``-{zh-hans:…;zh-hant:…}-`` shows the words of the script the
    page is mostly in. With one (``zh-hans``, ``zh-tw``, ``zh-Hant-HK``) the whole text is what a reader of that
    variant sees; ``groups`` are the shared rules that a page may name. ``cut`` cuts Chinese into words:
    with it phrases are converted only where they agree with the words. Any text at all is accepted; nothing in it can
    make this fail or take more than linear time.
    Raises VariantError where ``language`` has no such variant.
    """
    converter = converter_of(language)
    shown_variant = checked_variant(language, variant) if variant else ""
    prepared = prepare(wikitext, variants=converter is not None, formulas=formulas)
    if not shown_variant and converter is not None:
        shown_variant = written_variant(prepared.text, converter)
    page = Page(
        language=language,
        wiki=_script(shown_variant) if language in _CHINESE else language,
        title=title,
        links=link_rules(namespaces_for(language) if namespaces is None else namespaces),
        converter=converter,
        variant=shown_variant,
        converting=bool(variant) and translation(shown_variant, cut) is not None,
        groups=groups or {},
        tables=tables,
        cut=cut,
    )
    text = prepared.text if tail_sections else without_tail_sections(prepared.text)
    marked = scan(text if tables else without_tables(text), page)
    if converter is not None:
        if page.converting:
            marked = convert(without_surrogates(marked), converter, shown_variant, page.changes, cut)
        else:
            marked = without_marks(marked)
    text, readings = finish(marked, prepared.opaque, headings=headings, spaced=language not in UNSPACED)
    return Extracted(
        title=_title(page),
        text=text,
        readings=readings,
        link_characters=min(page.link_characters, len(text)),
        templates_dropped=page.templates_dropped,
        flags=page_flags(title, wikitext),
    )


def _script(variant: str) -> str:
    return "zh-hans" if variant.endswith(("hans", "-cn", "-sg", "-my")) else "zh-hant"


def _title(page: Page) -> str:
    if page.converted_title is not None:
        return finish(without_marks(page.converted_title), page.opaque, headings=False, spaced=True)[0]
    translate = translation(page.variant, page.cut) if page.converting else None
    return translate(without_surrogates(page.title)) if translate else page.title
