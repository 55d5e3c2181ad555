"""parse(): a page in UTF-8 into its tree, and what kept text of it from being read.

The one place where markup is parsed. Nothing of a page is lost here without a word.
"""

from __future__ import annotations

import re

from lxml.etree import ErrorTypes, HTMLParser, ParserError, XMLSyntaxError, XPath, _Element, fromstring

from monitor.extract.burden import MOST_ELEMENTS, overburdened
from storage.records import fold_spaces

_END = "end-of-page"
_PROSE = 40
_PARAGRAPH = re.compile(rb"<p(?:\s[^<>]{0,500})?>([^<>&]{40,})</p", re.IGNORECASE)
# References to characters that no text has (https://html.spec.whatwg.org/#control-character-reference-parse-error)
_CONTROLS = re.compile(
    rb"&#0*(?:[0-8]|11|1[4-9]|2\d|3[01]|127)(?:;|(?!\d))|&#x0*(?:[0-8bef]|1[0-9a-f]|7f)(?:;|(?![0-9a-f]))",
    re.IGNORECASE,
)
# What may stay open until its parent ends, and is not shown meanwhile.
_OPEN = ("button", "math", "noscript", "object", "select", "svg", "template")
_ELEMENTS = XPath("count(//*)")
_MOST_LETTERS = 4_000_000  # shown by one page, its menus and comments included; a Bible has as many
_TOO_MUCH = "the page cannot be read: its elements take more memory than a page may"
_LONGEST_NAME = 4000
_LONG_NAMES = XPath(
    " | ".join(f"//@{name}[string-length() > {_LONGEST_NAME}]" for name in ("class", "id", "style"))
)


def parse(page: bytes) -> tuple[_Element | None, tuple[str, ...]]:
    """The tree of a page in UTF-8, and what kept text of it from being read; None where there is nothing in it.

    An element is put behind the page and looked for in the tree: where it is missing, what stands before
    it may be missing, too.
    """
    refused = overburdened(page)
    if refused is not None:
        return None, (f"the page cannot be read: {refused}",)
    page = _CONTROLS.sub(b"", page)
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root: _Element | None = fromstring(page + f"<{_END}></{_END}>".encode(), parser)
    except XMLSyntaxError as error:
        return None, (_TOO_MUCH,) if error.code == ErrorTypes.ERR_NO_MEMORY else ()
    except (ParserError, ValueError):
        return None, ()
    if root is None:
        return None, ()
    if _ELEMENTS(root) > MOST_ELEMENTS:
        return None, (f"the page cannot be read: it has more than {MOST_ELEMENTS:,} elements",)
    if len(page) > _MOST_LETTERS and _letters(root) > _MOST_LETTERS:
        return None, (f"the page cannot be read: it shows more than {_MOST_LETTERS:,} letters",)
    for more in list(root.itersiblings()):  # what stands behind </html> is of the page for a browser
        root.extend(list(more))
    if len(parser.error_log.filter_from_fatals()):
        return root, ("the page cannot be read to its end: it is nested too deep",)
    return root, _unread_end(root, page)


def without_long_names(root: _Element) -> None:
    """Cut classes, ids and styles that no page for people has; a search through one takes its time."""
    for value in _LONG_NAMES(root):
        value.getparent().set(value.attrname, value[:_LONGEST_NAME])


def _letters(root: _Element) -> int:
    """How much text there is that is not a script's or a style's."""
    return sum(
        len(element.tail or "") + (0 if element.tag in ("script", "style") else len(element.text or ""))
        for element in root.iter()
    )


def _unread_end(root: _Element, page: bytes) -> tuple[str, ...]:
    """Whether a paragraph of the page is lost in what is never closed: a comment, a script, a title, a
    quoted attribute. Takes the mark of the end out of the tree."""
    mark = root
    while len(mark):
        mark = mark[-1]
    parent = mark.getparent()
    reached = parent is not None and mark.tag == _END
    if reached and parent is not None:
        parent.remove(mark)
    if (reached or _shows_last(root, page)) and not _hides_open(root, page):
        return ()
    return ("the page cannot be read to its end: its text stands in something that is never closed",)


def _shows_last(root: _Element, page: bytes) -> bool:
    """Whether the last paragraph that stands in the page's source is one in its tree."""
    runs = _PARAGRAPH.findall(page)
    last = fold_spaces(runs[-1].decode("utf-8", "replace")) if runs else ""
    return not last or any(last in fold_spaces(p.text or "") for p in root.iter("p"))


def _hides_open(root: _Element, page: bytes) -> bool:
    """Whether paragraphs stand in an element that is not shown, and that is opened more often than closed."""
    hiding = {
        str(element.tag)
        for element in root.iter(*_OPEN)
        if any(len(p.text or "") >= _PROSE for p in element.iter("p"))
    }
    counted = page.lower() if hiding else b""
    return any(
        counted.count(b"<" + tag.encode()) > counted.count(b"</" + tag.encode()) for tag in sorted(hiding)
    )
