"""Templates that count or compute: ages, dates, eras, numbers, chemistry. What depends on today shows nothing."""

from __future__ import annotations

import calendar
import re
from datetime import date

from hanmill.pipelines.extract.formulas.plain import chemical_words
from hanmill.pipelines.extract.formulas.scripts import SUBSCRIPT, SUPERSCRIPT, raised
from hanmill.pipelines.extract.wikitext.language_names import label_of, label_separator
from hanmill.pipelines.extract.wikitext.marks import ITEM
from hanmill.pipelines.extract.wikitext.numbers import grouped
from hanmill.pipelines.extract.wikitext.template_text import ISO_DATE, Arguments, Render

_MONTHS = tuple(calendar.month_name)[1:]
_NUMBER = re.compile(r"\d{1,4}")
#: First days of the eras of Japan since the calendar is the Gregorian one.
_ERAS = (
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
    (date(1868, 10, 23), "明治"),
)
#: What the wikis write behind an age at death.
_DIED_AGED = {"ja": "（{}歳没）", "zh-hans": "（{}岁）", "zh-hant": "（{}歲）", "ko": " ({}세)"}


def _numbers(arguments: Arguments) -> list[int]:
    """The leading arguments that are numbers, up to six of them."""
    found = []
    for argument in arguments.positional[:6]:
        if not _NUMBER.fullmatch(argument):
            break
        found.append(int(argument))
    return found


def _dates(numbers: list[int]) -> tuple[date, date] | None:
    """Two dates, by year, month and day or by the year alone; None where they are none."""
    try:
        if len(numbers) == 6:
            return date(*numbers[:3]), date(*numbers[3:])
        if len(numbers) == 2 and min(numbers) > 0:
            return date(numbers[0], 1, 1), date(numbers[1], 1, 1)
    except (ValueError, TypeError):
        return None
    return None


def _years(born: date, later: date) -> int:
    return later.year - born.year - ((later.month, later.day) < (born.month, born.day))


def age(arguments: Arguments) -> str | None:
    """``{{age|1980|1|1|2010|1|1}}``: 30. With one date alone it depends on today."""
    dates = _dates(_numbers(arguments))
    return str(_years(*dates)) if dates else None


def days(arguments: Arguments) -> str | None:
    """``{{age in days|2010|1|1|2010|1|31}}``: 30."""
    dates = _dates(_numbers(arguments))
    return str((dates[1] - dates[0]).days) if dates else None


def age_at_death(arguments: Arguments) -> str | None:
    """``{{没年齢|1867|2|9|1916|12|9}}``: （49歳没）."""
    dates = _dates(_numbers(arguments))
    return _DIED_AGED.get(arguments.wiki, " (aged {})").format(_years(*dates)).strip() if dates else None


def _written(numbers: list[int], arguments: Arguments) -> str:
    year, *rest = numbers
    if not 0 < len(rest) < 3 or not 1 <= rest[0] <= 12:
        return f"{year}{_unit('年', arguments)}"
    if arguments.wiki == "ko":
        return " ".join(f"{number}{unit}" for number, unit in zip(numbers, ("년", "월", "일"), strict=False))
    if arguments.wiki in ("ja", "zh-hans", "zh-hant"):
        return "".join(f"{number}{unit}" for number, unit in zip(numbers, ("年", "月", "日"), strict=False))
    month = _MONTHS[rest[0] - 1]
    if len(rest) == 1:
        return f"{month} {year}"
    if arguments.named.get("df", "").lower() in ("y", "yes", "1"):
        return f"{rest[1]} {month} {year}"
    return f"{month} {rest[1]}, {year}"


def _unit(unit: str, arguments: Arguments) -> str:
    return {"ja": unit, "zh-hans": unit, "zh-hant": unit, "ko": "년"}.get(arguments.wiki, "")


def date_of(arguments: Arguments) -> str | None:
    """``{{birth date and age|1980|1|1}}``: the date, in words of the wiki; the age of the living is left out."""
    numbers = _numbers(arguments)[:3]
    if not numbers and (written := ISO_DATE.fullmatch(arguments.get(1))):
        numbers = [int(part) for part in written.groups() if part]
    if numbers:
        return _written(numbers, arguments)
    return arguments.get(1) or None


def date_and_age(arguments: Arguments) -> str | None:
    """``{{death date and age|1916|12|9|1867|2|9}}``: the later date, and the age of who was born on the earlier."""
    numbers = _numbers(arguments)
    if len(numbers) < 3:
        return date_of(arguments)
    dates = _dates(numbers) if len(numbers) == 6 else None
    if dates is None:
        return _written(numbers[:3], arguments)
    # The Japanese wiki has the birth first, the others the death.
    born, died = sorted(dates)
    told = _DIED_AGED.get(arguments.wiki, " (aged {})").format(_years(born, died))
    return _written([died.year, died.month, died.day], arguments) + told


def japanese_era(arguments: Arguments) -> str | None:
    """``{{和暦|2009}}``: 平成21年; with month and day, the day too."""
    numbers = _numbers(arguments)[:3]
    if not numbers:
        return None
    year, month, day = [*numbers, 12, 31][:3] if len(numbers) == 1 else [*numbers, 1][:3]
    try:
        wanted = date(year, month, day)
    except ValueError:
        return None
    era = next(((start, name) for start, name in _ERAS if wanted >= start), None)
    if era is None:
        return None
    count = year - era[0].year + 1
    shown = f"{era[1]}{'元' if count == 1 else count}年"
    return shown + "".join(f"{number}{unit}" for number, unit in zip(numbers[1:], ("月", "日"), strict=False))


def grouped_number(*keys: int | str) -> Render:
    """``{{nts|1234567}}``: 1,234,567, with the wiki's separators."""

    def render(arguments: Arguments) -> str | None:
        return grouped(arguments.first_of(*keys), arguments.wiki) or None

    return render


def language_template(arguments: Arguments) -> str | None:
    """``{{langx|ja|東京}}``: the language's name, then the words."""
    code, text = arguments.first_of(1, "code"), arguments.first_of(2, "text")
    if not text:
        return None
    label = arguments.named.get("label", "") or label_of(code.lower(), arguments.wiki)
    more = [f"“{meaning}”" for meaning in (arguments.first_of(4, "lit", "translation"),) if meaning]
    romanised = arguments.first_of(3, "translit")
    inside = ", ".join(part for part in (text, romanised if romanised not in ("-", text) else "", *more) if part)
    return inside if not label or label == "none" else f"{label}{label_separator(arguments.wiki)}{inside}"


def transliterated(arguments: Arguments) -> str | None:
    """``{{transl|ja|Hepburn|Tōkyō}}``, with or without the system of romanisation."""
    return arguments.first_of(3, 2, 1) or None


def inline_items(*keys: str) -> Render:
    """``{{hlist|甲|乙}}``: 甲 · 乙, in the line in which the template stands."""

    def render(arguments: Arguments) -> str | None:
        named = arguments.first_of(*keys)
        parts = [named] if named else arguments.positional
        items = [item.strip(" \t\n*·") for part in parts for item in part.replace("\n*", ITEM).split(ITEM)]
        return " · ".join(item for item in items if item) or None

    return render


_CHARGE = re.compile(r"\d*[+\-−–]")


def chemistry(arguments: Arguments) -> str | None:
    """``{{chem|SO|4|2-}}``: SO₄²⁻. Numbers are lowered, charges raised."""
    shown = ""
    for part in arguments.positional:
        if part.isdigit() or part in ("n", "x", "m"):
            shown += raised(part, SUBSCRIPT if shown else SUPERSCRIPT, shown or "X")
        elif _CHARGE.fullmatch(part):
            shown += raised(part, SUPERSCRIPT, shown)
        else:
            shown += part
    return shown or None


def chemical(arguments: Arguments) -> str | None:
    """``{{chem2|SO4(2-)}}``: SO₄²⁻."""
    formula = re.sub(r"\((\d*[+\-−–])\)", r"^{\1}", arguments.get(1))
    return chemical_words(formula) or None


def power_of_ten(arguments: Arguments) -> str | None:
    """``{{e|8}}``: ×10⁸."""
    power = arguments.get(1)
    return f"×10{raised(power, SUPERSCRIPT, '10')}" if power else None


def wrapped(before: str, behind: str) -> Render:
    """Signs around an argument."""

    def render(arguments: Arguments) -> str | None:
        text = arguments.first_of(1, "text")
        return f"{before}{text}{behind}" if text else None

    return render


def root(arguments: Arguments) -> str | None:
    """``{{radic|2|3}}``: ³√2."""
    base, index = arguments.get(1), arguments.get(2)
    return f"{raised(index, SUPERSCRIPT, 'x') if index else ''}√{base}" if base else None


def nuclide(arguments: Arguments) -> str | None:
    """``{{nuclide|U|235}}``: ²³⁵U; ``{{nuclide2|uranium|235}}``: uranium-235."""
    name, mass = arguments.get(1), arguments.get(2)
    if not name or not mass:
        return name or None
    return f"{raised(mass, SUPERSCRIPT, 'X')}{name}" if len(name) <= 2 else f"{name}-{mass}"


_MUSIC = {"flat": "♭", "sharp": "♯", "natural": "♮", "b": "♭", "#": "♯", "doubleflat": "𝄫", "doublesharp": "𝄪"}


def musical(arguments: Arguments) -> str | None:
    """``{{music|flat}}``: ♭."""
    return _MUSIC.get(arguments.get(1), arguments.get(2) or None)


_SLOT = re.compile(r"\{(\w+)\}")


def pattern(form: str) -> Render:
    """Text with arguments in it: ``合衆国法典第{1}編第{2}条``; nothing where one of them is missing."""
    keys = [int(key) if key.isdigit() else key for key in _SLOT.findall(form)]

    def render(arguments: Arguments) -> str | None:
        values = iter([arguments.first_of(key) for key in keys])
        if not all(arguments.first_of(key) for key in keys):
            return None
        return _SLOT.sub(lambda slot: next(values), form)

    return render
