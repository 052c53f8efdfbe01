import sys

import numpy as np
from pypinyin.constants import RE_HANS

from hanmill.pipelines.annotate.pinyin.han_characters import han_characters


def test_what_pypinyin_takes_for_han() -> None:
    expected = [RE_HANS.match(chr(code)) is not None for code in range(sys.maxunicode + 1)]
    assert np.flatnonzero(han_characters()).tolist() == [code for code, is_han in enumerate(expected) if is_han]
