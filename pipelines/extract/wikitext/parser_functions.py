"""Parser functions in the text of a page: ``{{#if:…}}``, ``{{#switch:…}}``, ``{{#expr:…}}`` on literal text.

Source: mediawiki.org "Help:Extension:ParserFunctions". What depends on something that is not on the page (a template
left out, the date, another page) has no value here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hanmill.pipelines.extract.wikitext.expression import ExpressionError, evaluate
from hanmill.pipelines.extract.wikitext.marks import DROPPED, ITEM

_DEFAULT = "#default"


def is_parser_function(name: str) -> bool:
    """Whether ``{{name…}}`` calls a function known here. ``name`` is in lower case.

    >>> is_parser_function("#if: 値 "), is_parser_function("#invoke:date"), is_parser_function("猫")
    (True, False, False)
    """
    return name[:1] == "#" and name.partition(":")[0].strip() in _FUNCTIONS


def call(head: str, arguments: Sequence[str]) -> str | None:
    """What ``{{head|argument|…}}`` shows; None where that cannot be told. ``head`` holds the first argument.

    >>> call("#if: 値 ", ["はい", "いいえ"]), call("#if:", ["はい", "いいえ"]), call("#switch: b", ["a=甲", "b = 乙"])
    ('はい', 'いいえ', '乙')
    """
    name, _, first = head.partition(":")
    if DROPPED in first:
        return None
    shown = _FUNCTIONS[name.strip().lower()](first.strip(), arguments)
    if shown is None:
        return None
    shown = shown.strip()
    return f"\n{shown}" if shown[:1] == ITEM else shown


def _at(arguments: Sequence[str], index: int) -> str:
    return arguments[index] if index < len(arguments) else ""


def _if(condition: str, arguments: Sequence[str]) -> str | None:
    return _at(arguments, 0 if condition else 1)


def _if_equal(left: str, arguments: Sequence[str]) -> str | None:
    right = _at(arguments, 0).strip()
    return None if DROPPED in right else _at(arguments, 1 if _equal(left, right) else 2)


def _equal(left: str, right: str) -> bool:
    if left == right:
        return True
    try:
        return float(left) == float(right)
    except ValueError:
        return False


def _if_expression(condition: str, arguments: Sequence[str]) -> str | None:
    value = _expression(condition, ())
    return None if value is None else _at(arguments, 0 if value not in ("", "0") else 1)


def _expression(text: str, arguments: Sequence[str]) -> str | None:
    try:
        return evaluate(text)
    except ExpressionError:
        return None


def _if_error(test: str, arguments: Sequence[str]) -> str | None:
    return arguments[1] if len(arguments) > 1 else test


def _switch(value: str, arguments: Sequence[str]) -> str | None:
    matched = fallback_follows = False
    fallback = ""
    for index, argument in enumerate(arguments):
        case, equals, result = argument.partition("=")
        case = case.strip()
        if DROPPED in case:
            return None
        if not equals:
            if index == len(arguments) - 1:
                return argument if not matched else case
            matched = matched or _equal(value, case)
            fallback_follows = fallback_follows or case == _DEFAULT
        elif matched or _equal(value, case):
            return result
        elif case == _DEFAULT or fallback_follows:
            fallback, fallback_follows = result, False
    return fallback


_FUNCTIONS: dict[str, Callable[[str, Sequence[str]], str | None]] = {
    "#if": _if,
    "#ifeq": _if_equal,
    "#ifexpr": _if_expression,
    "#iferror": _if_error,
    "#switch": _switch,
    "#expr": _expression,
    "#formatdate": lambda date, arguments: date,
    "#dateformat": lambda date, arguments: date,
}
