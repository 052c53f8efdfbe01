"""The pages: a list of what was found, a document with its annotations, the readings of one character."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from html import escape
from importlib import resources
from typing import Any
from urllib.parse import urlencode

from pypinyin import Style, pinyin

from hanmill.corpus import Character, Tables, document
from hanmill.pipelines.build.browse.annotated import ClusterMembers, annotated, measures_of, text_lines
from hanmill.pipelines.build.browse.marks import Marks
from hanmill.pipelines.build.browse.search import STATES, BrowseError, CorpusSearch, Hit, Place, Query
from hanmill.pipelines.build.report.markup import figure, quoted, text
from hanmill.schemas.location import Location

PAGE_HITS = 20
#: Characters of a document before "all of it" is asked for, and context of a reading put right.
_SHOWN, _CONTEXT = 3000, 24
_LABELS = {"state": "which", "text": "text or title has", "address": "address has", "rule": "refused by", "uid": "uid"}


class Pages:
    """Every page as HTML. ``token`` stands in each form, and is asked for again when it comes back."""

    def __init__(self, corpus: Location, marks: Marks, token: str) -> None:
        """Raises ManifestError where there is no finished corpus."""
        self._search = CorpusSearch(corpus)
        self._tables = Tables.read(corpus)
        self._clusters = ClusterMembers(self._tables)
        self._marks, self._token = marks, token
        manifest = self._search.manifest
        self._name = str(manifest.recipe["name"])
        self._rules = sorted({*manifest.accounting.dropped, *manifest.accounting.failed})
        self._sources = sorted({item.source for item in manifest.inputs})

    def results(self, query: Query, start: Place | None) -> str:
        """The form, and the documents from ``start`` on. Raises BrowseError."""
        hits, after = self._search.find(query, start, PAGE_HITS)
        items = "".join(self._item(hit) for hit in hits)
        more = ""
        if after is not None:
            more = f'<p><a id="next" href="/?{_address(query, after)}">more</a></p>'
        found = f'<ol class="hits">{items}</ol>{more}' if items else '<p class="note">no such document from here on</p>'
        counts = self._marks.counts()
        marked = ", ".join(f"{count:,} marked {mark}" for mark, count in counts.items())
        return self._page(self._name, f'{self._form(query)}<p class="note">{marked}</p>{found}')

    def document(self, place: Place, *, whole: bool) -> str:
        """One document. Raises BrowseError."""
        state, row = self._search.row(place)
        where = urlencode({"shard": place.shard, "row": place.row})
        uid = f"{row['uid']:016x}"
        said = [("uid", uid), ("source", row["source"]), ("language", f"{row['lang']} {row['script']}")]
        said += [("address", row["url"])] if row["url"] else []
        if state == "kept":
            characters = len(row["text"]) if whole else _SHOWN
            link = self._reading_link(row, place)
            body = annotated(document(row, self._tables), self._clusters, link, characters)
            cut = len(row["text"]) > characters
        else:
            said += [("refused by", row["rule"]), *_thresholds(row)]
            characters = len(row["text"] or "") if whole else _SHOWN
            body = text_lines((row["text"] or row["snippet"])[:characters])
            cut = len(row["text"] or "") > characters
            if row["text"] is None:
                said.append(("text", "its beginning; the whole is kept where the recipe sets output.dropped_text"))
        more = f'<p><a href="/document?{where}&amp;whole=1">all of it</a></p>' if cut else ""
        rows = "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in said)
        measured = "".join(
            f"<tr><td>{text(name)}</td><td class=n>{figure(value)}</td></tr>" for name, value in measures_of(row)
        )
        table = (
            f"<details><summary>what rules measured</summary><table>{measured}</table></details>" if measured else ""
        )
        lang = escape(row["lang"] or "")
        return self._page(
            str(row["title"]) or uid,
            f'<p><a href="/">search</a></p><h1 lang="{lang}">{text(row["title"]) or uid}</h1>'
            f"<dl>{rows}</dl>{self._mark_form(uid, place)}{table}"
            f'<div class="text" lang="{lang}">{body}</div>{more}',
        )

    def readings(self, place: Place, offset: int) -> str:
        """The readings that a character of a document may have, to choose from. Raises BrowseError."""
        before, character, after = self.context(place, offset)
        buttons = "".join(
            f'<button name="syllable" value="{escape(syllable)}">{escape(syllable)}</button>'
            for syllable in readings_of(character)
        )
        fields = self._fields(place, offset=str(offset))
        sentence = f"{text(before)}<mark>{text(character)}</mark>{text(after)}"
        return self._page(
            character,
            f'<p class="text" lang="zh">{sentence}</p><p class="note">The right reading goes to readings.sent and '
            f'readings.lb, which hanmill readings train takes.</p><form method="post" action="/reading">{fields}'
            f"{buttons}</form>",
        )

    def context(self, place: Place, offset: int) -> tuple[str, str, str]:
        """What stands before a character on its line, the character, and what stands behind it. Raises BrowseError."""
        _, row = self._search.row(place)
        found = row["text"] or ""
        if not 0 <= offset < len(found) or not readings_of(found[offset]):
            raise BrowseError(f"character: found offset {offset}, expected one of a character with several readings")
        before = found[max(0, offset - _CONTEXT) : offset].rpartition("\n")[2]
        after = found[offset + 1 : offset + 1 + _CONTEXT].partition("\n")[0]
        return before, found[offset], after

    def row(self, place: Place) -> Mapping[str, Any]:
        """The row of a document. Raises BrowseError."""
        return self._search.row(place)[1]

    def refusal(self, message: str) -> str:
        """A page that says what was wrong with a request."""
        return self._page("hanmill browse", f'<p><a href="/">search</a></p><p>{text(message)}</p>')

    def _item(self, hit: Hit) -> str:
        where = escape(urlencode({"shard": hit.place.shard, "row": hit.place.row}))
        mark = self._marks.of(f"{hit.uid:016x}")
        tags = [hit.source, f"{hit.lang} {hit.script}".strip(), mark]
        if hit.rule:
            measured = "" if hit.measured is None else f" {figure(hit.measured)}"
            limit = "" if hit.threshold is None else f" (threshold {figure(hit.threshold)})"
            tags.append(f"{hit.rule}{measured}{limit}")
        shown = " · ".join(text(tag) for tag in tags if tag)
        title = quoted(hit.title or hit.url or f"{hit.uid:016x}", hit.lang or None)
        return (
            f'<li><a href="/document?{where}">{title}</a> <span class="of">{shown}</span>'
            f"<p>{quoted(hit.snippet, hit.lang or None)}</p></li>"
        )

    def _form(self, query: Query) -> str:
        lists: Mapping[str, Sequence[str]] = {"rule": self._rules, "source": self._sources}
        fields = []
        for name, value in asdict(query).items():
            label = escape(_LABELS.get(name, name))
            if name == "state":
                chosen = "".join(_option(state, value) for state in STATES)
                fields.append(f'<label>{label} <select name="state">{chosen}</select></label>')
            else:
                listed = f' list="{name}s"' if name in lists else ""
                fields.append(f'<label>{label} <input name="{name}" value="{escape(value)}"{listed}></label>')
        known = "".join(
            f'<datalist id="{name}s">{"".join(_option(value, "") for value in values)}</datalist>'
            for name, values in lists.items()
        )
        inside = f"{''.join(fields)}{known}<button>search</button>"
        return f'<h1>{text(self._name)}</h1><form class="search" action="/">{inside}</form>'

    def _mark_form(self, uid: str, place: Place) -> str:
        now = self._marks.of(uid)
        buttons = "".join(
            f'<button name="mark" value="{"" if mark == now else mark}" aria-pressed="{str(mark == now).lower()}">'
            f"{mark}</button>"
            for mark in ("good", "bad")
        )
        return f'<form method="post" action="/mark">{self._fields(place)}{buttons}</form>'

    def _fields(self, place: Place, **others: str) -> str:
        values = {"token": self._token, "shard": place.shard, "row": str(place.row), **others}
        return "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in values.items())

    def _reading_link(self, row: Mapping[str, Any], place: Place) -> Callable[[Character], str]:
        def link(character: Character) -> str:
            if len(readings_of(character.text)) < 2:
                return ""
            return "/reading?" + urlencode({"shard": place.shard, "row": place.row, "offset": character.offset})

        return link

    def _page(self, title: str, body: str) -> str:
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<title>{text(title)}</title><link rel="stylesheet" href="/style.css"></head><body>{body}</body></html>'
        )


def style() -> str:
    """The report's style and what these pages need besides."""
    report = resources.files("hanmill.pipelines.build.report").joinpath("data", "style.css")
    own = resources.files(__package__).joinpath("data", "style.css")
    return report.read_text(encoding="utf-8") + own.read_text(encoding="utf-8")


def readings_of(character: str) -> Sequence[str]:
    """The syllables that pypinyin knows of a character, tone last, ü as v; none where it is not Han."""
    found = pinyin(character, style=Style.TONE3, heteronym=True, neutral_tone_with_five=True, errors="ignore")
    return sorted(set(found[0])) if found else ()


def _thresholds(row: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    named = (("measured", row["measured"]), ("threshold", row["threshold"]))
    return [(name, figure(value)) for name, value in named if value is not None]


def _address(query: Query, start: Place) -> str:
    asked = {name: value for name, value in asdict(query).items() if value}
    return escape(urlencode({**asked, "shard": start.shard, "row": start.row}))


def _option(value: str, chosen: str) -> str:
    selected = " selected" if value == chosen else ""
    return f'<option value="{escape(value)}"{selected}>{text(value)}</option>'
