"""What text-bearing templates show, given their arguments."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from hanmill.pipelines.extract.formulas.scripts import SUPERSCRIPT, raised
from hanmill.pipelines.extract.wikitext.countries import country_of
from hanmill.pipelines.extract.wikitext.language_names import WIKIS, label_of, label_separator
from hanmill.pipelines.extract.wikitext.marks import BASE, FORMULA, ITEM, READING_END, RUBY
from hanmill.pipelines.text.tsv import read_tsv

_NAMED = re.compile(r"\s*(\w[\w \-]{0,40}?)\s*=")


@dataclass(slots=True)
class Arguments:
    """Arguments of one template, already plain text: by position (1-based through ``get``) and by name.

    ``wiki`` is the language, or for Chinese the script variant, in which the template writes its own words.
    """

    wiki: str
    name: str
    positional: list[str]
    named: dict[str, str]

    def get(self, position: int) -> str:
        """The argument at a position, given there or by its number; empty where there is none."""
        if position <= len(self.positional):
            return self.positional[position - 1]
        return self.named.get(str(position), "")

    def first_of(self, *keys: int | str) -> str:
        """The first argument with text among positions and names."""
        for key in keys:
            text = self.get(key) if isinstance(key, int) else self.named.get(key, "")
            if text:
                return text
        return ""


#: What a template shows; None leaves it out.
Render = Callable[[Arguments], str | None]


def parse_arguments(wiki: str, name: str, parts: list[str]) -> Arguments:
    """Sorts the parts between the pipes. A number as name counts as a position."""
    positional: list[str] = []
    named: dict[str, str] = {}
    if len(parts) == 2 and "=" not in parts[0] + parts[1] and "\n" not in parts[0] + parts[1]:
        return Arguments(wiki, name, [parts[0].strip(), parts[1].strip()], named)
    for part in parts:
        if "=" in part and (match := _NAMED.match(part)):
            named[match.group(1)] = part[match.end() :].strip(" \t\n" if "\n*" not in part else " \t")
        else:
            positional.append(part.strip(" \t") if part[:1] == "\n" else part.strip())
    if named:
        while (text := named.get(str(len(positional) + 1))) is not None:
            positional.append(text)
    return Arguments(wiki, name, positional, named)


def reading_mark(surface: str, reading: str) -> str:
    """Surface text that carries a reading through the scanner."""
    if not surface or not reading or BASE in surface:
        return surface
    return f"{BASE}{surface}{RUBY}{reading}{READING_END}"


def shows(*keys: int | str) -> Render:
    """The first of these arguments that has text."""

    def render(arguments: Arguments) -> str | None:
        return arguments.first_of(*keys) or None

    return render


def constant(text: str) -> Render:
    """The same text whatever the arguments."""
    return lambda arguments: text


def unknown_value(arguments: Arguments) -> str:
    """A number that another page keeps, such as ``{{自治体人口}}``: the sentence cannot stand without it."""
    return FORMULA


def language_text(arguments: Arguments) -> str | None:
    """``{{lang|en|Tokyo}}``."""
    return arguments.first_of(2, "text", "2") or None


def language_label(arguments: Arguments) -> str | None:
    """``{{lang-en|Tokyo}}``: the language's name, then the words."""
    text = arguments.first_of(1, "text")
    code = arguments.name.partition("-")[2].removesuffix("-short")
    if code == "zh" and not arguments.named.keys().isdisjoint("stp"):
        return chinese_forms(arguments)
    if not text:
        return None
    label = label_of(code, arguments.wiki)
    if not label or arguments.first_of("label") == "none":
        return text
    return f"{label}{label_separator(arguments.wiki)}{text}"


def named_language(arguments: Arguments) -> str | None:
    """``{{LangWithName|fr|フランス語|Paris}}``."""
    label, text = arguments.get(2), arguments.get(3)
    if not text:
        return label or None
    return f"{label}{label_separator(arguments.wiki)}{text}" if label else text


def pronunciation(arguments: Arguments) -> str | None:
    """``{{IPA|bɛɐˈliːn}}``, or with a language code first."""
    first, second = arguments.get(1), arguments.get(2)
    if second and len(first) <= 3 and first.isascii() and first.isalpha():
        return second
    return first or None


def transcription(arguments: Arguments) -> str | None:
    """``{{IPA-de|bɛʁˈliːn}}``: in brackets, as the page shows it."""
    text = arguments.get(1)
    return f"[{text}]" if text else None


def ruby(arguments: Arguments) -> str | None:
    """``{{ruby|漢字|かんじ}}``: the surface, its reading kept beside it."""
    surface, reading = arguments.first_of(1, "base"), arguments.first_of(2, "text")
    return reading_mark(surface, reading) or None


def with_reading(arguments: Arguments) -> str | None:
    """``{{読み仮名|漢字|かんじ|補足}}``: 漢字（かんじ、補足）."""
    surface, reading, more = arguments.get(1), arguments.get(2), arguments.get(3)
    if not reading:
        return surface or None
    inside = f"{reading}、{more}" if more else reading
    return f"{reading_mark(surface, reading)}（{inside}）"


def nihongo(arguments: Arguments) -> str | None:
    """``{{nihongo|Tokyo Tower|東京タワー|Tōkyō tawā|extra}}``."""
    english, kanji, romaji, extra = (arguments.first_of(n, name) for n, name in zip(range(1, 5), _NIHONGO, strict=True))
    wide = arguments.wiki not in ("en", "ko") and arguments.wiki in WIKIS
    comma, form = ("，" if arguments.wiki != "ja" else "、", "{}（{}）") if wide else (", ", "{} ({})")
    inside = comma.join(part for part in (reading_mark(kanji, romaji), romaji, extra) if part)
    if not english:
        english, inside = reading_mark(kanji, romaji), comma.join(part for part in (romaji, extra) if part)
    return (form.format(english, inside) if inside else english) or None


_NIHONGO = ("english", "kanji", "romaji", "extra")


def chinese_forms(arguments: Arguments) -> str | None:
    """``{{zh|t=中國|s=中国|p=Zhōngguó}}``, ``{{lang-zh|中國|p=Zhōngguó}}``: every form with the name of its script."""
    pinyin = arguments.first_of("p", "hp", "pinyin", "py")
    named = {**arguments.named, "p": pinyin, "c": arguments.first_of("c", 1)}
    wiki = arguments.wiki
    parts: list[str] = []
    for key, label in _labels_of_forms(wiki).items():
        text = named.get(key, "")
        if text:
            shown = reading_mark(text, pinyin) if key in "cst" and not parts else text
            parts.append(f"{label}{label_separator(wiki)}{shown}")
    return ("；" if wiki.startswith("zh") else "; ").join(parts) or None


@cache
def _labels_of_forms(wiki: str) -> dict[str, str]:
    rows = list(read_tsv("hanmill.pipelines.extract.wikitext", "chinese_forms.tsv", 1 + len(WIKIS)))
    place = 1 + WIKIS.index(wiki if wiki in WIKIS else "en")
    return {row[0]: row[place] for row in rows}


_CONNECTORS = {
    "-": "–",
    "–": "–",
    "to": " to ",
    "and": " and ",
    "and(-)": " and ",
    "to(-)": " to ",
    "or(-)": " or ",
    "±": " ± ",
    "+/-": " ± ",
    "by": " by ",
    "x": " × ",
    "or": " or ",
    "～": "～",
}
_CONNECTORS_OF_WIKI = {
    "ja": {"to": "から", "and": "と", "or": "または"},
    "zh-hans": {"to": "至", "and": "和", "or": "或"},
    "zh-hant": {"to": "至", "and": "和", "or": "或"},
}
_UNITS = {"C": "°C", "F": "°F", "km2": "km²", "m2": "m²", "cm2": "cm²", "sqmi": "sq mi", "sqft": "sq ft", "sqkm": "km²"}
_UNITS |= {"m3": "m³", "km3": "km³", "cm3": "cm³", "impgal": "imp gal", "USgal": "US gal"}
_NUMBER = re.compile(r"[-+−]?[\d.,]+$")
#: A longer number is no quantity, and Python converts none of over 4,300 digits.
_MOST_DIGITS = 40


def quantity(arguments: Arguments) -> str | None:
    """``{{convert|5334|km|mi}}``: the quantity as given, without the conversion."""
    parts = arguments.positional
    shown = ""
    for place, part in enumerate(parts):
        if _NUMBER.match(part):
            shown += _grouped(part)
        elif part in _CONNECTORS and shown:
            shown += _CONNECTORS_OF_WIKI.get(arguments.wiki, _CONNECTORS).get(part) or _CONNECTORS[part]
        elif not shown:
            return None
        else:
            shown += f" {_UNITS.get(part, part)}"
            # Feet and inches: what follows is another quantity with its unit, and not how many digits to show.
            following = parts[place + 1 : place + 3]
            if len(following) < 2 or not _NUMBER.match(following[0]) or _NUMBER.match(following[1]):
                return shown
            shown += " "
    return shown or None


def _grouped(number: str) -> str:
    whole, point, rest = number.partition(".")
    digits = whole.lstrip("-+−")
    if digits.isdigit() and 4 < len(digits) <= _MOST_DIGITS:
        whole = whole[: len(whole) - len(digits)] + f"{int(digits):,}"
    return whole + point + rest


ISO_DATE = re.compile(r"(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?")


def date(arguments: Arguments) -> str | None:
    """``{{年月日|2019|4|1}}``."""
    units = ("年", "月", "日")
    parts = arguments.positional
    if not parts or not parts[0].isdigit():
        # One argument that is a date: in numbers (2019-04-01), or in words.
        written = ISO_DATE.fullmatch(arguments.get(1))
        if written is None:
            return arguments.get(1) or None
        parts = [str(int(part)) for part in written.groups() if part]
    return "".join(f"{part}{unit}" for part, unit in zip(parts, units, strict=False) if part)


def life_dates(arguments: Arguments) -> str | None:
    """``{{bd|1900年|1月1日|1980年|2月2日}}`` and ``{{BirthDeathAge||1900|1|1|1980|2|2}}`` of the Chinese wiki.

    In brackets; the scanner takes them away where the article has written its own.
    """
    if arguments.name.startswith("birthdeathage"):
        parts = [arguments.get(place) for place in range(2, 8)]
        dates = [f"{part}{unit}" if part.isdigit() else "" for part, unit in zip(parts, "年月日年月日", strict=True)]
        born, died = "".join(dates[:3]), "".join(dates[3:])
    else:
        born = arguments.get(1) + arguments.get(2)
        died = arguments.get(3) + arguments.get(4)
    return f"（{born}－{died}）" if born or died else None


def country(arguments: Arguments) -> str | None:
    """``{{JPN}}``: the name of the country; ``{{jpn|j=漢字}}``, ``{{kor|hangul=한국}}`` of the Chinese wiki: words."""
    return (
        arguments.first_of("name", "j", "hg", "kanji", "hangul", "k", "hanja")
        or country_of(arguments.name, arguments.wiki)
        or None
    )


def flag(arguments: Arguments) -> str | None:
    """``{{flag|JPN}}``, ``{{flag|フランス}}``: the country's name."""
    text = arguments.first_of("name", 1)
    return country_of(text.lower(), arguments.wiki) or text or None


def script(action: str) -> Render:
    """``{{sup|2}}``, ``{{sub|2}}``: raised or lowered where Unicode has the characters."""
    return lambda arguments: raised(arguments.get(1), action, "x") or None


def author_year(arguments: Arguments) -> str | None:
    """``{{harvtxt|山田|鈴木|2000}}``: 山田 & 鈴木 (2000), a citation that is part of its sentence."""
    *authors, year = arguments.positional or [""]
    if not authors or not all(authors):
        return None
    return f"{' & '.join(authors)} ({year})" if year else None


def value(arguments: Arguments) -> str | None:
    """``{{val|1.5|0.2|e=3|u=kg}}``: 1.5±0.2×10³ kg."""
    parts = [part for part in arguments.positional if part]
    if not parts:
        return None
    shown = "±".join(parts[:2])
    if power := arguments.first_of("e"):
        shown += f"×10{raised(power, SUPERSCRIPT, '10')}"
    unit = arguments.first_of("u", "ul")
    return f"{shown} {unit}" if unit else shown


_ACCENTS = frozenset({"lang", "pron", "also", "uk", "us", "rp", "local", "or"})


def phonemes(arguments: Arguments) -> str | None:
    """``{{IPAc-en|ˈ|l|ʌ|n|d|ən}}``: the phonemes in a row, between slashes."""
    shown = "".join(part.replace("_", " ") for part in arguments.positional if part.lower() not in _ACCENTS)
    return f"/{shown.strip()}/" if shown.strip() else None


def items(*keys: str) -> Render:
    """``{{ubl|甲|乙}}``: every argument on a line of its own. Lists given under a name are taken as they are."""

    def render(arguments: Arguments) -> str | None:
        named = arguments.first_of(*keys)
        parts = [named] if named else [part.strip("\n") for part in arguments.positional]
        shown = "".join(f"\n{ITEM}{part}" for part in parts if part)
        return f"\n{shown}\n\n" if shown else None

    return render


def fraction(arguments: Arguments) -> str | None:
    """``{{frac|1|2}}``: 1/2."""
    parts = [part for part in arguments.positional if part]
    if len(parts) == 3:
        return f"{parts[0]} {parts[1]}/{parts[2]}"
    if len(parts) == 2:
        return f"{parts[0]}/{parts[1]}"
    return f"1/{parts[0]}" if parts else None


def joined(separator: str) -> Render:
    """All positional arguments, joined."""

    def render(arguments: Arguments) -> str | None:
        return separator.join(part for part in arguments.positional if part) or None

    return render


def prefixed(prefix: str, *keys: int | str) -> Render:
    """A sign in front of an argument."""

    def render(arguments: Arguments) -> str | None:
        text = arguments.first_of(*keys)
        return prefix + text if text else None

    return render


def block(*keys: int | str) -> Render:
    """A quotation, a list in columns: its text on lines of its own."""

    def render(arguments: Arguments) -> str | None:
        text = arguments.first_of(*keys)
        return f"\n\n{text}\n\n" if text else None

    return render
