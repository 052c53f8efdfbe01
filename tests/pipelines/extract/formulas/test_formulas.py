from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.extract.formulas.mathml import tex_of
from hanmill.pipelines.extract.formulas.plain import in_words
from hanmill.pipelines.extract.formulas.scripts import SUBSCRIPT, SUPERSCRIPT, raised
from hanmill.pipelines.extract.formulas.sentences import without_marked_sentences
from hanmill.pipelines.extract.formulas.tex import cleaned


@pytest.mark.parametrize(
    ("before", "text", "shown"),
    [
        ("3×10", "8", "⁸"),
        ("10", "−12", "⁻¹²"),
        ("10", "-3", "⁻³"),
        ("m", " 2 ", "² "),
        ("Ca", "2+", "²⁺"),
        ("x", "n-1", "ⁿ⁻¹"),
        ("", "14", "¹⁴"),
        ("2", "1024", "¹⁰²⁴"),
        ("10", "1.5", "^(1.5)"),
        ("x", "y", "ʸ"),
        ("e", "-x", "⁻ˣ"),
        ("x", "n·k", "^(n·k)"),
        ("K", "(aq)", "(aq)"),
        ("y", "i²", "^(i²)"),
        # What is raised for its looks alone changes no number.
        ("1", "st", "st"),
        ("22", "nd", "nd"),
        ("XX", "e", "ᵉ"),
        ("M", "lle", "lle"),
        ("20", "e", "e"),
        ("ABC", "TM", "™"),
        ("語", "要出典", "要出典"),
        ("注", "※1", "※1"),
        ("국", "주1", "주1"),
        # Elements that never close hold the rest of the paragraph.
        ("25m", "2，水的分子式是H", "²，水的分子式是H"),
        ("高さ", "2004年に完成した。", "2004年に完成した。"),
        ("10m", "20.5 という長い文章がここに続いて、終わらない。", "20.5 という長い文章がここに続いて、終わらない。"),
    ],
)
def test_raised(before: str, text: str, shown: str) -> None:
    assert raised(text, SUPERSCRIPT, before) == shown


@pytest.mark.parametrize(
    ("before", "text", "shown"),
    [
        ("H", "2", "₂"),
        ("CO", "2,", "₂,"),
        ("v", "max", "ₘₐₓ"),
        ("K", "Total", "_(Total)"),
        ("NH", "3(g)", "₃(g)"),
        ("PM", "2.5", "₂.₅"),
        ("a", "n+1", "ₙ₊₁"),
        ("log", "10", "₁₀"),
        ("", "注", "注"),
    ],
)
def test_lowered(before: str, text: str, shown: str) -> None:
    assert raised(text, SUBSCRIPT, before) == shown


@given(st.text(), st.text(st.sampled_from("0123456789mx 東。"), max_size=4))
def test_no_digit_is_ever_lost_or_left_beside_the_base(text: str, before: str) -> None:
    shown = raised(text, SUPERSCRIPT, before)
    assert len(shown.strip()) >= len(text.strip())


@pytest.mark.parametrize(
    ("tex", "words"),
    [
        ("x^2+1=0", "x²+1=0"),
        (r"\alpha \times \beta", "α × β"),
        (r"O(n \log n)", "O(n log n)"),
        (r"\frac{a+b}{c}", "(a+b)/c"),
        (r"\frac12", "1/2"),
        (r"\sqrt[3]{x}", "³√x"),
        (r"\mathbf{R}^n \setminus \{0\}", "Rⁿ ∖{0}"),
        (r"90^\circ", "90°"),
        (r"a \not= b", "a ≠ b"),
        (r"\left(\frac{a}{b}\right)^{k+1}", "(a/b)ᵏ⁺¹"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "1 2; 3 4"),
        (r"\text{もし } x>0", "もし x>0"),
        (r"\unknowncommand{x}", "unknowncommand x"),
        (r"\ce{H2O}", "H₂O"),
        (r"x_1^2", "x₁²"),
        ("}{", "}{"),
    ],
)
def test_in_words(tex: str, words: str) -> None:
    assert in_words(tex) == words


@given(st.text(st.sampled_from(r"\{}^_&~$ abfracsqrt[]1+=\left"), min_size=1, max_size=60))
def test_any_formula_shows_something_in_words(tex: str) -> None:
    assert in_words(tex) or not tex.strip()


def test_deep_formulas_end() -> None:
    for piece in ("{", "^", r"\bar", r"\frac{", r"\sqrt{x^{"):
        assert in_words(piece * 20_000)


@pytest.mark.parametrize(
    ("inner", "tex"),
    [
        ("<mi>x</mi><mo>=</mo><mn>3</mn>", "x=3"),
        ("<msup><mi>x</mi><mn>2</mn></msup><mo>−</mo><mn>1</mn>", "x^{2}-1"),
        ("<mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac>", r"\frac{a}{b+1}"),
        ("<msqrt><mi>x</mi><mo>+</mo><mi>y</mi></msqrt>", r"\sqrt{x+y}"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", r"\sqrt[3]{x}"),
        ("<mi>sin</mi><mo>\u2061</mo><mi>θ</mi>", r"\sin \theta"),
        (
            "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>",
            r"\sum _{i=1}^{n}",
        ),
        ("<mover><mi>x</mi><mo>¯</mo></mover>", r"\bar{x}"),
        ("<mi>𝐑</mi><mo>&lt;</mo><mtext>面积</mtext>", r"R<\text{面积}"),
        ("<mfenced open='['><mi>a</mi><mi>b</mi></mfenced>".replace("'", '"'), "[a,b)"),
        ("<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr></mtable>", r"\begin{matrix}1 & 2\end{matrix}"),
        ("<mmultiscripts><mi>C</mi><mprescripts></mprescripts><mn>6</mn><mn>14</mn></mmultiscripts>", "{}_{6}^{14}C"),
        (
            '<semantics><mi>y</mi><annotation encoding="application/x-tex">y_1 &lt; 2</annotation></semantics>',
            "y_1 < 2",
        ),
        ('<semantics><mi>y</mi><annotation encoding="StarMath 5.0">y over 1</annotation></semantics>', "y"),
    ],
)
def test_tex_of_mathml(inner: str, tex: str) -> None:
    assert tex_of(f"<math>{inner}</math>") == tex


@given(st.text(st.sampled_from(list("<>/mix \"'=")), max_size=80))
def test_any_markup_gives_some_tex(markup: str) -> None:
    tex_of(f"<math>{markup}")


@pytest.mark.parametrize(
    ("tex", "clean"),
    [
        (r"{\displaystyle {\frac {a}{b}}}", r"\frac {a}{b}"),
        (r"\displaystyle x", "x"),
        (r"\[ a \\ b \]", r"a \\ b"),
        ("{a}+{b}", "{a}+{b}"),
        ("x % a comment\n+ y", "x + y"),
        (r"50\%", r"50\%"),
        (" ", ""),
    ],
)
def test_cleaned(tex: str, clean: str) -> None:
    assert cleaned(tex) == clean


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("集合¤は空である。次の文。", "次の文。"),
        ("前の文。集合¤は空か?後の文。", "前の文。後の文。"),
        ("前文。\n¤\n后文。", "前文。\n后文。"),
        ("他问：“¤等于几？”大家都笑了。", "大家都笑了。"),
        ("The set ¤ is empty, see 1.5 below. Next.", " Next."),
        ("標題 ¤", ""),
    ],
)
def test_marked_sentences_go(text: str, left: str) -> None:
    assert without_marked_sentences(text, "¤")[0] == left
