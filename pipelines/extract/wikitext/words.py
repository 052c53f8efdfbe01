"""Tables written as words, for the modules that hold them."""

from __future__ import annotations


def words(table: str) -> tuple[str, ...]:
    """The words of a table, parted by white space; an underscore inside a word stands for a space.

    >>> words("lang rtl_lang")
    ('lang', 'rtl lang')
    """
    return tuple(word.replace("_", " ") for word in table.split())
