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
