"""How a wiki calls a language in front of foreign words: ``英語: Tokyo``, ``英语：Tokyo``, ``English: Tokyo``."""

from __future__ import annotations

from pipelines.extract.wikitext.words import words

_CODES = words(
    """
    en de fr es it pt nl ru la el grc ko zh ja vi th ar he tr pl sv da no fi cs hu uk id ms hi sa fa mn bo ga
    """
)
_BY_WIKI = {
    "ja": """
        英語 ドイツ語 フランス語 スペイン語 イタリア語 ポルトガル語 オランダ語 ロシア語 ラテン語 ギリシア語
        古代ギリシャ語 朝鮮語 中国語 日本語 ベトナム語 タイ語 アラビア語 ヘブライ語 トルコ語 ポーランド語
        スウェーデン語 デンマーク語 ノルウェー語 フィンランド語 チェコ語 ハンガリー語 ウクライナ語 インドネシア語
        マレー語 ヒンディー語 サンスクリット語 ペルシア語 モンゴル語 チベット語 アイルランド語
    """,
    "zh-hans": """
        英语 德语 法语 西班牙语 意大利语 葡萄牙语 荷兰语 俄语 拉丁语 希腊语 古希腊语 韩语 中文 日语 越南语 泰语
        阿拉伯语 希伯来语 土耳其语 波兰语 瑞典语 丹麦语 挪威语 芬兰语 捷克语 匈牙利语 乌克兰语 印尼语 马来语 印地语
        梵语 波斯语 蒙古语 藏语 爱尔兰语
    """,
    "zh-hant": """
        英語 德語 法語 西班牙語 義大利語 葡萄牙語 荷蘭語 俄語 拉丁語 希臘語 古希臘語 韓語 中文 日語 越南語 泰語
        阿拉伯語 希伯來語 土耳其語 波蘭語 瑞典語 丹麥語 挪威語 芬蘭語 捷克語 匈牙利語 烏克蘭語 印尼語 馬來語 印地語
        梵語 波斯語 蒙古語 藏語 愛爾蘭語
    """,
    "en": """
        English German French Spanish Italian Portuguese Dutch Russian Latin Greek Ancient_Greek Korean Chinese
        Japanese Vietnamese Thai Arabic Hebrew Turkish Polish Swedish Danish Norwegian Finnish Czech Hungarian
        Ukrainian Indonesian Malay Hindi Sanskrit Persian Mongolian Tibetan Irish
    """,
}
_NAMES = {wiki: dict(zip(_CODES, words(names), strict=True)) for wiki, names in _BY_WIKI.items()}


def label_of(code: str, wiki: str) -> str:
    """What ``wiki`` (``ja``, ``zh-hans``, ``zh-hant``, ``en``) calls a language; empty where it is not known here.

    >>> label_of("de", "ja"), label_of("de", "zh-hant"), label_of("zh-hant", "en"), label_of("tlh", "ja")
    ('ドイツ語', '德語', 'Chinese', '')
    """
    return _NAMES.get(wiki, {}).get(code.partition("-")[0], "")


def label_separator(wiki: str) -> str:
    """What stands between the name and the words."""
    return "：" if wiki.startswith("zh") else ": "
