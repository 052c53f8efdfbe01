"""What the robots.txt of hosts say to crawlers for training, from the archives that CommonCrawl keeps of them.

Source: RFC 9309 (groups, longest match, ``*`` and ``$``); CommonCrawl's subset ``robotstxt``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

from hanmill.pipelines.sources.commoncrawl.warc import WarcRecordData, read_warc
from hanmill.pipelines.sources.stored_bytes import open_stored
from hanmill.schemas.errors import HanmillError
from hanmill.schemas.location import location

#: RFC 9309 asks that so much of a file be read.
_MOST_BYTES = 500 << 10
_MOST_RULES = 1_000
_LINE = re.compile(r"\s*([A-Za-z-]+)\s*:\s*([^#]*)")
_PAGE = re.compile(r"/robots\.txt$")
#: Path with ``*`` and ``$``, and whether it is allowed.
Rules = tuple[tuple[str, bool], ...]
_EVERYTHING: Rules = (("/", False),)


class RobotsFileError(HanmillError, ValueError):
    """A file that is no archive of robots.txt files."""


class RobotsFiles:
    """Rules by host and agent; hosts that name none of the agents are not held."""

    def __init__(self, hosts: Mapping[str, tuple[Rules, ...]]) -> None:
        self._hosts = hosts

    def __len__(self) -> int:
        return len(self._hosts)

    def refuses(self, address: str) -> bool:
        """Whether the host refuses an address to one of the agents by its name.

        What a host says to every crawler (``*``) is no answer: it is about being crawled.
        """
        try:
            parts = urlsplit(address)
            groups = self._hosts.get((parts.hostname or "").lower(), ())
        except ValueError:
            return False
        path = _normal(parts.path or "/") + (f"?{_normal(parts.query)}" if parts.query else "")
        return any(_disallows(rules, path) for rules in groups)


@lru_cache(maxsize=4)
def read_robots(files: tuple[str, ...], agents: tuple[str, ...]) -> RobotsFiles:
    """All robots.txt in WARC files; of two of one host the later capture counts.

    Raises RobotsFileError for a file in which there is none, OSError for one that cannot be opened.
    """
    found: dict[str, tuple[str, tuple[Rules, ...]]] = {}
    for file in files:
        seen = 0
        with open_stored(location(file)) as opened:
            for record in read_warc(opened, _MOST_BYTES):
                if not isinstance(record, WarcRecordData) or record.type != "response":
                    continue
                host = _host(record.url)
                if not host or not 200 <= record.status < 300:
                    continue
                seen += 1
                if host in found and found[host][0] > record.date:
                    continue
                rules = refusals(record.body[:_MOST_BYTES].decode("utf-8", "replace"), agents)
                found[host] = record.date, rules
        if not seen:
            raise RobotsFileError(f"{file}: expected a WARC file with robots.txt responses, found none")
    return RobotsFiles({host: rules for host, (_, rules) in found.items() if rules})


def refusals(text: str, agents: Iterable[str]) -> tuple[Rules, ...]:
    """The rules of each agent that the file names and refuses something.

    >>> refusals("User-agent: GPTBot\\nUser-agent: CCBot\\nDisallow: /\\n", ["gptbot", "claudebot"])
    ((('/', False),),)
    """
    wanted = {agent.lower() for agent in agents}
    rules: dict[str, list[tuple[str, bool]]] = {}
    group: list[str] = []
    naming = False
    for line in text.lstrip("\ufeff").splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        key, value = match[1].lower(), match[2].strip()
        if key == "user-agent":
            if not naming:
                group = []
            naming = True
            if value.lower() in wanted:
                group.append(value.lower())
                rules.setdefault(value.lower(), [])
        elif key in ("allow", "disallow"):
            naming = False
            for agent in group if value else ():
                if len(rules[agent]) < _MOST_RULES:
                    rules[agent].append((_normal(value), key == "allow"))
    whole = (tuple(found) for found in rules.values() if not all(allowed for _, allowed in found))
    # Most say one and the same, and there are millions of hosts.
    return tuple(_EVERYTHING if one == _EVERYTHING else one for one in whole)


def _disallows(rules: Rules, path: str) -> bool:
    matching = [(len(pattern), allowed) for pattern, allowed in rules if _pattern(pattern).match(path)]
    # Of the longest ones that match the least restrictive counts.
    return bool(matching) and not max(matching)[1]


@lru_cache(maxsize=4096)
def _pattern(path: str) -> re.Pattern[str]:
    first, *parts = (re.escape(part) for part in re.split(r"\*+", path.removesuffix("$")))
    if not path.endswith("$"):
        # Each part as early as it stands: nothing is ever tried again.
        return re.compile(first + "".join(f"(?>.*?{part})" for part in parts))
    if not parts:
        return re.compile(first + r"\Z")
    # The last part stands at the end, wherever it stands before.
    *middle, last = parts
    return re.compile(first + "".join(f"(?>.*?{part})" for part in middle) + f".*(?<={last})\\Z")


def _normal(path: str) -> str:
    """A path with every character either as it is or percent-encoded, however it was written."""
    return quote(unquote(path), safe="/*$?&=:@!,;+~()'")


def _host(address: str) -> str:
    try:
        parts = urlsplit(address)
        return (parts.hostname or "").lower() if _PAGE.search(parts.path) else ""
    except ValueError:
        return ""
