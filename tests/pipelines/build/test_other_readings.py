from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa

from hanmill.pipelines.build.other_readings import commonest, counted, other_readings


def test_only_readings_that_context_chose() -> None:
    # 1 行 (xing2: 3), 2 銀 (yin2: 5); the third row is Japanese.
    alone = np.array([0, 3, 5], np.uint16)
    rows = pa.table(
        {
            "char_ids": pa.array([[2, 1, 0], [1], [1, 2]], pa.list_(pa.uint16())),
            "pinyin_ids": pa.array([[5, 7, 9], [3], None], pa.list_(pa.uint16())),
        }
    )
    found = other_readings(rows, alone)
    assert found == {(1, 7): 1}
    assert commonest(found) == [[1, 7, 1]]


def test_the_commonest_come_first_and_come_back() -> None:
    counts = Counter({(5, 1): 2, (3, 9): 2, (4, 1): 7})
    assert commonest(counts) == [[4, 1, 7], [3, 9, 2], [5, 1, 2]]
    assert counted(commonest(counts)) == counts
    assert len(commonest(Counter({(character, 1): 1 for character in range(1000)}))) == 200
