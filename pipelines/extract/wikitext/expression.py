"""The arithmetic of ``{{#expr:…}}``.

Source: mediawiki.org "Help:Extension:ParserFunctions", section "#expr" (operators and their precedence).
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<word>[a-z]+)|(?P<sign>!=|<>|<=|>=|[-+*/^()=<>×÷−]))", re.IGNORECASE
)
_SAME = {"−": "-", "×": "*", "÷": "/", "div": "/", "<>": "!="}
_CONSTANTS = {"pi": math.pi, "e": math.e}
_LONGEST = 1000
_DEEPEST = 40
_LARGEST = 1e100


class ExpressionError(ValueError):
    """Text that is no expression, or one without a value."""


def _divide(left: float, right: float) -> float:
    if right == 0:
        raise ExpressionError("division by zero")
    return left / right


def _modulo(left: float, right: float) -> float:
    if int(right) == 0:
        raise ExpressionError("division by zero")
    return math.fmod(int(left), int(right))


def _power(left: float, right: float) -> float:
    value: float | complex = left**right
    if isinstance(value, complex):
        raise ExpressionError(f"{left:g} to the power of {right:g}")
    return value


def _round(value: float, digits: float) -> float:
    if not -100 <= digits <= 100:
        raise ExpressionError(f"digits to round to: {digits:g}; expected: -100 to 100")
    scale = 10.0 ** int(digits)
    return math.copysign(math.floor(abs(value) * scale + 0.5), value) / scale


_BINARY: dict[str, tuple[int, Callable[[float, float], float]]] = {
    "or": (1, lambda left, right: float(bool(left) or bool(right))),
    "and": (2, lambda left, right: float(bool(left) and bool(right))),
    "=": (3, lambda left, right: float(left == right)),
    "!=": (3, lambda left, right: float(left != right)),
    "<": (3, lambda left, right: float(left < right)),
    ">": (3, lambda left, right: float(left > right)),
    "<=": (3, lambda left, right: float(left <= right)),
    ">=": (3, lambda left, right: float(left >= right)),
    "round": (4, _round),
    "+": (5, operator.add),
    "-": (5, operator.sub),
    "*": (6, operator.mul),
    "/": (6, _divide),
    "mod": (6, _modulo),
    "^": (7, _power),
    "e": (8, lambda left, right: left * 10.0**right),
}
_UNARY: dict[str, Callable[[float], float]] = {
    "-": operator.neg,
    "+": operator.pos,
    "not": lambda value: float(not value),
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": math.trunc,
}


def evaluate(text: str) -> str:
    """The value of an expression as MediaWiki prints it, empty for an empty one. Raises ExpressionError.

    >>> evaluate("1 + 2 * 3"), evaluate("(10 - 4) / 4 round 1"), evaluate("2019 > 1950")
    ('7', '1.5', '1')
    """
    tokens = _tokens(text)
    if not tokens:
        return ""
    try:
        value, end = _value(tokens, 0, 0, 0)
    except ExpressionError:
        raise
    except (ArithmeticError, ValueError) as error:
        # A ValueError is of a value that is no number: infinity less infinity.
        raise ExpressionError(f"no value: {text[:80]!r}: {error}") from error
    if end < len(tokens):
        raise ExpressionError(f"expected: an operator; found: {tokens[end]!r}")
    if not abs(value) < _LARGEST:
        raise ExpressionError(f"value: {value:g}; at most: {_LARGEST:g}")
    return f"{int(value)}" if value == int(value) and abs(value) < 1e15 else f"{value:.14G}"


def _tokens(text: str) -> list[str]:
    text = text.strip()
    if len(text) > _LONGEST:
        raise ExpressionError(f"characters: {len(text):,}; at most: {_LONGEST:,}")
    tokens: list[str] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ExpressionError(f"expected: an expression; found: {text[position : position + 20]!r}")
        token = match.group().strip().lower()
        tokens.append(_SAME.get(token, token))
        position = match.end()
    return tokens


def _value(tokens: list[str], place: int, weakest: int, depth: int) -> tuple[float, int]:
    """The value of the tokens from ``place`` on that bind at least as strongly, and where they end."""
    value, place = _operand(tokens, place, depth)
    while place < len(tokens) and tokens[place] in _BINARY:
        strength, apply = _BINARY[tokens[place]]
        if strength < weakest:
            break
        right, place = _value(tokens, place + 1, strength + 1, depth + 1)
        value = apply(value, right)
    return value, place


def _operand(tokens: list[str], place: int, depth: int) -> tuple[float, int]:
    if place >= len(tokens) or depth > _DEEPEST:
        raise ExpressionError("expected: a number; found: the end" if depth <= _DEEPEST else "nested too deeply")
    found = tokens[place]
    if found == "(":
        value, place = _value(tokens, place + 1, 0, depth + 1)
        if place >= len(tokens) or tokens[place] != ")":
            raise ExpressionError("expected: a closing bracket")
        return value, place + 1
    if found in _UNARY:
        # A sign binds more strongly than a power, a function as strongly as one.
        value, place = _operand(tokens, place + 1, depth + 1)
        return float(_UNARY[found](value)), place
    if found in _CONSTANTS:
        return _CONSTANTS[found], place + 1
    if not found[0].isdigit() and found[0] != ".":
        raise ExpressionError(f"expected: a number; found: {found!r}")
    return float(found), place + 1
