"""Control characters that carry structure through the scanner; ``prepare`` removes them from its input.

None of them may occur in XML 1.0, so a dump cannot hold them.
"""

from __future__ import annotations

#: ``BASE surface RUBY reading READING_END``.
BASE = "\x01"
RUBY = "\x02"
READING_END = "\x03"
#: ``OPAQUE index OPAQUE_END``: the text of a ``<nowiki>`` or ``<pre>``, put back at the very end.
OPAQUE = "\x04"
OPAQUE_END = "\x05"
#: Something was left out here: only next to this mark are brackets and punctuation repaired.
DROPPED = "\x06"
#: First character of a line that stands alone (a list item, a table row).
ITEM = "\x07"
#: Text that no language conversion may touch.
RAW = "\x0e"
RAW_END = "\x0f"
#: ``RULE index RULE_END``: from here on the conversion rules of that index are added or removed.
RULE = "\x10"
RULE_END = "\x11"
#: ``AS index AS_END_OF_INDEX text AS_END``: text to be converted to one given variant.
AS = "\x12"
AS_END = "\x13"

#: A formula stood here whose sentence is to go.
FORMULA = "\x14"

#: What the input may not hold: C0 controls save tab, newline and carriage return.
CONTROLS = "".join(map(chr, (*range(9), 0x0B, 0x0C, *range(0x0E, 0x20))))
