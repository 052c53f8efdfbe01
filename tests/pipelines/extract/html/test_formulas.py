from __future__ import annotations

from html import escape

import pytest

from hanmill.pipelines.extract.formulas.tex import FormulaForm
from hanmill.pipelines.extract.html.page import extract_page

BEFORE, AFTER = "入秋以后水位回落，停了三个月的江心渡口重新开船。", "码头边的小卖部也重新亮起了灯。"
MATHML = "<math><semantics><mrow><mi>x</mi><mo>=</mo><mn>3</mn></mrow>{}</semantics></math>"
ANNOTATION = '<annotation encoding="application/x-tex">x=3</annotation>'
KATEX = (
    f'<span class="katex"><span class="katex-mathml">{MATHML.format(ANNOTATION)}</span>'
    '<span class="katex-html" aria-hidden="true"><span class="base"><span class="mord">x=3</span></span></span></span>'
)
MATHJAX_2 = (
    '<span class="MathJax_Preview">x=3</span><span class="MathJax" id="MathJax-Element-1-Frame" tabindex="0">'
    '<nobr aria-hidden="true"><span class="math">x=3</span></nobr>'
    f'<span class="MJX_Assistive_MathML">{MATHML.format("")}</span></span>'
    '<script type="math/tex" id="MathJax-Element-1">x=3</script>'
)


def line(html: str, formulas: FormulaForm = "tex") -> str:
    """The line of the page in which the formula stood."""
    page = extract_page(f"<article><p>{BEFORE}</p><p>{html}</p><p>{AFTER}</p></article>", formulas=formulas)
    first, *middle, last = page.text.split("\n")
    assert (first, last) == (BEFORE, AFTER)
    return "\n".join(middle)


@pytest.mark.parametrize(
    "formula",
    [
        MATHML.format(""),
        MATHML.format(ANNOTATION),
        KATEX,
        f'<span class="katex-display">{KATEX}</span>',
        MATHJAX_2,
        '<script type="math/tex">x=3</script>',
        '<script type="math/tex; mode=display">% <![CDATA[\nx=3 %]]></script>',
        # What a crawler keeps of MathJax 2 without its scripts.
        f'<span class="MathJax_SVG"><svg></svg><span class="MJX_Assistive_MathML">{MATHML.format("")}</span></span>',
        f'<span class="MathJax_CHTML" data-mathml="{escape(MATHML.format(""))}"></span>',
        '<mjx-container class="MathJax" jax="SVG"><svg></svg><mjx-assistive-mml>'
        + MATHML.format("")
        + "</mjx-assistive-mml></mjx-container>",
        '<mjx-container class="MathJax"><mjx-math data-latex="x=3" aria-hidden="true"></mjx-math></mjx-container>',
        '<span class="mwe-math-element"><span style="display: none;">'
        + MATHML.format(ANNOTATION)
        + '</span><img src="https://wikimedia.org/api/rest_v1/media/math/render/svg/a1" alt="{\\displaystyle x=3}" '
        'class="mwe-math-fallback-image-inline" aria-hidden="true"></span>',
        '<img class="tex" alt="x=3" src="//upload.wikimedia.org/math/a/b/c.png">',
        '<img src="https://www.zhihu.com/equation?tex=x%3D3" alt="x=3" eeimg="1">',
        '<span class="ztext-math" data-eeimg="1" data-tex="x=3"></span>',
        '<img src="https://s0.wp.com/latex.php?latex=x%3D3&bg=ffffff" alt="" class="latex">',
        '<img src="https://latex.codecogs.com/gif.latex?x=3">',
        '<span class="math inline">\\(x=3\\)</span>',
    ],
)
@pytest.mark.parametrize(
    ("sentence", "form", "shown"),
    [
        ("方程的解是{}。证明如下。", "tex", "方程的解是$x=3$。证明如下。"),
        ("方程式の解は{}である。", "words", "方程式の解はx=3である。"),
        ("這個方程的解是{}。證明如下。", "drop", "證明如下。"),
    ],
)
def test_formulas_leave_no_hole(formula: str, sentence: str, form: FormulaForm, shown: str) -> None:
    assert line(sentence.format(formula), form) == shown


def test_pictures_and_code_are_no_formulas() -> None:
    assert line('図<img src="math-cat.png" alt="猫">と<code>\\(x\\)</code>を見る。') == "図と\\(x\\)を見る。"


def test_readings_keep_their_places_where_a_sentence_goes() -> None:
    html = f"<p>{BEFORE}</p><p>解は{MATHML.format('')}だ。<ruby>漢字<rt>かんじ</rt></ruby>を読む。</p>"
    page = extract_page(html, formulas="drop")
    (reading,) = page.readings
    assert page.text[reading.start : reading.end] == "漢字"
    assert page.text.endswith("\n漢字を読む。")


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("光速约为3×10<sup>8</sup>米每秒。", "光速约为3×10⁸米每秒。"),
        ("面積は25m<sup>2</sup>、水はH<sub>2</sub>Oである。", "面積は25m²、水はH₂Oである。"),
        ("面積為25<a href=/m>m<sup>2</sup></a>，裡面有水。", "面積為25m²，裡面有水。"),
        ("x<sup><a href='/wiki/二乗'>2</a></sup>の値", "x²の値"),
        ("x<sub>i<sup>2</sup></sub>と2<sup>2<sup>n</sup></sup>", "x_(i²)と2^(2ⁿ)"),
        ("x<sub>1</sub><sup>2</sup>和x<sup>2</sup><br><sub>1</sub>。", "x₁²和x²₁。"),
        ("面积25m<sup>2，水H<sub>2", "面积25m²，水H₂"),
        ("10<span style='font-size:8px; vertical-align: super'>8</span>個", "10⁸個"),
        ("CO<span style='vertical-align:sub;'>2</span>の量", "CO₂の量"),
        ("10<span class=superscript>8</span>と<span class=subscript>注</span>", "10⁸と注"),
        # Marks of notes are no exponents.
        ("人口は1200<sup class='reference'><a href='#cite_note-1'>[1]</a></sup>人。", "人口は1200人。"),
        ("人口1200<sup>[注 2]</sup><sup>[3]</sup>人。", "人口1200人。"),
        ("人口1200<sup><a href='https://example.org/a#fn3'>3</a></sup>人。", "人口1200人。"),
        ("人口1200<sup><a class='footnote-ref' href=x>3</a></sup>人。", "人口1200人。"),
        ("語<sup>*</sup>と本<sup>※1</sup>", "語と本※1"),
        ("the 1<sup>st</sup> ABC<sup>TM</sup>", "the 1st ABC™"),
    ],
)
def test_raised_and_lowered_text(html: str, shown: str) -> None:
    assert line(html) == shown


def test_link_characters_of_notes_do_not_count() -> None:
    page = extract_page("<p>人口は多い<sup><a href='#n'>[1]</a></sup>町であるが、<a href=x>面積</a>は狭い。</p>")
    assert page.link_characters == 2
