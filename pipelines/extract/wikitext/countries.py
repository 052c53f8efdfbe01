"""Templates named after a country's code, ``{{JPN}}``: a flag and, as text, the country's name."""

from __future__ import annotations

from pipelines.extract.wikitext.words import words

# Codes of ISO 3166-1 and of the International Olympic Committee, with the names the wikis show.
_CODES = words(
    """
    jpn usa gbr fra deu ger ita esp prt por nld ned bel che sui aut swe nor dnk den fin irl pol cze hun rus ukr tur
    grc gre chn twn tpe hkg mac kor prk ind idn ina tha vnm vie phl phi mys mas sgp sin aus nzl can mex bra arg chl
    chi col per egy zaf rsa ken isr sau ksa irn iri irq pak mng mgl
    """
)
_JAPANESE = words(
    """
    日本 アメリカ合衆国 イギリス フランス ドイツ ドイツ イタリア スペイン ポルトガル ポルトガル オランダ オランダ
    ベルギー スイス スイス オーストリア スウェーデン ノルウェー デンマーク デンマーク フィンランド アイルランド
    ポーランド チェコ ハンガリー ロシア ウクライナ トルコ ギリシャ ギリシャ 中国 台湾 チャイニーズタイペイ 香港
    マカオ 韓国 北朝鮮 インド インドネシア インドネシア タイ ベトナム ベトナム フィリピン フィリピン マレーシア
    マレーシア シンガポール シンガポール オーストラリア ニュージーランド カナダ メキシコ ブラジル アルゼンチン チリ
    チリ コロンビア ペルー エジプト 南アフリカ共和国 南アフリカ共和国 ケニア イスラエル サウジアラビア
    サウジアラビア イラン イラン イラク パキスタン モンゴル モンゴル
    """
)
_SIMPLIFIED = words(
    """
    日本 美国 英国 法国 德国 德国 意大利 西班牙 葡萄牙 葡萄牙 荷兰 荷兰 比利时 瑞士 瑞士 奥地利 瑞典 挪威 丹麦 丹麦
    芬兰 爱尔兰 波兰 捷克 匈牙利 俄罗斯 乌克兰 土耳其 希腊 希腊 中国 台湾 中华台北 香港 澳门 韩国 朝鲜 印度
    印度尼西亚 印度尼西亚 泰国 越南 越南 菲律宾 菲律宾 马来西亚 马来西亚 新加坡 新加坡 澳大利亚 新西兰 加拿大
    墨西哥 巴西 阿根廷 智利 智利 哥伦比亚 秘鲁 埃及 南非 南非 肯尼亚 以色列 沙特阿拉伯 沙特阿拉伯 伊朗 伊朗 伊拉克
    巴基斯坦 蒙古 蒙古
    """
)
_TRADITIONAL = words(
    """
    日本 美國 英國 法國 德國 德國 義大利 西班牙 葡萄牙 葡萄牙 荷蘭 荷蘭 比利時 瑞士 瑞士 奧地利 瑞典 挪威 丹麥 丹麥
    芬蘭 愛爾蘭 波蘭 捷克 匈牙利 俄羅斯 烏克蘭 土耳其 希臘 希臘 中國 臺灣 中華臺北 香港 澳門 韓國 北韓 印度 印尼
    印尼 泰國 越南 越南 菲律賓 菲律賓 馬來西亞 馬來西亞 新加坡 新加坡 澳洲 紐西蘭 加拿大 墨西哥 巴西 阿根廷 智利
    智利 哥倫比亞 秘魯 埃及 南非 南非 肯亞 以色列 沙烏地阿拉伯 沙烏地阿拉伯 伊朗 伊朗 伊拉克 巴基斯坦 蒙古 蒙古
    """
)
_NAMES = {
    wiki: dict(zip(_CODES, names, strict=True))
    for wiki, names in {"ja": _JAPANESE, "zh-hans": _SIMPLIFIED, "zh-hant": _TRADITIONAL}.items()
}
COUNTRY_CODES = frozenset(_CODES)


def country_of(code: str, wiki: str) -> str:
    """What ``wiki`` (``ja``, ``zh-hans``, ``zh-hant``) calls a country; empty where it is not known here.

    >>> country_of("jpn", "ja"), country_of("nzl", "zh-hant"), country_of("deu", "en")
    ('日本', '紐西蘭', '')
    """
    return _NAMES.get(wiki, {}).get(code, "")
