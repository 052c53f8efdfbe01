"""Kana to wāpuro romaji, spelling by spelling: what is typed, not what is heard.

The consonants are Hepburn's (shi, chi, tsu, fu, ji), long vowels are written as the kana are (oushuu, kamei), を
is wo, は and へ are ha and he. ー repeats the vowel before it, ッ doubles the consonant after it, ン is n, and n'
before a vowel or y. This is the spelling of MOM (Mixed Orthographic Model).
"""

from __future__ import annotations

import re
from functools import lru_cache

from hanmill.pipelines.annotate.japanese.repeat_marks import kana_written_out
from hanmill.pipelines.annotate.words import Words

_ROWS = """
ア a イ i ウ u エ e オ o カ ka キ ki ク ku ケ ke コ ko サ sa シ shi ス su セ se ソ so
タ ta チ chi ツ tsu テ te ト to ナ na ニ ni ヌ nu ネ ne ノ no ハ ha ヒ hi フ fu ヘ he ホ ho
マ ma ミ mi ム mu メ me モ mo ヤ ya ユ yu ヨ yo ラ ra リ ri ル ru レ re ロ ro ワ wa ヰ wi ヱ we ヲ wo
ガ ga ギ gi グ gu ゲ ge ゴ go ザ za ジ ji ズ zu ゼ ze ゾ zo ダ da ヂ ji ヅ zu デ de ド do
バ ba ビ bi ブ bu ベ be ボ bo パ pa ピ pi プ pu ペ pe ポ po ヴ vu ヷ va ヸ vi ヹ ve ヺ vo
ァ a ィ i ゥ u ェ e ォ o ャ ya ュ yu ョ yo ヮ wa ヵ ka ヶ ke
ㇰ ku ㇱ shi ㇲ su ㇳ to ㇴ nu ㇵ ha ㇶ hi ㇷ fu ㇸ he ㇹ ho ㇺ mu ㇻ ra ㇼ ri ㇽ ru ㇾ re ㇿ ro
キャ kya キュ kyu キョ kyo シャ sha シュ shu ショ sho チャ cha チュ chu チョ cho ニャ nya ニュ nyu ニョ nyo
ヒャ hya ヒュ hyu ヒョ hyo ミャ mya ミュ myu ミョ myo リャ rya リュ ryu リョ ryo ギャ gya ギュ gyu ギョ gyo
ジャ ja ジュ ju ジョ jo ヂャ ja ヂュ ju ヂョ jo ビャ bya ビュ byu ビョ byo ピャ pya ピュ pyu ピョ pyo
イェ ye ウィ wi ウェ we ウォ wo キェ kye ギェ gye クァ kwa クィ kwi クェ kwe クォ kwo クヮ kwa
グァ gwa グィ gwi グェ gwe グォ gwo グヮ gwa シェ she ジェ je スィ si ズィ zi チェ che
ツァ tsa ツィ tsi ツェ tse ツォ tso ティ ti テュ tyu ディ di デュ dyu トゥ tu ドゥ du
ニェ nye ヒェ hye ビェ bye ピェ pye ミェ mye リェ rye
ファ fa フィ fi フェ fe フォ fo フャ fya フュ fyu フョ fyo ヴァ va ヴィ vi ヴェ ve ヴォ vo ヴャ vya ヴュ vyu ヴョ vyo
"""
_TABLE = dict(zip(_ROWS.split()[::2], _ROWS.split()[1::2], strict=True))
_SMALL = "ァィゥェォャュョヮ"
#: Kana that spell alone whatever stands beside them.
_PLAIN = re.compile(
    "[" + "".join(kana for kana in _TABLE if len(kana) == 1 and kana not in "ァィゥェォャュョヮ") + "]+"
)
_SPELLINGS = str.maketrans({kana: spelling for kana, spelling in _TABLE.items() if len(kana) == 1})
_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_VOWELS = "aiueo"


def katakana(text: str) -> str:
    """The text with hiragana written as katakana; same length.

    >>> katakana("流して、すごーい")
    '流シテ、スゴーイ'
    """
    return text.translate(_KATAKANA)


def romaji(kana: str) -> str:
    """Wāpuro romaji of katakana or hiragana; other characters stay as they are.

    >>> romaji("ジャズ"), romaji("オウシュウ"), romaji("カメイ"), romaji("フェリー")
    ('jazu', 'oushuu', 'kamei', 'ferii')
    >>> romaji("マッチャ"), romaji("キンエン"), romaji("サンポ")
    ('maccha', "kin'en", 'sanpo')
    """
    text = kana_written_out(katakana(kana))
    return text.translate(_SPELLINGS) if _PLAIN.fullmatch(text) else _romanize_unit(text, "", "")


def romanize(words: Words) -> list[str]:
    """Romaji of every word's reading; the surface where there is none.

    A ッ that ends a word doubles the consonant of the next (行っ|た: it, ta) and a ー that begins one repeats the
    vowel before it, as if nothing stood between the words.
    """
    if words.readings is None:
        return list(words.surfaces)
    result = list(map(_alone, words.readings))
    for index in [index for index, spelling in enumerate(result) if not spelling]:
        reading = words.readings[index]
        if reading:
            following = words.readings[index + 1] if index + 1 < len(result) else ""
            result[index] = _romanize_unit(katakana(reading), result[index - 1] if index else "", following)
        else:
            result[index] = words.surfaces[index]
    return result


@lru_cache(maxsize=1 << 16)
def _alone(reading: str) -> str:
    """Romaji of a reading that no neighbour can change; "" for others."""
    return "" if not reading or reading[-1] == "ッ" or reading[0] == "ー" else romaji(reading)


def _romanize_unit(kana: str, before: str, following: str) -> str:
    """Romaji of one word between the romaji before it and the kana that follow."""
    result = ""
    doubled = False
    index = 0
    while index < len(kana):
        pair = kana[index : index + 2]
        unit = _TABLE.get(pair) if len(pair) == 2 else None
        step = 1 if unit is None else 2
        character = kana[index]
        if unit is None:
            unit = _TABLE.get(character)
        index += step
        if character == "ッ":
            doubled = True
            continue
        if character == "ン":
            unit = "n'" if _begins_with_vowel(kana[index : index + 2]) else "n"
        elif character == "ー":
            last = (result or before)[-1:]
            unit = last if last and last in _VOWELS else "" if last.isalpha() else character
        elif unit is None:
            unit = character
        result += _double(unit) + unit if doubled else unit
        doubled = False
    if doubled:
        result += _double(_TABLE.get(following[:2]) or _TABLE.get(following[:1]) or "")
    return result


def _double(unit: str) -> str:
    first = unit[:1]
    return first if "a" <= first <= "z" and first not in _VOWELS and first != "n" else ""


def _begins_with_vowel(kana: str) -> bool:
    unit = _TABLE.get(kana) or _TABLE.get(kana[:1]) or ""
    return unit[:1] in ("a", "i", "u", "e", "o", "y")
