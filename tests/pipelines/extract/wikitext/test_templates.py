"""Templates that show text: their values in the wikis of Chinese, Japanese, Korean and English."""

from __future__ import annotations

import pytest

from hanmill.pipelines.extract.wikitext import extract
from hanmill.pipelines.extract.wikitext.numbers import grouped
from hanmill.pipelines.extract.wikitext.templates import _tables


@pytest.mark.parametrize(
    ("language", "wikitext", "text"),
    [
        ("ja", "'''甲'''（{{langx|ja|東京}}）は地名である。", "甲（日本語: 東京）は地名である。"),
        ("ja", "'''甲'''（{{Langx|de|Bonn|label=none}}）は町である。", "甲（Bonn）は町である。"),
        ("zh", "'''東京'''（{{langx|ja|東京都}}）是首都，裡面有皇居。", "東京（日語：東京都）是首都，裡面有皇居。"),
        (
            "zh",
            "'''波恩'''（{{langx|de|Bonn}}）是德国的城市，这里有大学。",
            "波恩（德语：Bonn）是德国的城市，这里有大学。",
        ),
        ("ko", "'''도쿄'''({{langx|ja|東京}})는 일본의 수도이다.", "도쿄(일본어: 東京)는 일본의 수도이다."),
        ("en", "'''Tokyo''' ({{langx|ja|東京}}) is a city.", "Tokyo (Japanese: 東京) is a city."),
        ("en", "'''X''' ({{langx|tlh|qo'noS}}) is a place.", "X (qo'noS) is a place."),
        # Countable templates.
        ("zh", "他享年{{age|1980|1|1|2010|1|1}}歲，葬於台北。", "他享年30歲，葬於台北。"),
        ("zh", "他享年{{age|1980|5|6|2010|1|1}}歲，葬於台北。", "他享年29歲，葬於台北。"),
        ("ja", "享年{{年数|1867|2|9|1916|12|9}}。", "享年49。"),
        ("ja", "夏目は{{没年齢|1867|2|9|1916|12|9}}の作家。", "夏目は（49歳没）の作家。"),
        ("ja", "{{死亡年月日と没年齢|1867|2|9|1916|12|9}}に死去した。", "1916年12月9日（49歳没）に死去した。"),
        ("ja", "{{生年月日と年齢|1980|1|1}}に生まれた。", "1980年1月1日に生まれた。"),
        ("zh", "她生於{{birth date and age|1980|1|1}}，裡面的人都認識她。", "她生於1980年1月1日，裡面的人都認識她。"),
        ("en", "She was born on {{birth date and age|1980|1|2}} in Rome.", "She was born on January 2, 1980 in Rome."),
        ("en", "It opened on {{start date|1980|1|2|df=yes}} in Rome.", "It opened on 2 January 1980 in Rome."),
        ("ko", "그는 {{출생일과 나이|1980|1|2}}에 태어났다.", "그는 1980년 1월 2일에 태어났다."),
        ("ja", "それは{{和暦|2009}}のことである。", "それは平成21年のことである。"),
        ("ja", "{{和暦|2019|5|1}}に即位した。", "令和元年5月1日に即位した。"),
        ("ja", "{{和暦|1926|12|24}}は大正である。", "大正15年12月24日は大正である。"),
        ("ja", "{{和暦|1750}}は江戸時代である。", "は江戸時代である。"),
        ("en", "It lasted {{age in days|2010|1|1|2010|1|31}} days.", "It lasted 30 days."),
        ("zh", "路長{{convert|5334|km|mi}}，風景很好。", "路長5334 km，風景很好。"),
        (
            "en",
            "He is {{convert|5|ft|6|in|cm|1}} tall, {{convert|3|km|mi|0}} away.",
            "He is 5 ft 6 in tall, 3 km away.",
        ),
        ("ja", "人口<sup>[要出典]</sup>は10<sup>8</sup>人<sup>[1]</sup><sup>[注 2]</sup>。", "人口は10⁸人。"),
        # What depends on today is left out, as before.
        ("zh", "他今年{{age|1980|1|1}}歲。次。", "次。"),
        ("ja", "{{年数|1980|13|1|2010|1|1}}年である。", "年である。"),
        # Numbers.
        ("ja", "人口は{{formatnum:1234567}}人である。", "人口は1,234,567人である。"),
        ("zh", "人口{{formatnum:1234567.89}}人。", "人口1,234,567.89人。"),
        ("de", "Es sind {{formatnum:1234567.5}} Menschen.", "Es sind 1.234.567,5 Menschen."),
        ("es", "Son {{formatnum:1234}} y {{formatnum:12345}} casas.", "Son 1234 y 12 345 casas."),
        ("ja", "{{formatnum:1,234|R}}と{{formatnum:1234|NOSEP}}と{{formatnum:約千}}", "1234と1234と約千"),
        ("ja", "面積は{{nts|12345}}である。", "面積は12,345である。"),
        ("en", "It is 1.5{{e|-8}} of {{val|3|e=8}}.", "It is 1.5×10⁻⁸ of 3×10⁸."),
        # Chemistry and signs.
        ("zh", "水是{{chem|H|2|O}}，硫酸根是{{chem|SO|4|2-}}。", "水是H₂O，硫酸根是SO₄²⁻。"),
        ("ja", "{{chem2|2H2 + O2 -> 2H2O}}と{{chem2|SO4(2-)}}", "2H₂ + O₂ → 2H₂Oと SO₄²⁻".replace("と ", "と")),
        ("en", "HA {{eqm}} H<sup>+</sup> + A<sup>−</sup> and A{{music|flat}}.", "HA ⇌ H⁺ + A⁻ and A♭."),
        ("en", "The letter {{angbr|a}} and {{radic|2}}.", "The letter ⟨a⟩ and √2."),
        ("ja", "著作権は{{合衆国法典|17|302}}による。", "著作権は合衆国法典第17編第302条による。"),
        # A list in a sentence stays in it.
        ("zh", "成員有{{hlist|甲|乙|丙}}，共三人。", "成員有甲 · 乙 · 丙，共三人。"),
        ("ja", "色は{{flatlist|\n* 赤\n* 青\n}}の二つ。", "色は赤 · 青の二つ。"),
        ("en", "{{transl|ja|Hepburn|Tōkyō}} and {{transl|ja|Kyōto}}.", "Tōkyō and Kyōto."),
        # Forms of a Chinese word, each named in the wiki's own words.
        ("zh", "臺灣的{{lang-zh|s=电脑|t=電腦|p=diànnǎo}}。", "臺灣的簡體：电脑；繁體：電腦；拼音：diànnǎo。"),
        ("ja", "これは{{zh|t=臺灣|p=Táiwān}}である。", "これは繁体字: 臺灣; 拼音: Táiwānである。"),
        ("ja", "台湾（{{lang-zh|臺灣}}）は島である。", "台湾（中国語: 臺灣）は島である。"),
        ("ko", "대만({{lang-zh|臺灣}})은 섬이다.", "대만(중국어: 臺灣)은 섬이다."),
        ("en", "Taiwan ({{zh|t=臺灣|s=台湾}}).", "Taiwan (simplified Chinese: 台湾; traditional Chinese: 臺灣)."),
        ("zh", "首爾（{{kor|hangul=서울|hanja=漢城}}）是首都。", "首爾（서울）是首都。"),
        ("zh", "这里说的是{{KOR}}。", "这里说的是韩国。"),
        ("zh", "這部作品{{nihongo|鋼彈|ガンダム|Gandamu}}很有名。", "這部作品鋼彈（ガンダム，Gandamu）很有名。"),
        ("zh", "全長{{convert|5|to|10|km|mi}}。", "全長5至10 km。"),
        ("ja", "幅は{{convert|5|and|10|m}}である。", "幅は5と10 mである。"),
        ("zh", "成立於{{date|2019-04-01}}，位於臺北。", "成立於2019年4月1日，位於臺北。"),
        ("ja", "{{日付|2019-04}}に{{birth date|1990-02-03}}の話をした。", "2019年4月に1990年2月3日の話をした。"),
        ("zh", "排放{{CO2}}，即{{化學式|C|O|2}}，溶於{{ce|H2O}}。", "排放CO₂，即CO₂，溶於H₂O。"),
        ("zh", "把{{font color|red|white|紅字}}寫在這裡。", "把紅字寫在這裡。"),
        ("ja", "ここが{{傍点|文章=重要}}である。", "ここが重要である。"),
        ("ja", "番号は{{padleft:7|3|0}}と{{padleft:ab|5|xyz}}である。", "番号は007とxyzabである。"),
        ("en", "There are 3 {{plural:3|cat|cats}} and {{padright:7|3}}.", "There are 3 cats and 700."),
        ("ja", "番号は{{padleft:7|999999999}}である。", "番号は7である。"),
        # Dates of life stand in one pair of brackets, whoever writes it.
        (
            "zh",
            "'''甲'''{{bd|1900年|1月1日|1980年|2月2日|catIdx=J}}，作家。",
            "甲（1900年1月1日－1980年2月2日），作家。",
        ),
        ("zh", "'''甲'''（{{bd|1900年|1月1日|1980年|2月2日}}），作家。", "甲（1900年1月1日－1980年2月2日），作家。"),
        ("zh", "'''甲'''（{{lang|en|A}}，{{bd|1979年|1月18日}}）是歌手。", "甲（A，1979年1月18日－）是歌手。"),
        ("zh", "'''甲'''（{{BirthDeathAge|B|1976|5|17|||}}）是歌手。", "甲（1976年5月17日－）是歌手。"),
        (
            "ja",
            "（{{翻字併記|ru|Москва|Moskva}}）と{{Sname||Felis catus}}。",
            "（ロシア語: Москва, Moskva）とFelis catus。",
        ),
        ("ja", "{{閉じない|甲\n\n本文の文章がここにある。", "甲\n本文の文章がここにある。"),
        # A page has no arguments: the default of a parameter stands.
        ("ja", "名前は{{{名前|不明}}}である。", "名前は不明である。"),
        ("zh", "他是{{{職業|[[作家]]}}}。", "他是作家。"),
        ("ja", "値は{{{1}}}である。次。", "次。"),
    ],
)
def test_values(language: str, wikitext: str, text: str) -> None:
    assert extract(wikitext, language).text.replace("\xa0", " ") == text


def test_every_row_of_the_table_names_a_way_to_show_a_template() -> None:
    tables = _tables()
    assert {"*", "ja", "zh", "ko", "en", "de", "es", "nl"} == set(tables)
    assert sum(map(len, tables.values())) > 500


@pytest.mark.parametrize(
    ("number", "language", "shown"),
    [
        ("999", "ja", "999"),
        ("1000", "ja", "1,000"),
        ("-1234567", "zh", "-1,234,567"),
        ("1234567.0625", "nl", "1.234.567,0625"),
        ("1234567", "fr", "1\xa0234\xa0567"),
        ("1e9", "en", "1e9"),
        ("9" * 60, "en", "9" * 60),
        ("", "en", ""),
    ],
)
def test_grouped(number: str, language: str, shown: str) -> None:
    assert grouped(number, language) == shown
