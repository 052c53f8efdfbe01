"""How a wiki calls a language in front of foreign words: ``英語: Tokyo``, ``英語：Tokyo``, ``English: Tokyo``."""

from __future__ import annotations

_CODES = (
    "en de fr es it pt nl ru la el grc ko zh ja vi th ar he tr pl sv da no fi cs hu uk id ms hi sa fa mn bo ga".split()
)

_NAMES = {
    "ja": dict(
        zip(
            _CODES,
            """英語 ドイツ語 フランス語 スペイン語 イタリア語 ポルトガル語 オランダ語 ロシア語 ラテン語 ギリシア語 古代ギリシャ語
            朝鮮語 中国語 日本語 ベトナム語 タイ語 アラビア語 ヘブライ語 トルコ語 ポーランド語 スウェーデン語 デンマーク語
            ノルウェー語 フィンランド語 チェコ語 ハンガリー語 ウクライナ語 インドネシア語 マレー語 ヒンディー語
            サンスクリット語 ペルシア語 モンゴル語 チベット語 アイルランド語""".split(),
            strict=True,
        )
    ),
    "zh": dict(
        zip(
            _CODES,
            """英語 德語 法語 西班牙語 義大利語 葡萄牙語 荷蘭語 俄語 拉丁語 希臘語 古希臘語 韓語 中文 日語 越南語 泰語 阿拉伯語
            希伯來語 土耳其語 波蘭語 瑞典語 丹麥語 挪威語 芬蘭語 捷克語 匈牙利語 烏克蘭語 印尼語 馬來語 印地語 梵語 波斯語
            蒙古語 藏語 愛爾蘭語""".split(),
            strict=True,
        )
    ),
    "en": dict(
        zip(
            _CODES,
            """English German French Spanish Italian Portuguese Dutch Russian Latin Greek Ancient_Greek Korean Chinese
            Japanese Vietnamese Thai Arabic Hebrew Turkish Polish Swedish Danish Norwegian Finnish Czech Hungarian
            Ukrainian Indonesian Malay Hindi Sanskrit Persian Mongolian Tibetan Irish""".split(),
            strict=True,
        )
    ),
}
_SEPARATORS = {"zh": "：", "yue": "：", "ja": ": "}


def label_of(code: str, language: str) -> str:
    """The name of a language on a wiki, empty where it is not known here."""
    return _NAMES.get(language, {}).get(code.partition("-")[0], "").replace("_", " ")


def label_separator(language: str) -> str:
    """What stands between the name and the words."""
    return _SEPARATORS.get(language, ": ")
