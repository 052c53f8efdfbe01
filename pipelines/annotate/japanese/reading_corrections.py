"""Where UniDic's readings are put right: a small table of words in their context.

The dictionary knows most of these readings, but its costs choose others. Sources: 常用漢字表 (内閣告示, 2010), its
table (私 ワタシ, 何 ナニ) and its appendix (付表: お母さん, お父さん, 兄さん, 姉さん); 大辞林 and JMdict's common
words for compounds (旅行会社, 予定通り, 小麦粉) and idioms (気に入る); 現代仮名遣い (内閣告示, 1986) for 言う.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: What a word before or after may be, beside its spelling.
NUMBER, NAME, NOUN, OTHER = "<number>", "<name>", "<noun>", "<other>"


#: Spelling and kind of a word, ("", "") beyond an edge.
Neighbour = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Correction:
    """``wrong`` (the beginning of the dictionary's reading) becomes ``right`` between certain words.

    ``before`` and ``after`` hold spellings or the kinds above, empty for anything, ``not_before`` what excludes;
    ``second_before`` and ``second_after`` are the same one word further.
    """

    wrong: str
    right: str
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    not_before: frozenset[str] = frozenset()
    second_before: frozenset[str] = frozenset()
    second_after: frozenset[str] = frozenset()


def corrected(surface: str, reading: str, before: Sequence[Neighbour], after: Sequence[Neighbour]) -> str:
    """The reading of a word; ``before`` and ``after`` are its two neighbours on each side, the nearer first."""
    for rule in CORRECTIONS.get(surface, ()):
        if (
            reading.startswith(rule.wrong)
            and _fits(rule.before, before[0])
            and _fits(rule.after, after[0])
            and _fits(rule.second_before, before[1])
            and _fits(rule.second_after, after[1])
            and rule.not_before.isdisjoint(before[0])
        ):
            return rule.right + reading[len(rule.wrong) :]
    return reading


def _fits(wanted: frozenset[str], neighbour: Neighbour) -> bool:
    return not wanted or not wanted.isdisjoint(neighbour)


_PARTICLES = "が を に は も で と の や 、 。"
#: Words that only people are: 女性の方, お探しの方.
_PEOPLE = (
    "者 様 多く たくさん ほとんど 大勢 すべて 全て 複数 女性 男性 高齢 年配 主婦 会員 学生 業者 地元 遠方 在住 初めて "
    "はじめて 外国 連れ 希望 持ち 探し 住まい 考え 悩み 興味 関心 予定 検討 利用 経験 担当 専門 関係"
)

#: A word, the dictionary's reading, the right one, and the words and kinds before it that this holds after.
_AFTER = """
人 ニン ジン <name> 外国 自然 社会 現代 近代 芸能 知識 個々 宇宙 原始 民間 著名 有名 文化 財界 一般 経済 業界 企業 職業
人 ニン ジン 教養 国際 都会 地球 古代 未来 縄文 西洋 東洋 欧米 ラテン ゲルマン ケルト 新聞 映画 演劇 放送 出版 言論
者 シャ モノ 人気 裏切り 臆病 怠け 変わり 正直 嫌われ 頑固 馬鹿 慌て 厄介 邪魔
家 カ ケ <name> 天皇 将軍 大名
家 ヤ ケ <name>
家 イエ ケ <name>
川 カワ ガワ <name>
山 ヤマ サン 富士 高尾 阿蘇 筑波 六甲 岩手 岩木 磐梯 御嶽
山 ヤマ ザン 比叡 羊蹄 大雪 鳥海
島 トウ シマ 淡路
島 トウ ジマ 八丈 八景
寺 テラ デラ 清水
町 チョウ マチ 城下
橋 キョウ バシ 太鼓
会社 カイシャ ガイシャ <noun>
所 ショ ジョ 収容 造船 停留 休憩 研究 養成 試験 訓練 診療 案内 避難 相談 販売 検問 観測 保健 洗面 撮影 脱衣 派出 喫煙
所 ショ ジョ 給油 教習 測候 料金 取引 製油 出張
前 マエ ゼン 紀元
頃 コロ ゴロ <number> 年 月 日 時 分 世紀 年代 時代 末 半ば
年 ネン トシ 一昨
日 ニチ トイ 一昨
日 ヒ トイ 一昨
日 ジツ トイ 一昨
日 ヒ ピ 月
日 ニチ ピ 月
日 ヒ ビ <noun> 月曜 火曜 水曜 木曜 金曜 土曜 日曜
日 ニチ ビ 給料 定休 最終 最短 記念 営業 発売 誕生
日 ジツ ビ 給料 定休 最終 最短 記念 営業 発売 誕生
日間 ニチ ジツ 数
日間 カ ジツ 数
月 ガツ ゲツ 再来
月日 ツキヒ ガッピ 年
中 チュウ ジュウ 世界 日本 体 部屋 町 村 島 学校 今日
間 マ アイダ この その
上 ウエ ジョウ <noun>
下 シタ カ <noun>
外 ソト ホカ この その
側 ガワ ソバ すぐ
後 アト ゴ その
後 ゴ アト この
方 ホウ ガタ 先生 あなた 貴方 皆様 奥様
方 カタ ガタ 先生 あなた 貴方 皆様 奥様
方 ホウ カタ あの
祖父 ソフ ジイ お 御
祖母 ソボ バア お 御
節 フシ セチ お
名 ナ メイ <noun>
形 カタチ ケイ 過去 現在 未来 進行 完了 基本 否定 命令 連体 連用 終止 仮定 三角
形 ケイ ガタ 自由
神 カミ シン 守護 太陽 破壊 創造 最高 唯一
話 ハナシ ワ <number> 最終
話 ハナシ バナシ 世間 裏 思い出 苦労 無駄 自慢 失敗 噂 恋
着 チャク ギ 作業 仕事 普段 部屋 訪問 練習 運動 稽古 柔道 空手
着 ギ チャク 不時
口 クチ グチ 玄関 非常 通用 勝手 搭乗 登山 受付 応募 中央 改札 出入り 出入
口 コウ グチ 改札
本 ホン ボン 単行 文庫 豪華 滑稽 洒落
場 ジョウ バ 正念 修羅
市 シ イチ 見本 朝顔
祭 マツリ サイ 前夜 映画 音楽 芸術 学園
林 リン バヤシ 雑木
悪 アク ワル 意地
楽 ガク ラク 千秋
物 ブツ モノ 洗濯
粉 コナ コ 小麦 パン 片栗 そば
峰 ポウ ホウ 最高
板 イタ バン 立て看
州 シュウ ス 三角
灰 ハイ バイ 火山
柱 ハシラ バシラ 大黒 電信
戸 ト ド ガラス 網 格子
玉 タマ ダマ シャボン 水
棚 タナ ダナ <noun>
時計 トケイ ドケイ 腕 掛け 壁掛け 置 置き 柱 砂 鳩
景色 ケシキ ゲシキ 雪 春 夏 秋 冬
寿司 スシ ズシ 回転 江戸前 稲荷 いなり ちらし 押し 握り
菓子 カシ ガシ 駄 和 洋 茶 焼き
布団 フトン ブトン 敷き 掛け 座 羽毛
小屋 コヤ ゴヤ 山 犬 丸太 番 見世物 芝居
写真 シャシン ジャシン 青
拍子 ヒョウシ ビョウシ 手
合戦 カッセン ガッセン 雪
相撲 スモウ ズモウ 大
気味 キミ ギミ <noun>
不足 フソク ブソク <noun> 寝 力 水
通り トオリ ドオリ <noun> <name> 思い
沿い ソイ ゾイ <noun> <name> 川 海 線 道
切れ キレ ギレ <noun>
付け ツケ ヅケ <noun>
漬け ツケ ヅケ 一夜 味噌 塩 酢 粕 醤油
付ける ツケル ヅケル <noun>
狩り カリ ガリ <noun>
勝ち カチ ガチ 逆転 判定
繰り クリ グリ 資金
座り スワリ ズワリ 体育
惚れ ホレ ボレ 一目
深い フカイ ブカイ 興味 感慨 疑い
深く フカク ブカク 興味 感慨 疑い
止め トメ ドメ 通行 日焼け 痛み 咳 滑り 雪 錆 口 足
際 キワ ギワ 波打ち 窓 水 壁 生え 引き 散り 去り
際 サイ ギワ 土俵
込み コミ ゴミ 意気
取っ トッ ドッ 相手
取る トル ドル 相手
取り トリ ドリ 相手
切り キリ ギリ みじん
立て タテ ダテ 本
読 ヨミ ドク 既
男女 ダンジョ ナンニョ 老若
"""

#: The same with the words after it.
_BEFORE = """
母 ハハ カア さん ちゃん さま 様
父 チチ トウ さん ちゃん さま 様
兄 アニ ニイ さん ちゃん さま 様
姉 アネ ネエ さん ちゃん さま 様
坊 ボウ ボッ ちゃん
何 ナン ナニ が を も か に から より まで やら 気
今日 コンニチ キョウ 中
一昨 イッサク オト 日 年
一目 イチモク ヒトメ で 見 惚れ 会い 会っ
年 トシ ネン 月日
町 マチ チョウ 議会
村 ムラ ソン 議会
上 ウエ カミ 半期
上 ジョウ カミ 半期
上 ウエ ジョウ 半身 機嫌
下 シタ シモ 半期
下 シタ カ 半身
私 ワタクシ シ 生活 企業 文書 小説
今 イマ コン 年度 シーズン 大会 世紀 場所
心 ココロ シン 不全
心 シン ココロ 意気
女 オンナ ジョ 学校
後 ゴ アト 片付け 始末
欲 ヨク ホッ する し
間 マ カン 一髪
刻 トキ コク 一刻
体 タイ カラダ 中
家中 カチュウ イエジュウ が を に は も で と の
生 ナマ セイ 化学
水 ミズ スイ 蒸気
白 シロ ハッ 血球
白 シロ ハク 内障
大 ダイ オオ 文字
小 ショウ コ 文字 道具
不 フ ブ 気味 器用 用心 格好
無 ム ブ 沙汰
御 ゴ オン 社
頭 アタマ カシラ 文字
初 ハツ ショ 対面
真 シン マ 四角 正面
主 ヌシ シュ たる
頑 カタクナ カタク な
置 オケ オキ 時計
爪 ツメ ツマ 楊枝
千秋 チアキ センシュウ 楽
東 ヒガシ トウ 大寺
清水 シミズ キヨミズ 寺
八幡 ヤワタ ハチマン 神社 宮 様
天満 テンマ テンマン 宮
罰 バツ バッ する し せ さ せよ
熱 ネツ ネッ する し せ さ
一 イチ イッ 兆
八 ハチ ハッ 兆
十 ジュウ ジュッ 兆
"""

#: Wherever they stand.
_ALWAYS = """
私 ワタクシ ワタシ
日本 ニッポン ニホン
言う ユウ イウ
藤原 フジハラ フジワラ
達 トオル タチ
何人 ナニジン ナンニン
明後日 ミョウゴニチ アサッテ
国中 コクチュウ クニジュウ
下品 ゲボン ゲヒン
山道 サンドウ ヤマミチ
文科 モンカ ブンカ
産品 サンヒン サンピン
二進 ニッチ ニシン
捏造 デツ ネツ
枚 バイ マイ
丸い マリ マル
丸く マリ マル
四角い シカキ シカク
四角く シカキ シカク
不味い マジ マズ
不味く マジ マズ
不味かっ マジ マズ
快い イイ ココロヨイ
緩い ユリ ユル
醜い ミニキ ミニク
津々 ツツ シンシン
足踏み アシフミ アシブミ
大勝 ダイショウ タイショウ
大社 オオコソ タイシャ
容易い タヤシ タヤス
容易く タヤシ タヤス
"""


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_IN_TWO_PLACES: Mapping[str, tuple[Correction, ...]] = {
    "主": (Correction("ヌシ", "シュ", after=_words("と"), second_after=_words("し")),),
    "今日": (Correction("キョウ", "コンニチ", after=_words("で"), second_after=_words("は も")),),
    "一日": (Correction("ツイタチ", "イチニチ", not_before=_words("月 毎月 翌月")),),
    "中": (Correction("チュウ", "ジュウ", before=_words("日 晩 年"), second_before=_words("一 1 １")),),
    "月": (Correction("ガツ", "ガッ", before=_words("年"), after=_words("日")),),
    "雨": (Correction("ウ", "アメ", after=_words(_PARTICLES + " だ です") | {""}, not_before=_words("暴風")),),
    "数": (Correction("スウ", "カズ", before=_words("の 、 。 その") | {""}, after=_words(_PARTICLES)),),
    "間": (Correction("アイダ", "マ", before=_words("の"), second_before=_words("いつ 何時"), after=_words("に")),),
    "度": (Correction("ド", "タビ", before=_words("の"), after=_words("に")),),
    "金": (Correction("キン", "カネ", after=_words("が"), second_after=_words("ない なく なかっ 無い かかる かかり")),),
    "方": (Correction("ホウ", "カタ", before=_words("の"), second_before=_words(_PEOPLE)),),
    "後": (Correction("アト", "ノチ", before=_words("は が 、 。 （ (") | {""}, after=_words("に")),),
    "他": (Correction("タ", "ホカ", after=_words("の に 、 ,"), not_before=_words("その")),),
    "杯": (Correction("バイ", "ハイ", not_before=frozenset({NUMBER})),),
    "箱": (Correction("バコ", "ハコ", not_before=frozenset({NOUN})),),
    "深い": (Correction("ブカイ", "フカイ", not_before=frozenset({NOUN})),),
    "鉢": (Correction("バチ", "ハチ", not_before=frozenset({NOUN})),),
    "分": (
        Correction("フン", "ブン", before=frozenset({NUMBER}), after=_words("の"), second_after=frozenset({NUMBER})),
    ),
    "七": (Correction("ナナ", "シチ", after=_words("五"), second_after=_words("三")),),
    "四": (Correction("ヨン", "シ", after=_words("重"), second_after=_words("奏 唱")),),
    "重": (Correction("エ", "ジュウ", before=frozenset({NUMBER}), after=_words("奏 唱")),),
    **dict.fromkeys(
        ("入り", "入っ", "入る", "入ら"),
        (Correction("ハイ", "イ", before=_words("に"), second_before=_words("気")),),
    ),
}


def _corrections() -> dict[str, tuple[Correction, ...]]:
    """All tables in one, the rules of a word in the order of the tables."""
    corrections = dict(_IN_TWO_PLACES)
    for table, side in ((_AFTER, "before"), (_BEFORE, "after"), (_ALWAYS, "")):
        for line in table.strip().splitlines():
            word, wrong, right, *near = line.split()
            rule = Correction(wrong, right, **({side: frozenset(near)} if near else {}))
            corrections[word] = (*corrections.get(word, ()), rule)
    return corrections


CORRECTIONS: Mapping[str, tuple[Correction, ...]] = _corrections()
