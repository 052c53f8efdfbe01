from __future__ import annotations

from benchmarks.pinyin_particles import marked_particles


def test_particles_verbs_and_parts_of_words() -> None:
    lines = [
        "他 慢慢 地 走 了",
        "我 在 地 上 坐 着",  # no particle, and no word of several characters before it
        "他 跑 得 很 快",
        "他 得 了 金牌",
        "我 不 得 不 走",
        "这 当地 人 说",
        "他 说 不得 ，",
    ]
    marked = sorted(marked_particles(lines, {"当地": ("dang1", "di4")}))
    assert marked == [
        ("他▁得▁了金牌", "de2"),
        ("他慢慢▁地▁走了", "de5"),
        ("他跑▁得▁很快", "de5"),
        ("这当▁地▁人说", "di4"),
    ]


def test_must_for_and_measures() -> None:
    lines = [
        "你 得 走 了",
        "他 为 人民 服务",
        "改 为 新 名",
        "以 此 为 目标 前进",
        "有 一 只 猫",
        "他 只 喝 水",
        "这 只 是 梦",
    ]
    assert sorted(marked_particles(lines, {})) == [
        ("他▁为▁人民服务", "wei4"),
        ("他▁只▁喝水", "zhi3"),
        ("以此▁为▁目标前进", "wei2"),
        ("你▁得▁走了", "dei3"),
        ("改▁为▁新名", "wei2"),
        ("有一▁只▁猫", "zhi1"),
    ]


def test_aspects_but_not_what_is_reached() -> None:
    lines = ["他 看 着 窗外", "他 睡 着 觉", "火 着 火 吧", "他 吃 了 饭 吗", "他 吃 不 了 饭"]
    assert sorted(marked_particles(lines, {})) == [("他吃▁了▁饭吗", "le5"), ("他看▁着▁窗外", "zhe5")]
