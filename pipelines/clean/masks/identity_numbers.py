"""Numbers of identity cards, bank cards and passports, by their check digits and the words before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from hanmill.pipelines.clean.masks.context import line_around, words
from hanmill.pipelines.clean.masks.places import Kind, Place

_BEFORE, _AFTER = r"(?<![0-9A-Za-z_.])", r"(?![0-9A-Za-z_]|[-.][0-9])"
#: GB 11643-1999: place, date of birth, number, check digit.
_MAINLAND = re.compile(
    rf"{_BEFORE}(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])[0-9]{{4}}(?P<birth>(?:18|19|20)[0-9]{{6}})"
    rf"[0-9]{{3}}[0-9Xx]{_AFTER}"
)
_MAINLAND_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_MAINLAND_CHECKS = "10X98765432"
_TAIWAN = re.compile(rf"{_BEFORE}[A-Za-z][1289][0-9]{{8}}{_AFTER}")
#: Values of the letters A to Z in the Taiwanese number.
_TAIWAN_LETTERS = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))
_HONG_KONG = re.compile(rf"{_BEFORE}[A-Z]{{1,2}}[0-9]{{6}}\([0-9A]\)(?![0-9A-Za-z])")
_MY_NUMBER = re.compile(rf"{_BEFORE}[0-9]{{4}}([ -]?)[0-9]{{4}}\1[0-9]{{4}}{_AFTER}")
_KOREA = re.compile(rf"{_BEFORE}(?P<birth>[0-9]{{6}})-[1-8][0-9]{{6}}{_AFTER}")
_BANK_CARD = re.compile(
    rf"{_BEFORE}(?:(?:4|5[1-5]|2[2-7]|35|62|6011|65|81|9)[0-9]{{0,3}}(?:[ -]?[0-9]{{4}}){{2,3}}[ -]?[0-9]{{1,7}}"
    rf"|3[47][0-9]{{2}}[ -]?[0-9]{{6}}[ -]?[0-9]{{5}}){_AFTER}"
)
_CARD_DIGITS = range(13, 20)
_PASSPORT = re.compile(rf"{_BEFORE}(?:[A-Z]{{1,2}}[0-9]{{7,8}}|[A-Z][0-9]{{2}}[A-Z][0-9]{{5}}|[0-9]{{9}}){_AFTER}")


def find_identity_cards(text: str) -> Iterator[Place]:
    """Resident identity cards of the mainland, Taiwan, Hong Kong, My Number of Japan, resident numbers of Korea.

    >>> list(find_identity_cards("身份证号 11010519491231002X"))
    [Place(start=5, end=23, kind='identity_card')]
    """
    for match in _MAINLAND.finditer(text):
        if is_mainland_number(match[0]) and _speaks(text, match, "identity_card") >= 0:
            yield Place(match.start(), match.end(), "identity_card")
    for match in _TAIWAN.finditer(text):
        if is_taiwan_number(match[0]) and _speaks(text, match, "identity_card") >= 0:
            yield Place(match.start(), match.end(), "identity_card")
    for match in _HONG_KONG.finditer(text):
        if is_hong_kong_number(match[0]) and _speaks(text, match, "identity_card") >= 0:
            yield Place(match.start(), match.end(), "identity_card")
    # Of twelve digits every eleventh number has the right check digit, and six digits are soon a date.
    for match in _MY_NUMBER.finditer(text):
        if is_my_number(match[0]) and _speaks(text, match, "identity_card") > 0:
            yield Place(match.start(), match.end(), "identity_card")
    for match in _KOREA.finditer(text):
        if _is_date(f"20{match['birth']}") and _speaks(text, match, "identity_card") > 0:
            yield Place(match.start(), match.end(), "identity_card")


def find_bank_cards(text: str) -> Iterator[Place]:
    """Numbers of bank cards: the prefixes of the networks, Luhn's check digit, and a word that says so."""
    for match in _BANK_CARD.finditer(text):
        digits = "".join(filter(str.isdigit, match[0]))
        if len(digits) in _CARD_DIGITS and is_luhn(digits) and _speaks(text, match, "bank_card") > 0:
            yield Place(match.start(), match.end(), "bank_card")


def find_passports(text: str) -> Iterator[Place]:
    """Numbers in the form of a passport's behind a word that says so; they have no check digit of their own."""
    for match in _PASSPORT.finditer(text):
        before, _ = line_around(text, match.start(), match.end())
        if words("passport", "before").touches(before) > 0:
            yield Place(match.start(), match.end(), "passport")


def is_mainland_number(written: str) -> bool:
    """Whether 18 characters are a resident identity number: a date of birth and the check digit of ISO 7064 11-2."""
    total = sum(int(digit) * weight for digit, weight in zip(written, _MAINLAND_WEIGHTS, strict=False))
    return _is_date(written[6:14]) and _MAINLAND_CHECKS[total % 11] == written[17].upper()


def is_taiwan_number(written: str) -> bool:
    """Whether a letter and nine digits are a national identity or resident number."""
    letter = _TAIWAN_LETTERS[written[0].upper()]
    total = letter // 10 + letter % 10 * 9
    total += sum(int(digit) * weight for digit, weight in zip(written[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True))
    return total % 10 == 0


def is_hong_kong_number(written: str) -> bool:
    """Whether letters, six digits and a check digit in brackets are an identity card number."""
    body, check = written[:-3], written[-2]
    values = [36] * (8 - len(body)) + [ord(c) - 55 if c.isalpha() else int(c) for c in body]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return (total + (10 if check == "A" else int(check))) % 11 == 0


def is_my_number(written: str) -> bool:
    """Whether twelve digits are an individual number (ordinance 85 of 2014, article 5)."""
    digits = [int(character) for character in written if character.isdigit()]
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=False)) % 11
    return digits[11] == (0 if rest <= 1 else 11 - rest)


def is_luhn(digits: str) -> bool:
    """Whether the last digit is Luhn's check digit (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _is_date(written: str) -> bool:
    try:
        return date(int(written[:4]), int(written[4:6]), int(written[6:8])) is not None
    except ValueError:
        return False


def _speaks(text: str, match: re.Match[str], kind: Kind) -> float:
    before, after = line_around(text, match.start(), match.end())
    return words(kind, "before").weigh(before) + words(kind, "after").touches(after)
