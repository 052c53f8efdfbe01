"""The tables of a corpus where the build has left them, before they are put in their places."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hanmill.schemas.location import Location
from hanmill.schemas.manifest import TableFile


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a corpus as they will stand in ``tables/``, and the versions of what they were made from.

    ``stored`` says by name where each lies under its content address.
    """

    files: dict[str, TableFile]
    versions: dict[str, str]
    stored: dict[str, Location]


def listed_tables(listing: Location) -> dict[str, Location]:
    """Name to file of the tables that TablesJob has listed; nothing where it has not come to its end."""
    if not listing.is_file():
        return {}
    entry = json.loads(listing.read_text(encoding="utf-8"))
    return {name: listing.parent / file for name, (file, _, _) in entry["files"].items()}


def read_tables(listing: Location) -> Tables:
    """What TablesJob has left. Raises OSError where the list is not there."""
    entry = json.loads(listing.read_text(encoding="utf-8"))
    files = {
        name: TableFile(f"tables/{name}.parquet", digest, rows) for name, (_, digest, rows) in entry["files"].items()
    }
    return Tables(files, entry["versions"], listed_tables(listing))
