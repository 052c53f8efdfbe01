"""``hanmill extract html``: the text of HTML files, one JSON object a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command("html")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--boilerplate", is_flag=True, help="Keep navigation and other page furniture.")
def html(files: tuple[Path, ...], boilerplate: bool) -> None:
    """Prints title, charset, language and main text of each HTML FILE, one JSON object a line.

    A file that cannot be read is a line with "error".
    """
    from hanmill.pipelines.extract.charset.detection import decode_page
    from hanmill.pipelines.extract.html.page import extract_page
    from hanmill.pipelines.text.printable import json_line

    for file in files:
        line: dict[str, Any] = {"file": str(file)}
        try:
            with click.open_file(str(file), "rb") as stream:
                data = stream.read()
        except OSError as error:
            line["error"] = f"{file}: {error.strerror}"
        else:
            text, charset = decode_page(data)
            page = extract_page(text, boilerplate=boilerplate)
            line |= {
                "title": page.title,
                "charset": charset.name,
                "charset_from": charset.origin,
                "lang": page.lang,
                "text": page.text,
            }
            if page.readings:
                line["readings"] = [[reading.start, reading.end, reading.reading] for reading in page.readings]
        click.echo(json_line(line))
