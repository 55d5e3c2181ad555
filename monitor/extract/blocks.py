"""A part of a page as the blocks of text that a reader sees there, in their order.

Knows which elements are furniture by their tag, their role and what their class says, wherever
they stand; it looks at nothing outside the element it is given. Refuses to know where on the page
the article is.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from functools import lru_cache

from lxml.etree import _Element

from storage.records import ParagraphKind, fold_spaces

_BLOCK = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr html li main nav ol p pre section summary table tbody td tfoot th thead "
    "tr ul".split()
)
_SKIPPED = frozenset(
    "applet audio button canvas datalist dialog embed head iframe input link map math meta "
    "noembed noframes noscript object optgroup option picture progress rp rt script select source style svg "
    "template textarea title track video".split()
)
_KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), ParagraphKind.HEADING),
    "blockquote": ParagraphKind.QUOTE,
    "li": ParagraphKind.LIST,
    "dd": ParagraphKind.LIST,
    "dt": ParagraphKind.LIST,
    "figcaption": ParagraphKind.CAPTION,
}
_INNER_KINDS = (ParagraphKind.CAPTION, ParagraphKind.QUOTE, ParagraphKind.LIST)
_ROLES = frozenset(
    "navigation complementary banner contentinfo search dialog alertdialog menu toolbar".split()
)
_START = r"(?:^|[\s_:/-]|(?-i:(?<=[a-z])(?=[A-Z])))"
_END = r"(?:$|[\s_:/-]|(?-i:(?<=[a-z])(?=[A-Z]))|\d)"
# Whatever it holds, it is not the article, unless it holds the page's heading, too.
_NEVER = re.compile(
    r"related|recirc|recommend|outbrain|taboola|zergnet|revcontent|newsletter|(?<!un)subscri(?:be|ption)|"
    r"(?<!has-)(?<!with-)(?<!no-)(?<!has_)(?<!with_)(?<!no_)side-?bar|breadcrumb|cookie|consent|gdpr|social(?![\w-]*embed)|sharing|sharedaddy|"
    r"share-?_*(?:bar|button|tool|link|icon|this|container|widget|list|box|block|menu|wrap)|"
    r"advert|sponsor|adsense|ad-?slot|"
    r"most-?(?:read|popular|viewed)|trending|popular-?(?:posts|articles|stories)|"
    r"read-?(?:next|also)|up-?next|also-?like|more-?(?:from|stories|news|articles|posts)|"
    r"author-?_*(?:bio|box|info|card|description|profile|details|block|about|footer|section)|about-?(?:the-?)?author|bio-?box|"
    r"post-?(?:nav|navigation|footer|author|tags)|entry-?(?:footer|utility)|"
    r"sr-only|screen-?reader|off-?screen|visually-?hidden|print-only|roll-?over-?(?:block|content|box)|hover-?card|"
    r"pagination|pager|paginator|page-?nav|signup|sign-up|log-?in|register-|paywall-|tooltip|popup|modal|lightbox|"
    r"copyright|site-?footer|site-?header|skip-?link|"
    r"(?:photo|image|full|picture|media)-?_*gallery|slide-?show|carousel|"
    r"material-?(?:icons|symbols)|yarpp|addtoany|addthis|a2a_|printfriendly|wp-block-latest-posts|table-of-contents|(?<!no[-_])toc[-_]|(?<!no)[-_]toc\b",
    re.IGNORECASE,
)
_COMMENTS = re.compile(
    r"(?:^|[\s_-])(?:user-?)?comments?(?:$|[\s_\d-]|list|area|section|form|thread|box|body|text|container|wrap)|disqus|"
    r"livefyre|(?:^|[\s_-])(?:responses?|replies|trackbacks?|pingbacks?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_COMMENTS_PLACE = re.compile(r"#(?:comments?|respond|disqus_thread)$", re.IGNORECASE)
_PAID = re.compile(
    r"(?:^|[\s_-])ads?(?:$|[\s_-])|ad-?slot|adsense|advertisement|outbrain|taboola|zergnet|revcontent",
    re.IGNORECASE,
)
_SELDOM = re.compile(
    rf"{_START}(?:ads?|adv|promo|promos?|promotion|promoted|share|shares|shared|tags?|tag-?list|tag-?cloud|topics|keywords|"
    r"meta|metadata|byline|dateline|timestamp|pub-?date|publish-?date|post-?date|entry-?date|author|authors|autor|autore|auteur|credits?|credit-?line|caption-?credit|"
    r"nav|navbar|navigation|menu|footer|foot|widget|widgets|teaser|teasers|rail|"
    r"carousel|gallery-?nav|rating|ratings|vote|voting|poll|"
    r"tools|controls|actions?|cta|call-?to-?action|donate|donation|support-?us|comment|comments|"
    r"promobox|callout|read-?more|see-?also|more-?(?:on|about)|infobox|factbox-link|banner|overlay|notification|"
    rf"hide|(?<!label-)hidden|invisible|subscribe|follow|follow-?us|reactions?|emoji|likes?|print|feedback|survey|quiz){_END}",
    re.IGNORECASE,
)
# An entry of a publishing system says in its class what it is about, too; that is not what it is.
_ENTRY = re.compile(r"(?:^|\s)(?:hentry|type-\w+|status-publish)(?:\s|$)")
_ABOUT = re.compile(r"(?:^|(?<=\s))(?:category|tag|topic|section|keyword|series|format)-\S+")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CAPTION = re.compile(
    r"(?:^|[\s_-])(?:wp-)?(?:image|photo|media|figure|picture|img|video)?[_-]{0,3}caption(?:$|[\s_-])",
    re.IGNORECASE,
)
_STREAMED = re.compile(r"S:[0-9a-f]+$")  # React sends a part of a page hidden, and a script shows it
_MUCH = 800
_LINE = 80
_LONGEST_NAME = 24


@dataclass(frozen=True, slots=True)
class Block:
    """One run of text. ``owner`` is the nearest element around it that makes a block; ``linked`` is how
    many of its characters are links, ``links`` are the pieces of text in links, each with its ``a``."""

    kind: ParagraphKind
    text: str
    linked: int
    owner: _Element
    links: tuple[tuple[_Element, str], ...] = ()


def read_blocks(top: _Element, *, strictly: bool = True) -> list[Block]:
    """All blocks inside ``top``.

    :param strictly: leave out what its class says is furniture, also.
    """
    return list(_Walk(strictly).blocks(top))


class _Walk:
    """One walk through a tree, without recursion, so that depth does not matter."""

    def __init__(self, strictly: bool) -> None:
        self._strictly = strictly
        self._pieces: list[str] = []
        self._linked = 0
        self._links: list[tuple[_Element, str]] = []
        self._found: list[Block] = []

    def blocks(self, top: _Element) -> list[Block]:
        strictly = self._strictly
        stack: list[tuple[_Element, bool, _Element, ParagraphKind, _Element | None]] = [
            (top, True, top, ParagraphKind.PARAGRAPH, None)
        ]
        while stack:
            element, opening, owner, kind, in_link = stack.pop()
            tag = element.tag
            if not opening:
                if tag in _BLOCK and not (tag in ("td", "th") and _is_cell(element)):
                    self._flush(element, kind)
                if element is not top and element.tail:
                    self._take(element.tail, in_link)
                continue
            if element is not top and (
                not isinstance(tag, str) or tag in _SKIPPED or is_furniture(element, strictly)
            ):
                if element.tail:
                    self._take(element.tail, in_link)
                continue
            if tag == "br":
                self._break(owner, kind, in_link)
                if element.tail:
                    self._take(element.tail, in_link)
                continue
            inner_owner, inner_kind, inner_link = owner, kind, in_link
            if tag in ("td", "th") and _is_cell(element):
                self._take(" ", None)
                stack.append((element, False, owner, kind, in_link))
                if element.text:
                    self._take(element.text, in_link)
                stack.extend((child, True, owner, kind, in_link) for child in reversed(element))
                continue
            if tag in _BLOCK:
                self._flush(owner, kind)
                inner_owner = element
                if (tag == "li" and _is_picture(element)) or _CAPTION.search(element.get("class") or ""):
                    inner_kind = ParagraphKind.CAPTION
                elif kind not in _INNER_KINDS or tag == "figcaption":
                    inner_kind = _KINDS.get(tag, ParagraphKind.PARAGRAPH if tag != "p" else kind)
            elif tag == "a":
                inner_link = element
            stack.append((element, False, owner, inner_kind if tag in _BLOCK else kind, in_link))
            if element.text:
                self._take(element.text, inner_link)
            stack.extend((child, True, inner_owner, inner_kind, inner_link) for child in reversed(element))
        self._flush(top, ParagraphKind.PARAGRAPH)
        return self._found

    def _take(self, text: str, in_link: _Element | None) -> None:
        self._pieces.append(text)
        if in_link is not None:
            self._linked += len(text.strip())
            self._links.append((in_link, text))

    def _break(self, owner: _Element, kind: ParagraphKind, in_link: _Element | None) -> None:
        """Two line breaks with nothing in between divide paragraphs."""
        if self._pieces and self._pieces[-1] == "\n":
            self._flush(owner, kind)
        elif self._pieces:
            self._take("\n", in_link)

    def _flush(self, owner: _Element, kind: ParagraphKind) -> None:
        if self._pieces:
            text = fold_spaces("".join(self._pieces))
            if text:
                linked = min(self._linked, len(text))
                self._found.append(Block(kind, text, linked, owner, tuple(self._links)))
            self._pieces.clear()
        if self._links:
            self._links.clear()
        self._linked = 0


def _is_cell(element: _Element) -> bool:
    """A cell of a table of facts, which is read as one line with its row; not one that lays out a page."""
    return next(element.iter("p", "div", "table", "ul", "ol", "h2", "h3", "blockquote"), None) is None


def _is_picture(element: _Element) -> bool:
    """An item of a gallery: a picture and a few words."""
    return next(element.iter("img", "picture"), None) is not None and next(element.iter("p"), None) is None


def is_furniture(element: _Element, strictly: bool) -> bool:
    """Whether that element is hidden or, strictly, called something that is not the article."""
    attributes = element.attrib
    tag = element.tag
    if tag == "header":
        return strictly and not _holds_much(element)
    if tag == "aside":
        return not (_holds_heading(element) and (_holds_article(element) or _holds_much(element, 3)))
    if tag == "form":
        return strictly and not _holds_much(element)
    if tag in ("nav", "footer", "menu"):
        return not _holds_much(element, 3)
    if not attributes:
        return False
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return not _STREAMED.match(attributes.get("id") or "")
    style = attributes.get("style")
    if style and _HIDDEN_STYLE.search(style):
        return True
    if attributes.get("role") in _ROLES:
        return not _holds_much(element, 3)
    if tag in ("body", "html", "main", "article"):
        return False
    if tag == "a":
        return _is_apart(element)
    named, own = attributes.get("class") or "", attributes.get("id") or ""
    if own and len(own) <= _LONGEST_NAME:  # a longer one is a heading made into an anchor
        named = f"{named} {own}"
    if not named:
        return False
    called = _called(named)
    if called is _Called.COMMENTS:
        return not _holds_heading(element)
    if called is _Called.PAID and not strictly:
        return not _holds_heading(element) and not _holds_much(element)
    if called is _Called.NOTHING or not strictly:
        return False
    if called in (_Called.NEVER, _Called.PAID):
        return not _holds_heading(element)
    if tag == "span" and _is_place(element, named):
        return False
    return not (_holds_much(element) or _holds_marked_text(element))


def _is_apart(link: _Element) -> bool:
    """Whether a link is an advertisement that stands alone, or leads to the comments."""
    if _COMMENTS_PLACE.search(link.get("href") or ""):
        return True
    if "sponsored" not in (link.get("rel") or "").lower():
        return False
    around = link.getparent()
    bare = around is None or not (around.text or "").strip()
    return bare and link.getnext() is None and link.getprevious() is None and not (link.tail or "").strip()


def _is_place(element: _Element, named: str) -> bool:
    """The place from which a report comes, which begins its first sentence; not the date of a page."""
    return "dateline" in named.lower() and bool(element.tail and element.tail.strip())


def is_beside(element: _Element) -> bool:
    """Whether an element says itself that it is not of the article, whatever it holds."""
    if element.tag in ("aside", "nav", "script", "style"):
        return True
    named = f"{element.get('class') or ''} {element.get('id') or ''}".strip()
    return bool(named) and _called(named) in (_Called.NEVER, _Called.PAID, _Called.COMMENTS)


class _Called(enum.Enum):
    """What the class and the id of an element say that it is."""

    NOTHING = 0
    SELDOM = 1
    NEVER = 2
    COMMENTS = 3
    PAID = 4


@lru_cache(maxsize=8192)
def _called(named: str) -> _Called:
    if _ENTRY.search(named):
        named = _ABOUT.sub(" ", named)
    if _COMMENTS.search(named):
        return _Called.COMMENTS
    if _PAID.search(named):
        return _Called.PAID
    if _NEVER.search(named):
        return _Called.NEVER
    return _Called.SELDOM if _SELDOM.search(named) else _Called.NOTHING


def _holds_heading(element: _Element) -> bool:
    return next(element.iter("h1"), None) is not None


def _holds_article(element: _Element) -> bool:
    """Whether something in it is marked up as the text of an article, next to the page's heading."""
    return any(
        inner.tag == "article" or inner.get("itemprop") == "articleBody" for inner in element.iter("*")
    )


def _holds_marked_text(element: _Element) -> bool:
    return any(inner.get("itemprop") == "articleBody" for inner in element.iter("div", "section"))


def _holds_much(element: _Element, times: int = 1) -> bool:
    """Whether much prose stands in it; a line, as an advertisement has it, is none."""
    held = 0
    for paragraph in element.iter("p"):
        size = len(paragraph.text or "") + sum(len(child.tail or "") for child in paragraph)
        held += size if size >= _LINE else 0
        if held > _MUCH * times:
            return True
    return False
