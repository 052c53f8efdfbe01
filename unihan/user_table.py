"""A user's own variant pairs: UTF-8 lines ``character<TAB>character[<TAB>note]``, ``#`` starting a comment line."""

from __future__ import annotations

from hanmill.unihan.codepoints import parse_codepoint
from hanmill.unihan.errors import VariantFileError
from hanmill.unihan.ivs import base_character


def parse_user_table(data: bytes, name: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """(character, variant, notes) per line. A character may be written as itself or as ``U+6C17``.

    Raises VariantFileError at the first line that is not such a pair.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise VariantFileError(f"{name}: not UTF-8 at byte {error.start:,}") from error
    pairs = []
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip("\r")
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        ends = [_character(field.strip()) for field in fields[:2]]
        if len(fields) not in (2, 3) or len(ends) != 2 or ends[0] is None or ends[1] is None:
            raise VariantFileError(
                f"{name}, line {number:,}: found {line[:60]!r}; expected two characters, such as '気<TAB>氣'"
            )
        pairs.append((ends[0], ends[1], tuple(note for note in fields[2:] if note)))
    return tuple(pairs)


def _character(field: str) -> str | None:
    if field.startswith("U+"):
        return parse_codepoint(field)
    return field if len(base_character(field)) == 1 else None
