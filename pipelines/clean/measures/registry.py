"""How a rule is registered: one function of one page, under a versioned name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from hanmill.pipelines.clean.profile import Profile
from hanmill.pipelines.extract.document import Document


@dataclass(frozen=True)
class Page:
    """What a rule measures: a document, the profile of its text, the file and the label that the setting names."""

    document: Document
    profile: Profile
    file: str = ""
    label: str = ""

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Lines that are not empty, without the white space about them."""
        return tuple(line for line in map(str.strip, self.document.text.split("\n")) if line)


Measure = Callable[[Page], float]
Open = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A measure under its versioned name.

    ``reads_list`` where its setting must name a file, ``may_read_file`` where it can, ``reads_label`` where it must
    name a label. ``opens`` is given both before anything is measured, and raises what is wrong with them.
    """

    name: str
    measure: Measure
    reads_list: bool
    reads_label: bool
    opens: Open | None
    may_read_file: bool


_rules: dict[str, Rule] = {}
#: Every rule by name, once the modules of its family are imported.
RULES: Mapping[str, Rule] = MappingProxyType(_rules)


def rule(
    name: str,
    *,
    reads_list: bool = False,
    reads_label: bool = False,
    opens: Open | None = None,
    may_read_file: bool = False,
) -> Callable[[Measure], Measure]:
    """Registers the decorated measure as ``name`` (``hiragana_ratio@1``)."""

    def register(measure: Measure) -> Measure:
        if name in _rules:
            raise ValueError(f"rule {name}: registered twice")
        _rules[name] = Rule(name, measure, reads_list, reads_label, opens, may_read_file or reads_list)
        return measure

    return register
