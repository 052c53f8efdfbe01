"""HTML to text: the title, language, main text and readings of a page."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from hanmill.pipelines.extract.document import Reading
from hanmill.pipelines.extract.formulas.tex import FormulaForm
from hanmill.pipelines.extract.html.blocks import Block, outline
from hanmill.pipelines.extract.html.main_content import CommentsForm, main_blocks
from hanmill.pipelines.extract.html.rows import data_rows
from hanmill.pipelines.extract.html.whitespace import BLOCK_END, collapse, without_marks
from hanmill.pipelines.extract.html.without_script import FEWEST_CHARACTERS, asks_for_script, page_without_script


@dataclass(frozen=True, slots=True)
class Page:
    """The content of a page. ``lang`` is what the page declares, empty where it declares nothing.

    ``text`` has a line per block, cells of a table row separated by tabs. ``readings`` come from ruby, in code
    points of ``text``; ``link_characters`` counts characters of ``text`` inside links, white space aside.
    """

    title: str
    lang: str
    text: str
    readings: tuple[Reading, ...]
    link_characters: int


def extract_page(
    html: str, *, boilerplate: bool = False, formulas: FormulaForm = "tex", comments: CommentsForm = "drop"
) -> Page:
    """Extracts the main content of an HTML page, or with ``boilerplate`` all of its visible text.

    >>> extract_page("<p>東京の<ruby>漢字<rt>かんじ</rt></ruby>を\\n覚える。</p>").readings
    (Reading(start=3, end=5, reading='かんじ'),)
    """
    page = _extracted(html, boilerplate, formulas, comments)
    if len(page.text) < FEWEST_CHARACTERS and (hidden := page_without_script(html)):
        without = _extracted(hidden, boilerplate, formulas, comments)
        if len(without.text) >= max(FEWEST_CHARACTERS, 2 * len(page.text)) and not asks_for_script(without.text):
            return replace(without, title=page.title or without.title, lang=page.lang or without.lang)
    return page


def _extracted(html: str, boilerplate: bool, formulas: FormulaForm, comments: CommentsForm) -> Page:
    page = outline(html, formulas)
    blocks = page.blocks if boilerplate else main_blocks(page, comments)
    text, readings = joined_blocks(blocks, data_rows(page.blocks))
    lang = next((page.languages[block.container] for block in blocks[:1]), "") or page.lang
    return Page(page.title, lang, text, readings, sum(block.link_characters for block in blocks))


def plain_text_page(text: str) -> Page:
    """Plain text, such as a WET record, with its line ends kept and everything unprintable left out."""
    lines = collapse(without_marks(text).replace("\n", BLOCK_END))
    return Page("", "", "\n".join(line for line in lines if line), (), 0)


def joined_blocks(blocks: Sequence[Block], tables: Container[int]) -> tuple[str, tuple[Reading, ...]]:
    """Text of blocks, a line each, cells of the rows in ``tables`` separated by tabs, and its readings."""
    parts: list[str] = []
    readings: list[Reading] = []
    length, row = 0, 0
    for block in blocks:
        if parts:
            parts.append("\t" if block.row == row and row in tables else "\n")
            length += 1
        if block.readings:
            readings.extend(Reading(length + start, length + end, reading) for start, end, reading in block.readings)
        parts.append(block.text)
        length += len(block.text)
        row = block.row
    return "".join(parts), tuple(readings)
