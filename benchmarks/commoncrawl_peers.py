"""The other side of ``commoncrawl.py`` and ``main_content.py``: datatrove's chain, and extractors alone.

A Python that has them runs it; it imports nothing of this project, so that the peers' own versions of shared
dependencies are used. It writes one JSON object to the path given last.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

Extractor = Callable[[str], str | None]


def main(task: str, *arguments: str) -> None:
    *inputs, output = arguments
    result = {"datatrove": datatrove, "extractors": extractors, "texts": texts}[task](*inputs)
    Path(output).write_text(json.dumps(result), encoding="utf-8")


def datatrove(model: str, *archives: str) -> dict[str, object]:
    """Reader, extractor and language filter as datatrove has them; its filter gets the model that is here."""
    import fasttext
    from datatrove.pipeline.extractors import Trafilatura
    from datatrove.pipeline.filters import LanguageFilter
    from datatrove.pipeline.readers import WarcReader

    language = LanguageFilter(label_only=True)
    language.model._model = fasttext.load_model(model)
    extractor = Trafilatura(favour_precision=True, timeout=1)
    read = 0

    def counted(documents: Iterator[object]) -> Iterator[object]:
        nonlocal read
        for document in documents:
            read += 1
            yield document

    pages: list[tuple[str, str, str]] = []
    started = cpu_seconds()
    for path in archives:
        file = Path(path)
        documents = WarcReader(str(file.parent), glob_pattern=file.name, file_progress=False, doc_progress=False).run()
        for document in extractor.run(counted(documents)):
            language.filter(document)
            pages.append((document.metadata.get("url", ""), document.metadata["language"], document.text))
    return {"seconds": cpu_seconds() - started, "read": read, "pages": pages}


def extractors(pages: str) -> dict[str, float]:
    """Milliseconds a page of each extractor that is installed, on a file of one decoded page a line, as JSON."""
    listed = read_pages(pages)
    found = {}
    for name, extract in installed().items():
        started = cpu_seconds()
        for page in listed:
            text_of(extract, page)
        found[name] = 1000 * (cpu_seconds() - started) / len(listed)
    return found


def texts(pages: str) -> dict[str, list[str]]:
    """The text that each installed extractor takes from every page of such a file."""
    listed = read_pages(pages)
    return {name: [text_of(extract, page) for page in listed] for name, extract in installed().items()}


def read_pages(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def installed() -> dict[str, Extractor]:
    found: dict[str, Extractor] = {}
    try:
        import trafilatura
    except ImportError:
        pass
    else:
        found[f"trafilatura {trafilatura.__version__}"] = trafilatura.extract
        found["trafilatura as datatrove calls it"] = lambda html: trafilatura.extract(
            html, favor_precision=True, include_comments=False, deduplicate=True
        )
    try:
        import lxml.html
        from readability import Document
    except ImportError:
        pass
    else:
        found["readability-lxml"] = lambda html: lxml.html.fromstring(Document(html).summary()).text_content()
    try:
        from resiliparse.extract.html2text import extract_plain_text
    except ImportError:
        pass
    else:
        found["resiliparse main_content"] = lambda html: extract_plain_text(html, main_content=True)
    return found


def text_of(extract: Extractor, page: str) -> str:
    try:
        return extract(page) or ""
    except (ValueError, LookupError, ArithmeticError):  # readability finds no body in some pages
        return ""


def cpu_seconds() -> float:
    """Processor time of this process and of the children it has waited for: datatrove extracts in a child."""
    multiprocessing.active_children()
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    main(*sys.argv[1:])
