"""What a tag does to the text around it, by its name: ends a block, opens a container, is a link, is nothing."""

from __future__ import annotations

#: Elements whose content is no text of the page.
_SKIPPED = (
    *("template", "object", "svg", "math", "select", "button", "textarea", "canvas", "audio", "video", "map"),
    *("dialog", "nav", "menu"),
)
_CONTAINERS = (
    *("html", "body", "div", "section", "article", "main", "td", "th", "ul", "ol", "dl", "table", "form", "fieldset"),
    *("blockquote", "center", "details", "figure", "header", "footer", "aside", "address", "frameset"),
)
_BREAKS = (
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "hr", "figcaption", "caption", "summary", "thead", "tbody"),
    *("tfoot", "legend", "hgroup"),
)
#: Breaks with more to do: rows are counted, white space kept.
_STRUCTURED = ("tr", "pre")
#: The commonest of the inline elements, which change nothing.
_PHRASES = (
    *("span", "b", "i", "em", "strong", "font", "small", "big", "u", "s", "code", "tt", "var", "kbd"),
    *("samp", "cite", "q", "label", "abbr", "time", "img", "input", "wbr", "picture", "source", "rb"),
)
(
    INLINE,
    ENTER,
    LEAVE,
    BREAK,
    BREAK_END,
    ITEM,
    ITEM_END,
    STRUCTURE,
    LINK,
    LINK_END,
    LINE,
    RUBY,
    SCRIPT,
    SCRIPT_END,
    NOTE,
    NOTE_END,
    SKIP,
) = range(17)
#: Actions up to here end a block.
LAST_OF_BLOCK = STRUCTURE
#: What to do at a tag, by its name with the slash of an end tag; other tags are inline and change nothing.
ACTIONS = {
    **dict.fromkeys(_PHRASES, INLINE),
    **{f"/{name}": INLINE for name in _PHRASES},
    **dict.fromkeys(_CONTAINERS, ENTER),
    **{f"/{name}": LEAVE for name in _CONTAINERS},
    **dict.fromkeys(_BREAKS, BREAK),
    **{f"/{name}": BREAK_END for name in _BREAKS},
    "li": ITEM,
    "/li": ITEM_END,
    **dict.fromkeys(_STRUCTURED, STRUCTURE),
    **{f"/{name}": STRUCTURE for name in _STRUCTURED},
    **dict.fromkeys(_SKIPPED, SKIP),
    **dict.fromkeys(("rt", "rp", "rtc"), NOTE),
    **{f"/{name}": NOTE_END for name in ("rt", "rp", "rtc")},
    "a": LINK,
    "/a": LINK_END,
    "br": LINE,
    "ruby": RUBY,
    **dict.fromkeys(("sup", "sub"), SCRIPT),
    **dict.fromkeys(("/sup", "/sub"), SCRIPT_END),
}
#: Elements without content, hence without an end.
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
