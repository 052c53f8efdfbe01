"""MathML to TeX: the annotation where a formula brings one, else from its elements."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from html import unescape

from hanmill.pipelines.extract.formulas.plain import symbols

_PIECE = re.compile(r"<(/?)(?:m:)?([A-Za-z][\w-]*)([^<>]*)>|([^<]+)|<")
_ANNOTATION = re.compile(
    r"<(?:m:)?annotation\b[^<>]*encoding=\"(?:application/x-(?:la)?tex|(?:La)?TeX)\"[^<>]*>(.*?)</(?:m:)?annotation>",
    re.DOTALL | re.IGNORECASE,
)
_ALT_TEXT = re.compile(r'<(?:m:)?math\b[^<>]*\salttext="([^"]*)"', re.IGNORECASE)
_FENCE = re.compile(r'\s(open|close|separators)="([^"]*)"')
#: Letters and digits of the mathematical alphabets are plain letters in another style.
_STYLED = re.compile("[\U0001d400-\U0001d7ff]")
#: Signs that mark a function or a product and are not shown.
_INVISIBLE = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u2064\u200b\ufeff"))
_MINUS = {"−": "-"}
_SPECIAL = {"{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#", "&": r"\&", "$": r"\$", "_": r"\_", "\\": r"\backslash "}
_BREAK = r" \\ "
_ACCENTS = {"¯": "bar", "‾": "bar", "^": "hat", "ˆ": "hat", "~": "tilde", "˜": "tilde", "→": "vec", "⃗": "vec"}
_ACCENTS |= {"˙": "dot", "¨": "ddot", "ˇ": "check", "_": "underline", "⏞": "overbrace", "⏟": "underbrace"}
_HIDDEN = frozenset({"annotation", "annotation-xml", "mphantom", "maligngroup", "malignmark", "none"})
_PRESCRIPTS = "\0"


def tex_of(markup: str) -> str:
    """TeX of a ``<math>`` element in balanced markup; empty where the element shows nothing.

    >>> tex_of("<math><mi>x</mi><mo>=</mo><mfrac><mn>1</mn><msup><mi>α</mi><mn>2</mn></msup></mfrac></math>")
    'x=\\\\frac{1}{\\\\alpha ^{2}}'
    """
    annotation = _ANNOTATION.search(markup)
    if annotation and (tex := unescape(annotation[1]).strip()):
        return tex
    alt_text = _ALT_TEXT.search(markup)
    if alt_text and (tex := unescape(alt_text[1]).strip()):
        return tex
    return _converted(markup)


def _converted(markup: str) -> str:
    #: Open elements: name, attributes, what their children gave, and text directly inside.
    stack: list[tuple[str, str, list[str]]] = [("mrow", "", [])]
    for match in _PIECE.finditer(markup):
        closing, name, attributes, text = match.groups()
        if text is not None:
            if text.strip():
                stack[-1][2].append(text)
        elif not name:
            continue
        elif not closing:
            if attributes.endswith("/"):
                stack[-1][2].append(_element(name.lower(), attributes, []))
            else:
                stack.append((name.lower(), attributes, []))
        elif len(stack) > 1:
            shown = _element(*stack.pop())
            stack[-1][2].append(shown)
    while len(stack) > 1:
        shown = _element(*stack.pop())
        stack[-1][2].append(shown)
    return " ".join("".join(stack[0][2]).split())


def _element(name: str, attributes: str, children: list[str]) -> str:
    if name in _HIDDEN:
        return ""
    if name in ("mi", "mn", "mo"):
        return _token(unescape("".join(children)).strip(), name)
    if name in ("mtext", "ms"):
        text = unescape("".join(children))
        return rf"\text{{{text}}}" if text.strip() else " "
    if name == "mspace":
        return " "
    if name == "msqrt":
        return rf"\sqrt{{{''.join(children).strip()}}}"
    if name == "mprescripts":
        return _PRESCRIPTS
    if name == "mfenced":
        return _fenced(attributes, children)
    if name == "semantics":
        return children[0] if children else ""
    if name == "mtable":
        return rf"\begin{{matrix}}{''.join(children).removesuffix(_BREAK)}\end{{matrix}}"
    if name in ("mtr", "mlabeledtr"):
        return " & ".join(child for child in children) + _BREAK
    if name == "mmultiscripts":
        return _multiscripts(children)
    build = _SCHEMATA.get(name)
    if build is not None and len(children) >= build[0]:
        return build[1](*children[: build[0]])
    return "".join(children)


def _token(text: str, name: str) -> str:
    """One name, number or sign."""
    text = _STYLED.sub(_plain, text.translate(_INVISIBLE))
    if name == "mi" and len(text) > 1 and text.isascii() and text.isalpha():
        return rf"\{text} " if symbols().get(text) == text else rf"\mathrm{{{text}}}"
    return "".join(_character(character) for character in text)


def _plain(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0])


def _character(character: str) -> str:
    if character.isascii():
        return _SPECIAL.get(character, character)
    command = _commands().get(character)
    return rf"\{command} " if command else _MINUS.get(character, character)


@cache
def _commands() -> dict[str, str]:
    """The first command of the table for every sign."""
    commands: dict[str, str] = {}
    for command, sign in symbols().items():
        if len(sign) == 1 and not sign.isascii():
            commands.setdefault(sign, command)
    del commands["′"]
    return commands


def _fenced(attributes: str, children: list[str]) -> str:
    given = {key: unescape(value).strip() for key, value in _FENCE.findall(attributes)}
    separators = given.get("separators", ",") or ""
    parts = [child for child in children if child]
    shown = parts[0] if parts else ""
    for number, part in enumerate(parts[1:]):
        shown += (separators[min(number, len(separators) - 1)] if separators else "") + part
    opening, closing = given.get("open", "("), given.get("close", ")")
    return f"{_SPECIAL.get(opening, opening)}{shown}{_SPECIAL.get(closing, closing)}"


def _script(base: str, sign: str, script: str) -> str:
    return f"{base or '{}'}{sign}{{{script.strip()}}}" if script.strip() else base


def _over(base: str, over: str) -> str:
    accent = _ACCENTS.get(_shown(over))
    return rf"\{accent}{{{base}}}" if accent else _script(base, "^", over)


def _under(base: str, under: str) -> str:
    accent = _ACCENTS.get(_shown(under))
    return rf"\{accent}{{{base}}}" if accent else _script(base, "_", under)


def _shown(tex: str) -> str:
    """The sign that a command stands for."""
    tex = tex.strip()
    return symbols().get(tex[1:], tex) if tex.startswith("\\") else tex


def _multiscripts(children: list[str]) -> str:
    """Base, then pairs of lower and upper scripts behind it, then those in front of it."""
    base, *scripts = children or [""]
    edge = scripts.index(_PRESCRIPTS) if _PRESCRIPTS in scripts else len(scripts)
    before = "".join(
        _script("", "^" if place % 2 else "_", one).removeprefix("{}") for place, one in enumerate(scripts[edge + 1 :])
    )
    for place, script in enumerate(scripts[:edge]):
        base = _script(base, "^" if place % 2 else "_", script)
    return f"{{}}{before}{base}" if before else base


_SCHEMATA: dict[str, tuple[int, Callable[..., str]]] = {
    "mfrac": (2, lambda above, below: rf"\frac{{{above.strip()}}}{{{below.strip()}}}"),
    "mroot": (2, lambda base, index: rf"\sqrt[{index.strip()}]{{{base.strip()}}}"),
    "msup": (2, lambda base, script: _script(base, "^", script)),
    "msub": (2, lambda base, script: _script(base, "_", script)),
    "msubsup": (3, lambda base, below, above: _script(_script(base, "_", below), "^", above)),
    "munder": (2, _under),
    "mover": (2, _over),
    "munderover": (3, lambda base, below, above: _script(_script(base, "_", below), "^", above)),
}
