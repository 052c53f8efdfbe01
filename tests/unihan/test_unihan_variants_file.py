from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanmill.unihan.errors import VariantFileError
from hanmill.unihan.variants_file import Entry, Target, parse_variants, read_variants

SAMPLE = (
    "#\n# Unihan_Variants.txt\n# Unicode version: 12.0.0\n#\n"
    "U+3405\tkSemanticVariant\tU+4E94<kMatthews\n"
    "U+53F0\tkTraditionalVariant\tU+6AAF U+81FA U+98B1\n"
    "U+5147\tkSemanticVariant\tU+51F6<kHKGlyph,kHanYu:TZ U+5FF7\n"
    "\n# EOF\n"
)


def test_entries_targets_and_tags() -> None:
    read = parse_variants(SAMPLE.encode(), "sample")
    assert read.version == "12.0.0"
    assert read.problems == ()
    assert read.entries == (
        Entry("㐅", "kSemanticVariant", (Target("五", ("kMatthews",)),)),
        Entry("台", "kTraditionalVariant", (Target("檯"), Target("臺"), Target("颱"))),
        Entry("兇", "kSemanticVariant", (Target("凶", ("kHKGlyph", "kHanYu:TZ")), Target("忷"))),
    )


@pytest.mark.parametrize(
    ("header", "version"),
    [
        ("# Unicode version: 12.0.0", "12.0.0"),
        ("# Unicode Version 17.0.0", "17.0.0"),
        ("# Unicode version: 6.0", "6.0"),
        ("# no version here", "unknown"),
    ],
)
def test_version_from_the_header(header: str, version: str) -> None:
    assert parse_variants(f"{header}\nU+6C17\tkZVariant\tU+6C23\n".encode(), "x").version == version


@pytest.mark.parametrize(
    ("line", "found", "expected"),
    [
        ("U+6C17 kZVariant U+6C23", "U+6C17 kZVariant U+6C23", "three fields"),
        ("6C17\tkZVariant\tU+6C23", "6C17", "a code point"),
        ("U+D800\tkZVariant\tU+6C23", "U+D800", "a code point"),
        ("U+110000\tkZVariant\tU+6C23", "U+110000", "a code point"),
        ("U+6C17\tZVariant\tU+6C23", "ZVariant", "a field name"),
        ("U+6C17\tkZVariant\t気", "気", "a target"),
        ("U+6C17\tkZVariant\t", "U+6C17\tkZVariant\t", "at least one target"),
        ("\ufffd\ufffd", "\ufffd\ufffd", "three fields"),
    ],
)
def test_malformed_lines_are_reported_by_number(line: str, found: str, expected: str) -> None:
    read = parse_variants(f"# Unicode version: 15.0.0\n{line}\nU+6C14\tkZVariant\tU+6C23\n".encode(), "x")
    assert [entry.character for entry in read.entries] == ["气"]
    (problem,) = read.problems
    assert (problem.line, problem.found) == (2, found)
    assert problem.expected.startswith(expected)
    assert str(problem).startswith("line 2: found ")


def test_good_targets_of_a_bad_line_are_kept() -> None:
    read = parse_variants(b"U+53F0\tkTraditionalVariant\tU+6AAF nonsense U+81FA\n", "x")
    assert read.entries == (Entry("台", "kTraditionalVariant", (Target("檯"), Target("臺"))),)
    assert [problem.found for problem in read.problems] == ["nonsense"]


def test_other_fields_of_the_single_file_of_old_versions_are_passed_over() -> None:
    read = parse_variants(b"U+6C17\tkDefinition\tspirit\nU+6C17\tkZVariant\tU+6C23\n", "Unihan.txt")
    assert len(read.entries) == 1
    assert read.problems == ()


def test_spoofing_is_read_but_not_counted_among_the_five() -> None:
    read = parse_variants(b"U+340A\tkSpoofingVariant\tU+340B\nU+6C17\tkZVariant\tU+6C23\n", "x")
    assert (len(read.entries), read.count()) == (2, 1)


def test_windows_line_ends_and_byte_order_mark() -> None:
    marked = b"\xef\xbb\xbf" + SAMPLE.replace("\n", "\r\n").encode()
    assert parse_variants(marked, "x").entries == parse_variants(SAMPLE.encode(), "x").entries


def test_every_container_reads_the_same(tmp_path: Path) -> None:
    data = SAMPLE.encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Unihan_Readings.txt", "nothing")
        archive.writestr("Unihan/Unihan_Variants.txt", data)
    stored = {
        "plain": data,
        "gzip": gzip.compress(data),
        "bzip2": bz2.compress(data),
        "two-streams": bz2.compress(data[:40]) + bz2.compress(data[40:]),
        "xz": lzma.compress(data),
        "zip": packed.getvalue(),
    }
    hashes = set()
    for name, content in stored.items():
        (tmp_path / name).write_bytes(content)
        hashes.add(read_variants(tmp_path / name).sha256)
    assert len(hashes) == 1


def test_file_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("吾輩は猫である。\n名前はまだ無い。\n", encoding="utf-8")
    with pytest.raises(
        VariantFileError, match=r"text\.txt: no variant entry in 3 lines; line 1: found '吾輩は猫である。'"
    ):
        read_variants(path)


@pytest.mark.parametrize("version", ["12.0.0", "13.0.0", "15.0.0", "17.0.0"])
def test_real_files_have_no_malformed_line(version: str, shared_data: Path) -> None:
    read = read_variants(shared_data / f"unihan/Unihan_Variants-{version}.txt.bz2")
    assert read.version == version
    assert read.problems == ()
    assert Entry("㐅", "kSemanticVariant", (Target("五", ("kMatthews",)),)) in read.entries


def test_cut_real_file_is_refused(shared_data: Path, tmp_path: Path) -> None:
    whole = (shared_data / "unihan/Unihan_Variants-12.0.0.txt.bz2").read_bytes()
    (tmp_path / "cut.bz2").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(VariantFileError, match=r"cut\.bz2: cannot be decoded"):
        read_variants(tmp_path / "cut.bz2")


LINES = st.lists(
    st.one_of(
        st.text(alphabet=st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=20),
        st.builds("U+{:04X}\tkZVariant\tU+{:04X}".format, st.integers(0, 0x120000), st.integers(0, 0x120000)),
    ),
    max_size=20,
)


@settings(deadline=None)
@given(LINES)
def test_any_line_is_an_entry_a_problem_or_passed_over(lines: list[str]) -> None:
    data = ("\n".join(lines) + "\nU+6C17\tkZVariant\tU+6C23").encode()
    read = parse_variants(data, "x")
    assert read.entries[-1] == Entry("気", "kZVariant", (Target("氣"),))
    numbers = [problem.line for problem in read.problems]
    assert all(1 <= number <= len(lines) for number in numbers)
    assert len(read.entries) - 1 + len(set(numbers)) <= len(lines)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_hostile_bytes_do_not_hide_the_next_line(data: bytes) -> None:
    read = parse_variants(data + b"\nU+6C17\tkZVariant\tU+6C23", "x")
    assert read.entries[-1] == Entry("気", "kZVariant", (Target("氣"),))
