"""A plain text file as one document, its charset found by extraction."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import PurePosixPath

from hanmill.pipelines.sources.records import RawPage, Record, Split
from hanmill.pipelines.sources.tables.files import DAMAGE, is_damage, open_decoded
from hanmill.pipelines.sources.tables.rows import DAMAGED, ROW_TOO_LONG, SOURCE, failed
from hanmill.schemas.location import location
from hanmill.schemas.recipe import TablesRecipe


def read_text_file(split: Split, settings: TablesRecipe) -> Iterator[Record]:
    """The one record of a file; its title is its name."""
    name, limit = PurePosixPath(split.path).name, settings.max_row_bytes
    try:
        with open_decoded(location(split.path)) as file:
            content = file.read(limit + 1)
    except (OSError, *DAMAGE) as error:
        if not is_damage(error):
            raise
        yield failed(DAMAGED, name, f"found the stream broken: {error}", split.end)
        return
    if len(content) > limit:
        yield failed(ROW_TOO_LONG, name, f"found a file of more than {limit:,} bytes, expected up to that", split.end)
        return
    yield RawPage(
        source=SOURCE,
        document_id=f"{name}#{blake2b(content, digest_size=6).hexdigest()}",
        form="text",
        content=content,
        place=name,
        size=len(content),
        title=name.partition(".")[0],
    )
