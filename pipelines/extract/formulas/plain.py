"""TeX in a line of text: ``x²``, ``α ≤ 1``, ``a/b``, ``√(x+1)``. Whatever the formula, something stands for it."""

from __future__ import annotations

import re
from functools import cache

from hanmill.pipelines.extract.formulas.scripts import SUBSCRIPT, SUPERSCRIPT, raised
from hanmill.pipelines.text.tsv import read_tsv

_TOKEN = re.compile(r"\\([A-Za-z]+)\*?[ \t\n]*|\\(.)|([{}^_&~$'])|([^\\{}^_&~$' \t\n]+)|([ \t\n]+)|(\\)", re.DOTALL)
_MOST_DEPTH = 40
#: Commands that take one group and show it as it is, and those that show nothing.
_SHOWN = frozenset(
    [
        "mathrm",
        "mathbf",
        "mathit",
        "mathbb",
        "mathcal",
        "mathfrak",
        "mathscr",
        "mathsf",
        "mathtt",
        "boldsymbol",
        "bm",
        "pmb",
        "text",
        "textrm",
        "textbf",
        "textit",
        "textsf",
        "texttt",
        "mbox",
        "hbox",
        "operatorname",
        "emph",
        "bar",
        "overline",
        "vec",
        "hat",
        "widehat",
        "tilde",
        "widetilde",
        "dot",
        "ddot",
        "check",
        "breve",
        "acute",
        "grave",
        "underline",
        "overbrace",
        "underbrace",
        "overrightarrow",
        "overleftarrow",
        "cancel",
        "bcancel",
        "xcancel",
        "phantom",
        "boxed",
        "mathop",
        "mathrel",
        "mathbin",
        "mathord",
        "mathopen",
        "mathclose",
        "stackrel",
        "ensuremath",
        "rm",
        "bf",
        "it",
        "cal",
    ]
)
_HIDDEN = frozenset(
    [
        "left",
        "right",
        "big",
        "Big",
        "bigg",
        "Bigg",
        "bigl",
        "bigr",
        "Bigl",
        "Bigr",
        "biggl",
        "biggr",
        "Biggl",
        "Biggr",
        "displaystyle",
        "textstyle",
        "scriptstyle",
        "limits",
        "nolimits",
        "nonumber",
        "notag",
        "hline",
        "rm",
        "bf",
        "it",
        "cal",
        "sf",
        "tt",
        "scriptscriptstyle",
        "mathstrut",
        "strut",
        "middle",
    ]
)
_WITH_ARGUMENT = frozenset(
    {"begin", "end", "label", "tag", "color", "hspace", "vspace", "phantom", "hphantom", "vphantom"}
)
_FRACTIONS = frozenset({"frac", "dfrac", "tfrac", "cfrac"})
_BINOMIALS = frozenset({"binom", "dbinom", "tbinom"})
_SPACES = frozenset({"quad", "qquad", "enspace", "thinspace", "space"})
_ONE_TERM = re.compile(r"[\w.′]*\Z|\(.*\)\Z")
_NEGATED = {"=": "≠", "∈": "∉", "∋": "∌", "⊂": "⊄", "⊆": "⊈", "≡": "≢", "<": "≮", ">": "≯", "∃": "∄", "∣": "∤"}
_CHEMICAL = re.compile(r"(?<=[A-Za-z)\]])(\d+)|\^\{?(\d*[+-]?|[^{}\s]*)\}?|_\{?(\d+)\}?")
_ARROWS = (("<=>", "⇌"), ("<-->", "⇌"), ("<->", "↔"), ("->", "→"), ("<-", "←"))


@cache
def symbols() -> dict[str, str]:
    """What stands for a command without arguments."""
    return {row[0]: row[1] for row in read_tsv("hanmill.pipelines.extract.formulas", "tex_symbols.tsv", 2)}


def in_words(tex: str) -> str:
    """The formula as a line of text; never empty where the formula is not.

    >>> in_words(r"O(n^2)"), in_words(r"\\alpha \\le \\mathrm{pH}"), in_words(r"\\frac{a}{b+1} = \\sqrt{x_{i}}")
    ('O(n²)', 'α ≤ pH', 'a/(b+1) = √xᵢ')
    """
    if tex.startswith("\\ce{") and tex.endswith("}"):
        return chemical_words(tex[4:-1])
    shown = " ".join(_Reader(tex).sequence(0).split())
    return shown or tex


def chemical_words(formula: str) -> str:
    """A formula of mhchem: ``2H2 + O2 -> 2H2O``.

    >>> chemical_words("2H2 + O2 -> 2H2O"), chemical_words("SO4^2-")
    ('2H₂ + O₂ → 2H₂O', 'SO₄²⁻')
    """
    for written, sign in _ARROWS:
        formula = formula.replace(written, sign)
    return " ".join(_CHEMICAL.sub(_chemical_script, formula).replace("{", "").replace("}", "").split())


def _chemical_script(match: re.Match[str]) -> str:
    if match[2] is not None:
        return raised(match[2], SUPERSCRIPT, "X")
    return raised(match[1] or match[3], SUBSCRIPT, "X")


class _Reader:
    """Reads a formula from front to end, groups by recursion down to a bounded depth."""

    def __init__(self, tex: str) -> None:
        self._tokens = list(_TOKEN.finditer(tex))
        self._place = 0

    def sequence(self, depth: int, end: str = "") -> str:
        """Everything up to the end of the formula or of the group."""
        shown = ""
        while self._place < len(self._tokens):
            token = self._tokens[self._place]
            if token[3] == "}":
                self._place += 1
                if depth:
                    return shown
                continue
            if end and token[4] and token[4].startswith(end):
                return shown
            shown += self._one(depth, shown)
        return shown

    def _one(self, depth: int, before: str) -> str:
        token = self._tokens[self._place]
        self._place += 1
        command, escaped, sign, text, space, _ = token.groups()
        if command is not None:
            return self._command(command, depth)
        if escaped is not None:
            if escaped == "\\":
                return "; "
            return " " if escaped in ",;:!> " else escaped
        if sign is not None:
            return self._sign(sign, depth, before)
        return text or (" " if space else "")

    def _sign(self, sign: str, depth: int, before: str) -> str:
        if sign == "{":
            return self.sequence(depth + 1) if depth <= _MOST_DEPTH else ""
        if sign in "^_":
            script = self._argument(depth).strip()
            if script in ("∘", "°") and sign == "^":
                return "°"
            return raised(script, SUPERSCRIPT if sign == "^" else SUBSCRIPT, before.rstrip() or "x")
        return {"&": " ", "~": " ", "'": "′", "$": ""}[sign]

    def _argument(self, depth: int) -> str:
        """The next group, command or character; nothing at the greatest depth."""
        if depth >= _MOST_DEPTH:
            return ""
        while self._place < len(self._tokens) and self._tokens[self._place][5]:
            self._place += 1
        if self._place >= len(self._tokens):
            return ""
        token = self._tokens[self._place]
        if token[4] and len(token[4]) > 1:
            # Of a run of characters only the first.
            run = _TOKEN.match(token[4][1:])
            if run is not None:
                self._tokens[self._place] = run
            return str(token[4][0])
        if token[3] == "}":
            return ""
        return self._one(depth + 1, "")

    def _option(self, depth: int) -> str:
        """An argument in brackets, empty where there is none."""
        token = self._tokens[self._place] if self._place < len(self._tokens) else None
        if token is None or not token[4] or token[4][0] != "[":
            return ""
        option, closed, rest = token[4][1:].partition("]")
        if not closed:
            return ""
        following = _TOKEN.match(rest)
        if following is None:
            self._place += 1
        else:
            self._tokens[self._place] = following
        return str(option)

    def _command(self, name: str, depth: int) -> str:
        if name in _FRACTIONS:
            return f"{_term(self._argument(depth))}/{_term(self._argument(depth))}"
        if name in _BINOMIALS:
            return f"({self._argument(depth)} {self._argument(depth)})"
        if name == "sqrt":
            index = self._option(depth)
            root = "" if index in ("", "2") else raised(index, SUPERSCRIPT, "x")
            return f"{root}√{_term(self._argument(depth))}"
        if name == "ce":
            return chemical_words(self._argument(depth))
        if name in ("pmod", "bmod"):
            return f"(mod {self._argument(depth)})" if name == "pmod" else " mod "
        if name == "not":
            negated = self._argument(depth).strip()
            return _NEGATED.get(negated, f"¬{negated}")
        if name in _WITH_ARGUMENT:
            self._argument(depth)
            return " "
        if name in _HIDDEN:
            return ""
        if name in _SPACES:
            return " "
        if name in _SHOWN:
            return self._argument(depth)
        known = symbols().get(name)
        if known is None:
            return f" {name} "
        if known.isalpha() and known.isascii() and len(known) > 1:
            return f" {known} "
        return f" {known} " if known in "≤≥≠≈≡∈∉⊂⊆→⇒⇔←×±∪∩∧∨≪≫∼≅∝⟹⟺" else known


def _term(text: str) -> str:
    text = text.strip()
    return text if _ONE_TERM.match(text) else f"({text})"
