"""The quality scorer: what it sees, its file, and what the shipped one says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanmill.pipelines.build.dependencies import ingest_ingredients
from hanmill.pipelines.clean.measures.registry import RULES
from hanmill.pipelines.clean.profile import profile
from hanmill.pipelines.clean.quality.features import MAX_CHARACTERS, MEASURES, SLOTS, features, folded_characters
from hanmill.pipelines.clean.quality.model import (
    SHIPPED_MODEL,
    QualityModel,
    QualityModelError,
    read_model,
    shipped_model,
    write_model,
)
from hanmill.pipelines.clean.rules import RuleError, judge, open_models
from hanmill.pipelines.extract.document import Document
from hanmill.pipelines.training.quality_files import PIECE_CHARACTERS, read_texts, texts_of
from hanmill.pipelines.training.quality_training import (
    FileScore,
    QualityTextError,
    TextFile,
    area,
    cross_validate,
    telling_features,
    train,
)
from hanmill.schemas.recipe import CleanRecipe, Recipe, RuleSetting

GOOD = {
    "Hans": "长江发源于青藏高原，全长六千三百余公里，是亚洲最长的河流。它流经十一个省级行政区，最后在上海注入东海。",
    "Hant": "他看著窗外的雨，想起小時候住過的房子。那時候院子裡有一棵老樹，夏天的傍晚大家坐在樹下，說些甚麼都好。",
    "Hant-HK": "我琴日同阿媽去咗街市買餸，佢話啲菜貴咗好多。我哋行咗成個鐘先至返屋企，不過見到個舊同學，傾咗幾句。",
    "Jpan": "この寺は八世紀に建てられたと伝えられている。本堂は火災で失われたが、江戸時代に再建された。",
}
BAD = {
    "Hans": "首页 登录 注册 联系我们 关于我们 网站地图 加入收藏 设为首页 友情链接 版权所有",
    "Hant": "首頁 | 登入 | 註冊 | 購物車 | 會員中心 | 常見問題 | 聯絡我們 | 隱私權政策",
    "Hant-HK": "平靚正\n即刻WhatsApp我\n買一送一\n現貨\n查詢熱線 2345-6789\n執輸行頭慘過敗家\nlike同share就有得抽",
    "Jpan": "ホーム\nログイン\n新規登録\nカート\nお問い合わせ\nサイトマップ\nプライバシーポリシー\n会社概要",
}


def document(text: str) -> Document:
    return Document("tables", "1", "", "題", "", "", text, "a:1")


@pytest.mark.parametrize("script", GOOD)
def test_the_shipped_scorer_tells_prose_from_menus(script: str) -> None:
    assert shipped_model().score(GOOD[script]) > 0.6
    assert shipped_model().score(BAD[script]) < 0.2


def test_both_scripts_of_chinese_share_their_ngrams() -> None:
    hans, hant = folded_characters("汉语是语言。"), folded_characters("漢語是語言。")
    assert hans.tolist() == hant.tolist()
    assert (features("汉语是语言。").slots == features("漢語是語言。").slots).all()


def test_runs_are_one_character() -> None:
    folded = "".join(map(chr, folded_characters("  １２３ABC  xyz\r\n \n\nあ！ ").tolist()))
    assert folded.strip("\x00") == "0a a\nあ!"
    assert folded.count("\x00") == 2
    assert len(folded_characters("")) == len(folded_characters(" \n ")) == 0


@given(st.text(st.one_of(st.characters(), st.sampled_from("漢字かな。\n\t \ud800\x00「」…")), max_size=80))
def test_any_text_has_a_score(text: str) -> None:
    found = features(text)
    assert found.slots.dtype == np.uint32
    assert not len(found.slots) or int(found.slots.max()) < SLOTS
    assert 0 <= shipped_model().score(text) <= 1


def test_of_a_long_text_the_beginning_counts() -> None:
    text = "長い文章です。\n" * 30_000
    assert len(text) > MAX_CHARACTERS
    assert shipped_model().score(text) == shipped_model().score(text[:MAX_CHARACTERS])


def sides(changed: str = "") -> list[TextFile]:
    good = [
        f"{subject}是{thing}的一种，{changed}人们常常在{place}见到它。"
        for subject in "松竹梅兰菊"
        for thing in ("植物", "花木")
        for place in ("山里", "园中")
    ]
    bad = [
        f"{first} {second} 下载 注册"
        for first in ("首页", "论坛", "商城")
        for second in ("登录", "加盟", "价格", "代理")
    ]
    return [
        TextFile("a.txt", True, tuple(good[::2])),
        TextFile("b.txt", True, tuple(good[1::2])),
        TextFile("c.txt", False, tuple(bad[::2])),
        TextFile("d.txt", False, tuple(bad[1::2])),
    ]


def test_training_and_the_scores_of_files_it_did_not_see() -> None:
    scored = cross_validate(sides(), 2)
    assert [one.file.name for one in scored] == ["a.txt", "b.txt", "c.txt", "d.txt"]
    assert all(one.right == 1 for one in scored)
    assert area(scored) == 1
    model = train(sides(), {})
    good, bad = telling_features(model, sides(), 5)
    assert len(good) == len(bad) == 5
    assert all(" +" in one for one in good)
    assert any("spaces per character" in one for one in bad)
    with pytest.raises(QualityTextError, match="found 2 good and 1 bad files, expected two of each"):
        cross_validate(sides()[:3], 2)
    with pytest.raises(QualityTextError, match="found 2 good and 0 bad files with text"):
        train(sides()[:2], {})


def test_every_file_weighs_the_same_in_the_area() -> None:
    def scored(good: bool, *scores: float) -> FileScore:
        return FileScore(TextFile("x", good, ("",) * len(scores)), np.array(scores))

    assert area([scored(True, 0.9), scored(False, 0.1)]) == 1
    assert area([scored(True, 0.5), scored(False, 0.5)]) == 0.5
    # Of the bad files one lies above: a half, however many texts the other has.
    assert area([scored(True, 0.5), scored(False, *[0.1] * 9), scored(False, 0.9)]) == pytest.approx(0.5)


def test_a_model_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    trained = train(sides(), {"files": {"a.txt": "0"}})
    stored = write_model(path, trained)
    assert stored.made_from == {"files": {"a.txt": "0"}}
    for file in sides():
        for text in file.texts:
            assert stored.score(text) == pytest.approx(trained.score(text), abs=0.03)
    before = path.read_bytes()
    write_model(path, train(sides(), {"files": {"a.txt": "0"}}))
    assert path.read_bytes() == before


def test_files_that_are_no_model(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    for content, message in ((b"", "not a readable quality model"), (b"PAR1" * 9, "not a readable quality model")):
        path.write_bytes(content)
        with pytest.raises(QualityModelError, match=message):
            read_model(path)
    pq.write_table(pa.table({"slot": [1]}), path)
    with pytest.raises(QualityModelError, match="expected"):
        read_model(path)
    bad = QualityModel(np.zeros(SLOTS, np.float32), float("nan"), {})
    with pytest.raises((QualityModelError, ValueError)):
        write_model(path, bad)
    with pytest.raises(QualityModelError, match="nowhere"):
        open_models([RuleSetting("quality@1", min=0.5, file="nowhere.parquet")])


def test_the_rule_reads_the_shipped_scorer_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    write_model(path, train(sides(), {}))
    shipped, mine = RuleSetting("quality@1", min=0.5), RuleSetting("quality@1", min=0.5, file=str(path))
    (kept,) = judge([document(GOOD["Jpan"])], [profile(GOOD["Jpan"])], [shipped])
    assert kept.refusal is None
    (one,) = judge([document(BAD["Hant"])], [profile(BAD["Hant"])], [shipped, mine], measure_all=True)
    assert one.refusal is not None
    assert one.refusal.rule == "quality@1"
    assert [name for name, _ in one.measures] == ["quality@1", "quality@1 mine.parquet"]
    with pytest.raises(RuleError, match="quality@1: expected no label, found x"):
        open_models([replace(shipped, label="x")])


def test_the_file_s_content_is_in_the_address(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    write_model(path, train(sides(), {}))
    recipe = Recipe("x", clean=CleanRecipe(rules=(RuleSetting("quality@1", min=0.5, file=str(path)),)))
    before = ingest_ingredients(recipe, ["tables"])
    write_model(path, train(sides("山中"), {}))
    assert ingest_ingredients(recipe, ["tables"]) != before
    assert "pipelines/clean/quality/data/quality.parquet" in str(before)


def test_the_shipped_file_is_small_and_says_what_it_is_from() -> None:
    assert SHIPPED_MODEL.stat().st_size < 300_000
    names = shipped_model().made_from["files"]
    assert {"good-laws-hans.jsonl", "good-talk-yue.jsonl", "bad-spam-ja.jsonl"} <= names.keys()
    assert RULES["quality@1"].may_read_file
    assert not RULES["quality@1"].reads_list
    assert len(MEASURES) == 8


def test_pieces_of_long_texts_end_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "book.jsonl"
    text = "".join(f"第{number}句說的是別的事情。" for number in range(900))
    path.write_text(f'{{"text": "{text}"}}\n{{"text": "短。"}}\n{{"text": ""}}\n', encoding="utf-8")
    found = read_texts(path, True, "text", 1 << 20).texts
    assert "".join(found[:-1]) == text
    assert found[-1] == "短。"
    assert all(len(one) <= PIECE_CHARACTERS and one.endswith("。") for one in found)
    some = read_texts(path, True, "text", 4_000).texts
    assert sum(map(len, some)) <= 4_000 + PIECE_CHARACTERS
    assert list(texts_of(path, "text"))[:2] == [text, "短。"]
    (tmp_path / "empty.txt").write_text("\n", encoding="utf-8")
    with pytest.raises(QualityTextError, match="found no text"):
        read_texts(tmp_path / "empty.txt", True, "text", 10)
