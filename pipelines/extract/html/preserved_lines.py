"""Line ends that a style keeps: ``white-space: pre-wrap`` and its like, and the boards whose style sheets say so."""

from __future__ import annotations

import re

from hanmill.pipelines.extract.html.formulas import element_end

_KEEPING = re.compile(
    r"<(div|p|span|td|li|section|article|blockquote)\s[^<>]*?"
    r"(?:style=\"[^\"<>]*?white-space:\s*(?:pre|break-spaces)|class=\"(?:[^\"<>]*?\s)?bbs-content[\s\"])[^<>]*>",
    re.IGNORECASE,
)
#: Text up to the next tag, with line ends in it.
_TEXT = re.compile(r"(?<=>)[^<>]*\n[^<>]*")


def with_preserved_lines(body: str) -> str:
    """Balanced markup in which ``<br>`` stands for the line ends that readers see."""
    parts: list[str] = []
    position = 0
    for match in _KEEPING.finditer(body):
        if match.start() < position:
            continue
        end = element_end(body, match.start(), match[1])
        inside = body[match.start() : end]
        parts += (body[position : match.start()], _TEXT.sub(lambda text: text[0].replace("\n", "<br>"), inside))
        position = end
    parts.append(body[position:])
    return "".join(parts)
