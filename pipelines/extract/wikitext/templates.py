"""Templates that carry text of the article: what each shows, by name and language.

A template that is not in these tables is left out and counted, so that the tables can grow. Names are compared in
lower case with spaces for underscores. Templates whose whole content is a note, a box or a picture are left out on
purpose and stand in no table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pipelines.extract.wikitext.language_names import label_of, label_separator
from pipelines.extract.wikitext.marks import BASE, READING_END, RUBY
from pipelines.extract.wikitext.words import words

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


def _shows(*keys: int | str) -> Render:
    """The first of these arguments that has text."""

    def render(arguments: Arguments) -> str | None:
        return arguments.first_of(*keys) or None

    return render


def _constant(text: str) -> Render:
    return lambda arguments: text


def _lang(arguments: Arguments) -> str | None:
    return arguments.first_of(2, "text", "2") or None


def _language_label(arguments: Arguments) -> str | None:
    """``{{lang-en|Tokyo}}``: the language's name, then the words."""
    text = arguments.first_of(1, "text")
    if not text:
        return None
    code = arguments.name.partition("-")[2].removesuffix("-short")
    label = label_of(code, arguments.wiki)
    if not label or arguments.first_of("label") == "none":
        return text
    return f"{label}{label_separator(arguments.wiki)}{text}"


def _named_language(arguments: Arguments) -> str | None:
    """``{{LangWithName|fr|フランス語|Paris}}``."""
    label, text = arguments.get(2), arguments.get(3)
    if not text:
        return label or None
    return f"{label}{label_separator(arguments.wiki)}{text}" if label else text


def _ipa(arguments: Arguments) -> str | None:
    first, second = arguments.get(1), arguments.get(2)
    if second and len(first) <= 3 and first.isascii() and first.isalpha():
        return second
    return first or None


def _transcription(arguments: Arguments) -> str | None:
    """``{{IPA-de|bɛʁˈliːn}}``: in brackets, as the page shows it."""
    text = arguments.get(1)
    return f"[{text}]" if text else None


def _ruby(arguments: Arguments) -> str | None:
    surface, reading = arguments.first_of(1, "base"), arguments.first_of(2, "text")
    return reading_mark(surface, reading) or None


def _reading(arguments: Arguments) -> str | None:
    """``{{読み仮名|漢字|かんじ|補足}}``: 漢字（かんじ、補足）."""
    surface, reading, more = arguments.get(1), arguments.get(2), arguments.get(3)
    if not reading:
        return surface or None
    inside = f"{reading}、{more}" if more else reading
    return f"{reading_mark(surface, reading)}（{inside}）"


def _nihongo(arguments: Arguments) -> str | None:
    """``{{nihongo|Tokyo Tower|東京タワー|Tōkyō tawā|extra}}``."""
    english, kanji, romaji, extra = (arguments.first_of(n, name) for n, name in zip(range(1, 5), _NIHONGO, strict=True))
    inside = ", ".join(part for part in (reading_mark(kanji, romaji), romaji, extra) if part)
    if not english:
        english, inside = reading_mark(kanji, romaji), ", ".join(part for part in (romaji, extra) if part)
    return (f"{english} ({inside})" if inside else english) or None


_NIHONGO = ("english", "kanji", "romaji", "extra")


def _zh_in_english(arguments: Arguments) -> str | None:
    """``{{zh|t=中國|s=中国|p=Zhōngguó}}`` of the English and other Latin wikis."""
    pinyin = arguments.first_of("p", "hp", "pinyin")
    parts: list[str] = []
    for key, label in (("c", "Chinese"), ("s", "simplified Chinese"), ("t", "traditional Chinese")):
        text = arguments.named.get(key, "")
        if text:
            parts.append(f"{label}: {reading_mark(text, pinyin)}" if not pinyin or not parts else f"{label}: {text}")
    for key, label in (("p", "pinyin"), ("w", "Wade–Giles"), ("j", "Jyutping"), ("l", "lit.")):
        text = pinyin if key == "p" else arguments.named.get(key, "")
        if text:
            parts.append(f"{label}: {text}")
    return "; ".join(parts) or arguments.get(1) or None


_CONNECTORS = {"-": "–", "–": "–", "to": " to ", "and": " and ", "by": " by ", "x": " × ", "or": " or ", "～": "～"}
_UNITS = {"C": "°C", "F": "°F", "km2": "km²", "m2": "m²", "cm2": "cm²", "sqmi": "sq mi", "sqft": "sq ft", "sqkm": "km²"}
_UNITS |= {"m3": "m³", "km3": "km³", "cm3": "cm³", "impgal": "imp gal", "USgal": "US gal"}
_NUMBER = re.compile(r"[-+−]?[\d.,]+$")


def _convert(arguments: Arguments) -> str | None:
    """``{{convert|5334|km|mi}}``: the quantity as given, without the conversion."""
    parts = arguments.positional
    shown = ""
    for part in parts:
        if _NUMBER.match(part):
            shown += _grouped(part)
        elif part in _CONNECTORS and shown:
            shown += _CONNECTORS[part]
        else:
            return f"{shown} {_UNITS.get(part, part)}" if shown else None
    return shown or None


def _grouped(number: str) -> str:
    whole, point, rest = number.partition(".")
    digits = whole.lstrip("-+−")
    if digits.isdigit() and len(digits) > 4:
        whole = whole[: len(whole) - len(digits)] + f"{int(digits):,}"
    return whole + point + rest


def _date(arguments: Arguments) -> str | None:
    """``{{年月日|2019|4|1}}``."""
    units = ("年", "月", "日")
    shown = "".join(f"{part}{unit}" for part, unit in zip(arguments.positional, units, strict=False) if part)
    return shown or None


def _life_dates(arguments: Arguments) -> str | None:
    """``{{bd|1900年|1月1日|1980年|2月2日}}`` of the Chinese wiki."""
    born = arguments.get(1) + arguments.get(2)
    died = arguments.get(3) + arguments.get(4)
    return f"（{born}－{died}）" if born or died else None


def _fraction(arguments: Arguments) -> str | None:
    parts = [part for part in arguments.positional if part]
    if len(parts) == 3:
        return f"{parts[0]} {parts[1]}/{parts[2]}"
    if len(parts) == 2:
        return f"{parts[0]}/{parts[1]}"
    return f"1/{parts[0]}" if parts else None


def _joined(separator: str) -> Render:
    def render(arguments: Arguments) -> str | None:
        return separator.join(part for part in arguments.positional if part) or None

    return render


def _prefixed(prefix: str, *keys: int | str) -> Render:
    def render(arguments: Arguments) -> str | None:
        text = arguments.first_of(*keys)
        return prefix + text if text else None

    return render


def _block(*keys: int | str) -> Render:
    """A quotation, a list in columns: its text on lines of its own."""

    def render(arguments: Arguments) -> str | None:
        text = arguments.first_of(*keys)
        return f"\n\n{text}\n\n" if text else None

    return render


def _table(*rows: tuple[Render, str]) -> dict[str, Render]:
    """Names separated by a space; a space inside a name is written as an underscore."""
    return {name: render for render, names in rows for name in words(names.lower())}


_ANY = _table(
    (
        _shows(1, "text", "content"),
        """nowrap nobr nobreak small smaller big larger large resize_text unicode polytonic iast
         script math mvar var em strong bold italic italics center
        noitalic not_a_typo typo keypress key kbd samp code tt mono serif sans-serif
        visible_anchor vanchor font colored smallcaps sc sc2 sclc underline
        strikethrough s strike del ins nihongo2 jbo hebrew nastaliq script/hebrew
        script/arabic script/nastaliq script/gothic allow_wrap wrap no_wrap nonbreaking nsmdns lower bigmath
        flag flagcountry country flagu langr
        tooltip tip angbr angle_bracket """,
    ),
    (_lang, "lang rtl-lang rtl_lang tlang transl transliteration color colour fontcolor"),
    (_named_language, "langwithname rtl-langwithname lang_with_name"),
    (_ipa, "ipa ipa2 ipa3 api"),
    (_ruby, "ruby ruby-ja ruby-zh-p ruby-zh-b ruby-py furigana"),
    (_nihongo, "nihongo nihongo_foot nihongo3 nihongo_title"),
    (_shows(1), "abbr hover_title as_written sic wiktionary_link linktext hiddenref sm pinyin 1x echo"),
    (_shows(2), "fontsize font_size wikt-lang wt"),
    (_shows("lt", "label", "text", 1), "ill ill2 interlanguage_link interlanguage_link_multi illm red_link_with"),
    (_zh_in_english, "zh"),
    (_convert, "convert cvt converter 変換"),
    (_fraction, "frac fraction sfrac 分数"),
    (
        _block(1, "text", "quote", "content", "引用"),
        "quote blockquote cquote quotation quote_box2 rquote bquote poemquote",
    ),
    (_block(2, 1, "content", "list"), "columns-list columnslist column-list columns columnlist"),
    (_block(1, "content", "list"), "plainlist plain_list flatlist unbulleted_list ubl hlist indent block_indent"),
    (_joined(" "), "chem chem2 simplenuclide"),
    (_prefixed("×10^", 1), "e"),
    (_prefixed("c. ", 1), "circa c."),
    (_prefixed("As of ", 1), "as_of asof"),
    (_prefixed("fl. ", 1), "floruit fl."),
    (_constant(" "), "nbsp spaces space pad sp"),
    (_constant(" – "), "spaced_ndash snd spnd spaced_en_dash ndash_spaced"),
    (_constant("–"), "ndash endash en_dash"),
    (_constant("—"), "mdash emdash em_dash dash"),
    (_constant("·"), "· middot dot"),
    (_constant("•"), "• bull bullet"),
    (_constant("・"), "・"),
    (_constant("("), "("),
    (_constant(")"), ")"),
    (_constant("="), "="),
    (_constant("|"), "! pipe"),
    (_constant("'"), "' apostrophe"),
    (_constant("π"), "pi"),
    (_constant("♯"), "music_sharp sharp"),
    (_constant("♭"), "flat"),
)

_JA = _table(
    (_shows("label", 1), "仮リンク 仮link 日本語版にない記事リンク"),
    (_shows(3, 2), "interlang"),
    (_ruby, "ルビ ふりがな 振り仮名 振仮名 rubyj"),
    (_reading, "読み仮名 読みがな 読み仮名_ruby不使用 読み"),
    (
        _shows(1, "1", "text"),
        """補助漢字フォント jis2004フォント cp932フォント jis90フォント 拡張漢字 unicodeフォント 記号文字
        特殊文字フォント
        要出典範囲 要検証範囲 誰範囲 誰範囲2 いつ範囲 どこ範囲 要説明範囲 要追加記述範囲 独自研究範囲 縦書き
        en fr de es it la el pt ru nl kana 太字 斜体 下線 取消線 打消線 小 大 中央 傍点 圏点 強調 ウィキリンク 色
        国旗 国旗リンク フォント 全角 下付き 上付き big_text 右 表外漢字 旧字体 異体字""",
    ),
    (_shows(2), "フォントサイズ 文字色 背景色 llang"),
    (_date, "年月 年月日 和暦 日付"),
    (_block(1, "quote", "text"), "引用 quote2 indent インデント 字下げ 枠 centre"),
    (_shows(2, 1), "small_caps"),
)

_LINK_HELPER = _shows("d", "display", 3, 1)
_ZH = _table(
    (
        _LINK_HELPER,
        """le lj lf lg lk ls li lr lv lp link-interwiki internal_link_helper le2 liw1 tranzh """,
    ),
    (_shows(4, 3, 2), "tsl translink translation_link liw"),
    (_shows("lt", "d", "zh", 1), "ilh interlanguage_link_helper 跨语言链接 跨語言連結"),
    (_reading, "读音 讀音"),
    (_ruby, "注音 拼音标注 ruby-zh 標註 rb"),
    (
        _shows(1),
        """僻字 生僻字 罕用字 补充汉字 缺字 拼音 汉语拼音 漢語拼音 粤拼 注音符号 来源请求范围 黑体 楷体 粗體 粗体
        斜體 斜体 小字 大字 居中 置中 着重号 nowrap2 國旗 国旗 通用規範漢字 字體 lang-hans lang-hant 繁體 简体 nobold
        來源請求範圍 bo 反白 不换行 sl""",
    ),
    (_life_dates, "bd bd2"),
    (_date, "年月日 日期"),
    (_prefixed("¥", 1), "cny rmb jpy ¥"),
    (_prefixed("NT$", 1), "nt$ ntd twd"),
    (_prefixed("HK$", 1), "hk$ hkd"),
    (_prefixed("US$", 1), "us$ usd"),
    (_block(1, "text", "quote"), "引用 引文 cquote2 quote_zh 古文 文言 诗歌 詩歌 poem"),
)

_KO = _table(
    (_shows(3, 2), "llang"),
    (_shows(1), "한자 작게 크게 굵게 기울임 국기나라 국기 옛한글 첫가끝 nowrap2 위첨자 아래첨자"),
    (_shows(2), "언어 글자색 글씨색"),
    (_ruby, "루비"),
    (_shows(1), "임시링크 번역링크"),
    (_block(1), "인용문 인용"),
)

_DE = _table(
    (_shows(1), 'ens frs jas zhs its ess las grs rus kos pls nls svs dks nos tus ars hes " nowrap2'),
    (_block("text", 1), "zitat zitat-en zitat-fr zitat-la"),
    (_shows(1), "höhe"),
)

_ES = _table(
    (_shows(1), "esd nobr versalita versalitas bandera2 small2 cursiva"),
    (_joined(" "), "unidad unit"),
    (_block(1), "cita cita_blocktext"),
)

_NL = _table((_block(1), "citaat cquote2"), (_shows(1), "ipa-nl"))

_EN = _table(
    (_shows(2), "langx"),
    (_shows(1), "angbr ship flagg nihongo_core"),
    (_shows(2, 1), "uss hms hmas ss mv rms"),
    (_block("text", 1, "quote"), "quote_box"),
)

_BY_LANGUAGE: Mapping[str, Mapping[str, Render]] = {
    "ja": _JA,
    "zh": _ZH,
    "ko": _KO,
    "de": _DE,
    "es": _ES,
    "nl": _NL,
    "en": _EN,
}
_SHARED = {"yue": "zh", "lzh": "zh", "wuu": "zh", "gan": "zh", "hak": "zh", "nan": "zh", "cdo": "zh"}

# {{lang-de|…}}, {{IPA-fr|…}}, {{link-en|…}}: families named after a language code.
_LANGUAGE_FAMILY = re.compile(
    r"(lang|ipa|link|internal link helper/|ilh)[-/]?([a-z]{2,3}(?:-[a-z0-9]{2,8})*)(?:-short)?$"
)


@lru_cache(maxsize=16384)
def lookup(name: str, language: str) -> Render | None:
    """What shows the template called ``name`` (lower case), or None where it is left out."""
    base = _SHARED.get(language, language)
    render = _BY_LANGUAGE.get(base, {}).get(name) or _ANY.get(name)
    if render is not None:
        return render
    family = _LANGUAGE_FAMILY.match(name)
    if family is None:
        return None
    kind = family.group(1)
    if kind == "lang":
        return _language_label if "-" in name else None
    if kind == "ipa":
        return _transcription if "-" in name else None
    return _LINK_HELPER if "-" in name or "/" in name else None
