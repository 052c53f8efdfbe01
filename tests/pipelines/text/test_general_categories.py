import sys
import unicodedata

from hanmill.pipelines.text.general_categories import general_categories, major_categories


def test_every_code_point_as_the_database_says() -> None:
    expected = [unicodedata.category(chr(code)).encode() for code in range(sys.maxunicode + 1)]
    assert general_categories().tolist() == expected
    assert major_categories().tolist() == [category[:1] for category in expected]
