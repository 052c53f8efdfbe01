"""Text of many kinds, and strategies for hostile text, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

TEXTS = (
    "我在中国科学院学习语言学，银行行长来自重庆。",
    "我在中國科學院學習語言學，銀行行長來自重慶。",
    "佢哋喺香港睇戲，唔該晒！",
    "子曰：「學而時習之，不亦說乎？」",
    "東京へは行ったけど、ジャズを流していない。",
    "國語ノ學校ヘ行キマシタ。てふてふは言ふ。",
    "한국어와 漢字를 같이 씁니다. 대한민국(大韓民國)",
    "Don't panic: it's 3.14, e-mail naïve हिन्दी.",
    "他用かな和カナ写字，U盘和ABC１２３。",
    "葛󠄀城市と葛城市、𠮷野家、か゚、👨‍👩‍👧と👍🏽。",
    "　 全角空白\tと\u2028改行\r\n。\x85",
    "",
    " \n　",
)

#: Pieces that segmenters stumble over, to be concatenated at random.
_PIECES = (
    "行っ", "た", "東京", "ｶﾞ", "ー", "っ", "ん", "々", "〇", "ヶ月", "三", "1", "人", "日", "二十四", "気に入り",
    "中国", "中國", "了", "着", "著", "乾", "鿉", "𠮷", "㍿", "한국", "e\u0301", "\u0301", "\u3099",
    "\U000e0100", "\ufe0f", "\u200d", "👩", "🏽", "🇯", "🇵", "\0", "\ud800", "\udfff", " ", "\u3000",
    "\n", "\t", "\x1c", "\u2028", "\ufeff", "。", "！？", "」", "……", ".", "..", "Dr.", "a", "Ω", "İ", "ß",
    "\u0644\u0627", "हि", "\uffff", "\U0010ffff",
)  # fmt: skip

hostile_text = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(codec=None), max_size=40),
    st.lists(st.sampled_from(_PIECES), max_size=20).map("".join),
)
