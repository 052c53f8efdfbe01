"""Templates that carry text of the article, by name and language.

A template that is not in these tables is left out and counted, so that the tables can grow. Names are compared in
lower case with spaces for underscores. Templates whose whole content is a note, a box or a picture are left out on
purpose and stand in no table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from pipelines.extract.formulas.scripts import SUBSCRIPT, SUPERSCRIPT
from pipelines.extract.wikitext.countries import COUNTRY_CODES
from pipelines.extract.wikitext.template_text import (
    Render,
    author_year,
    block,
    constant,
    country,
    date,
    flag,
    fraction,
    items,
    joined,
    language_label,
    language_text,
    life_dates,
    named_language,
    nihongo,
    phonemes,
    prefixed,
    pronunciation,
    quantity,
    ruby,
    script,
    shows,
    transcription,
    value,
    with_reading,
    zh_in_english,
)
from pipelines.extract.wikitext.words import words


def _table(*rows: tuple[Render, str]) -> dict[str, Render]:
    """Names separated by a space; a space inside a name is written as an underscore."""
    return {name: render for render, names in rows for name in words(names.lower())}


_ANY = _table(
    (
        shows(1, "text", "content"),
        """nowrap nobr nobreak small smaller big larger large resize_text unicode polytonic iast script math mvar var
        em strong bold italic italics center noitalic not_a_typo typo keypress key kbd samp code tt mono serif
        sans-serif visible_anchor vanchor font colored smallcaps sc sc2 sclc underline strikethrough s strike del ins
        nihongo2 jbo hebrew nastaliq script/hebrew script/arabic script/nastaliq script/gothic allow_wrap wrap no_wrap
        nonbreaking lower bigmath langr tooltip tip angbr angle_bracket red blue green black gray grey orange purple
        pdflink railgauge overline oset legend_text""",
    ),
    (flag, "flag flagcountry country flagu flagcountry2 flag2 flagdeco"),
    (script(SUPERSCRIPT), "sup"),
    (script(SUBSCRIPT), "sub"),
    (author_year, "harvtxt harvcoltxt harvtxt2"),
    (value, "val"),
    (phonemes, "ipac-en ipac-pl ipac-cmn ipac-ga"),
    (joined("-"), "respell"),
    (joined(""), "gaps"),
    (language_text, "lang rtl-lang rtl_lang tlang transl transliteration color colour fontcolor"),
    (named_language, "langwithname rtl-langwithname lang_with_name"),
    (pronunciation, "ipa ipa2 ipa3 api"),
    (ruby, "ruby ruby-ja ruby-zh-p ruby-zh-b ruby-py furigana"),
    (nihongo, "nihongo nihongo_foot nihongo3 nihongo_title"),
    (shows(1), "abbr hover_title as_written sic wiktionary_link linktext hiddenref sm pinyin 1x echo"),
    (shows(2, 1), "fontsize font_size resize"),
    (shows(2), "wikt-lang wt colored background_color"),
    (shows(1), "ipalink ipa_link"),
    (transcription, "ipablink"),
    (shows("lt", "label", "text", 1), "ill ill2 interlanguage_link interlanguage_link_multi illm red_link_with"),
    (zh_in_english, "zh"),
    (quantity, "convert cvt converter 変換"),
    (fraction, "frac fraction sfrac 分数"),
    (
        block(1, "text", "quote", "content", "引用"),
        "quote blockquote cquote quotation quote_box2 rquote bquote poemquote",
    ),
    (block(2), "legend legend0 legend2 legend-line"),
    (block(2, 1, "content", "list"), "columns-list columnslist column-list columns columnlist"),
    (items("content", "list"), "plainlist plain_list flatlist unbulleted_list ubl hlist"),
    (block(1, "content", "list"), "indent block_indent"),
    (joined(""), "chem chem2"),
    (prefixed("×10^", 1), "e"),
    (prefixed("c. ", 1), "circa c."),
    (prefixed("As of ", 1), "as_of asof"),
    (prefixed("fl. ", 1), "floruit fl."),
    (constant(" "), "nbsp spaces space pad sp"),
    (constant(" – "), "spaced_ndash snd spnd spaced_en_dash ndash_spaced"),
    (constant("–"), "ndash endash en_dash"),
    (constant("—"), "mdash emdash em_dash dash mdashb"),
    (constant("'s"), "'s"),
    (prefixed("€", 1), "€ eur"),
    (prefixed("£", 1), "£ gbp"),
    (prefixed("$", 1), "$ usd"),
    (constant("·"), "· middot dot"),
    (constant("•"), "• bull bullet"),
    (constant("・"), "・"),
    (constant("("), "("),
    (constant(")"), ")"),
    (constant("="), "="),
    (constant("|"), "! pipe"),
    (constant("'"), "' apostrophe"),
    (constant("π"), "pi"),
    (constant("♯"), "music_sharp sharp"),
    (constant("♭"), "flat"),
)

_JA = _table(
    (shows("label", 1), "仮リンク 仮link 日本語版にない記事リンク"),
    (shows(3, 2), "interlang"),
    (ruby, "ルビ ふりがな 振り仮名 振仮名 rubyj"),
    (with_reading, "読み仮名 読みがな 読み仮名_ruby不使用 読み"),
    (
        shows(1, "1", "text"),
        """補助漢字フォント jis2004フォント cp932フォント jis90フォント 拡張漢字 unicodeフォント 記号文字
        特殊文字フォント 要出典範囲 要検証範囲 誰範囲 誰範囲2 いつ範囲 どこ範囲
        要説明範囲 要追加記述範囲 独自研究範囲 縦書き
        en fr de es it la el pt ru nl kana 太字 斜体 下線 取消線 打消線 小 大 中央 傍点 圏点 強調 ウィキリンク 色
        フォント 全角 big_text 右 表外漢字 旧字体 異体字 下げ核 高線 低線 上線 アクセント by by2 by3
        ピン音 拼音""",
    ),
    (flag, "国旗 国旗リンク"),
    (script(SUBSCRIPT), "下付き"),
    (script(SUPERSCRIPT), "上付き"),
    (shows(2, 1), "stn sta 駅"),
    (prefixed("¥", 1), "jpy ¥ 円記号"),
    (shows(2), "フォントサイズ 文字色 背景色 llang"),
    (date, "年月 年月日 日付"),
    (block(1, "quote", "text"), "引用 quote2 indent インデント 字下げ 枠 centre"),
    (shows(2, 1), "small_caps"),
)

_LINK_HELPER = shows("d", "display", 3, 1)
_ZH = _table(
    (
        _LINK_HELPER,
        """le lj lf lg lk ls li lr lv lp link-interwiki internal_link_helper le2 tranzh""",
    ),
    (shows(4, 3, 2), "tsl translink translation_link liw"),
    (shows("lt", "d", "zh", 1), "ilh interlanguage_link_helper 跨语言链接 跨語言連結"),
    (with_reading, "读音 讀音"),
    (ruby, "注音 拼音标注 ruby-zh 標註 rb"),
    (
        shows(1),
        """僻字 生僻字 罕用字 补充汉字 缺字 拼音 汉语拼音 漢語拼音 粤拼 注音符号 来源请求范围 黑体 楷体 粗體 粗体
        斜體 斜体 小字 大字 居中 置中 着重号 着重號 nowrap2 通用規範漢字 字體 lang-hans lang-hant 繁體 简体 nobold
        來源請求範圍 bo 反白 不换行 sl""",
    ),
    (life_dates, "bd bd2"),
    (flag, "國旗 国旗"),
    (shows("sta", 2, 1), "stn sta rws"),
    (date, "年月日 日期"),
    (prefixed("¥", 1), "cny rmb jpy ¥"),
    (prefixed("NT$", 1), "nt$ ntd twd"),
    (prefixed("HK$", 1), "hk$ hkd"),
    (prefixed("US$", 1), "us$ usd"),
    (block(1, "text", "quote"), "引用 引文 cquote2 quote_zh 古文 文言 诗歌 詩歌 poem"),
)

_KO = _table(
    (shows(3, 2), "llang"),
    (shows(1), "한자 작게 크게 굵게 기울임 국기나라 국기 옛한글 첫가끝 nowrap2 위첨자 아래첨자"),
    (shows(2), "언어 글자색 글씨색"),
    (ruby, "루비"),
    (shows(1), "임시링크 번역링크"),
    (block(1), "인용문 인용"),
)

_DE = _table(
    (shows(1), 'ens frs jas zhs its ess las grs rus kos pls nls svs dks nos tus ars hes " nowrap2'),
    (block("text", 1), "zitat zitat-en zitat-fr zitat-la"),
    (shows(1), "höhe"),
)

_ES = _table(
    (shows(1), "esd nobr versalita versalitas bandera2 small2 cursiva"),
    (joined(" "), "unidad unit"),
    (block(1), "cita cita_blocktext"),
)

_NL = _table((block(1), "citaat cquote2"), (shows(1), "ipa-nl"))

_EN = _table(
    (shows(2), "langx"),
    (shows(1), "angbr ship flagg nihongo_core"),
    (shows(2, 1), "uss hms hmas ss mv rms"),
    (block("text", 1, "quote"), "quote_box"),
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
    if name in COUNTRY_CODES:
        return country
    family = _LANGUAGE_FAMILY.match(name)
    if family is None:
        return None
    kind = family.group(1)
    if kind == "lang":
        return language_label if "-" in name else None
    if kind == "ipa":
        return transcription if "-" in name else None
    return _LINK_HELPER if "-" in name or "/" in name else None
