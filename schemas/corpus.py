"""Every Arrow schema of a corpus: documents, dropped records, training rows and tables.

Offsets and lengths count code points. ``char_ids`` holds one id per character of ``text`` that is not white
space (``str.isspace``), in order; ``sent_lens`` and ``word_lens`` are run lengths over ``char_ids`` and sum
to its length.
"""

from __future__ import annotations

import pyarrow as pa

#: Raised by one whenever a reader of an older corpus would misread a newer one.
SCHEMA_VERSION = 2

#: ``char_ids`` value of a character that is not in the ``characters`` table.
UNKNOWN_CHARACTER = 0
#: ``pinyin_ids`` value of a character without a reading.
NO_SYLLABLE = 0
#: ``word_ids`` value of a word that is not in the language's word table.
UNKNOWN_WORD = 0
#: Longest run ``word_lens`` (uint8) can hold; longer words are split and counted.
MAX_WORD_LENGTH = 255

GLYPH_SIZE = 24
GLYPH_FONTS = 3
GLYPH_BYTES = GLYPH_FONTS * GLYPH_SIZE * GLYPH_SIZE
#: Letter and tone ids per syllable (ChineseBERT, section 3.2).
SYLLABLE_LENGTH = 8

_NAME = pa.dictionary(pa.int32(), pa.string())


def _field(name: str, kind: pa.DataType, nullable: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=nullable)


#: Readings that the source itself gives (ruby, reading templates): code points [start, end) of ``text``.
SPAN = pa.struct([_field("start", pa.uint32()), _field("end", pa.uint32()), _field("reading", pa.string())])

#: A name and a value as the source has it, carried along with a document.
COLUMN = pa.struct([_field("name", pa.string()), _field("value", pa.string())])

#: A rule's name, with its file's where it has one, and what it measured.
MEASURE = pa.struct([_field("name", pa.string()), _field("value", pa.float64())])

_IDENTITY = [
    _field("uid", pa.uint64()),
    _field("source", _NAME),
    _field("lang", _NAME),
    _field("script", _NAME),
    _field("title", pa.string()),
    _field("url", pa.string()),
    _field("revision", pa.string()),
    _field("text", pa.large_string()),
]

#: A kept document after ``ingest``. ``timestamp`` is the time of its revision or capture as the source writes it
#: (ISO 8601, ``2024-05-01T12:00:00Z``), empty where it has none. ``raw`` is the text before normalisation, null
#: where that changed nothing. ``licence`` is what the source or the page says the text is under, empty where nothing;
#: ``opt_out`` whether page or server refuse use for training, null where neither says;
#: ``columns`` are what a table of texts had beside, by the names the recipe asks for; ``measures`` what rules measured.
DOCUMENTS = pa.schema(
    [
        *_IDENTITY,
        _field("timestamp", pa.string()),
        _field("raw", pa.large_string(), nullable=True),
        _field("readings", pa.list_(SPAN)),
        _field("licence", _NAME),
        _field("opt_out", pa.bool_(), nullable=True),
        _field("columns", pa.list_(COLUMN)),
        _field("measures", pa.list_(MEASURE)),
    ]
)

#: A record that was read and not kept. ``outcome`` is ``dropped`` or ``failed``; ``rule`` is then the rule's
#: versioned name or the kind of failure, and ``measured`` the rule's value or the bytes lost. ``place`` says where in
#: the input it stood. ``lang``, ``script`` (else empty) and ``measures`` are of what was measured; ``text`` as it was
#: extracted stands where ``output.dropped_text`` is set.
DROPPED = pa.schema(
    [
        _field("uid", pa.uint64()),
        _field("source", _NAME),
        _field("outcome", _NAME),
        _field("rule", _NAME),
        _field("measured", pa.float64(), nullable=True),
        _field("threshold", pa.float64(), nullable=True),
        _field("title", pa.string()),
        _field("url", pa.string()),
        _field("place", pa.string()),
        _field("snippet", pa.string()),
        _field("lang", _NAME),
        _field("script", _NAME),
        _field("measures", pa.list_(MEASURE)),
        _field("text", pa.large_string(), nullable=True),
    ]
)

#: One training row is one document. ``licence`` and ``opt_out`` are as in DOCUMENTS; what rules measured stands there
#: alone (``uid`` joins the two), so that no training row depends on what else was measured.
CORPUS = pa.schema(
    [
        *_IDENTITY,
        _field("char_ids", pa.list_(pa.uint16())),
        _field("sent_lens", pa.list_(pa.uint32())),
        _field("word_lens", pa.list_(pa.uint8())),
        _field("pinyin_ids", pa.list_(pa.uint16()), nullable=True),
        _field("word_ids", pa.list_(pa.uint32()), nullable=True),
        _field("word_roman", pa.list_(_NAME), nullable=True),
        _field("licence", _NAME, nullable=True),
        _field("opt_out", pa.bool_(), nullable=True),
    ]
)

#: How often in one language; a list of these and no map, which few readers know.
COUNT = pa.struct([_field("lang", pa.string()), _field("count", pa.uint64())])

#: ``id`` runs from 0 without gaps; row 0 is the unknown character (code point 0, empty ``character``).
#: ``representative`` is the id of the first character of the cluster, itself where it stands alone.
CHARACTERS = pa.schema(
    [
        _field("id", pa.uint16()),
        _field("codepoint", pa.uint32()),
        _field("character", pa.string()),
        _field("counts", pa.list_(COUNT)),
        _field("default_pinyin", pa.uint16()),
        _field("cluster", pa.uint32()),
        _field("representative", pa.uint16()),
    ]
)

#: Row 0 is "no reading". ``ids``: 0 padding, 1-5 tones (5 neutral), 6-31 the letters a-z with v for ü.
SYLLABLES = pa.schema(
    [
        _field("id", pa.uint16()),
        _field("syllable", pa.string()),
        _field("ids", pa.list_(pa.uint8(), SYLLABLE_LENGTH)),
    ]
)

#: Row 0 is the unknown word; the rest by falling count, as MLMA's sampler needs it.
WORDS = pa.schema([_field("id", pa.uint32()), _field("word", pa.string()), _field("count", pa.uint64())])

#: Words of two languages with one spelling, as ids of both tables.
IDENTICAL = pa.schema([_field("word", pa.string()), _field("first", pa.uint32()), _field("second", pa.uint32())])

CLUSTERS = pa.schema(
    [
        _field("cluster", pa.uint32()),
        _field("representative", pa.uint16()),
        _field("characters", pa.list_(pa.uint16())),
        _field("text", pa.string()),
    ]
)

#: One row a character id; ``bitmaps`` is uint8 [3, 24, 24] in C order, 0 paper to 255 ink. Fonts (name, file
#: hash, licence) stand in the schema metadata under ``hanmill.fonts``.
GLYPHS = pa.schema(
    [
        _field("id", pa.uint16()),
        _field("bitmaps", pa.binary(GLYPH_BYTES)),
        _field("missing", pa.list_(pa.bool_(), GLYPH_FONTS)),
    ]
)
