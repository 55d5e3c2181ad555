"""Whether two addresses show the same picture.

One picture is served in many sizes, cuts and formats, by one service or another. It is known by its
name, the last part of the path that is a name and not a measure; where an address has none, the whole
path is compared. Refuses to look at the picture itself.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import parse_qsl, unquote, urlsplit

_INNER = re.compile(r"https?(?::|%3a)(?:/|%2f){1,2}.+", re.IGNORECASE)
_HOLDS_ADDRESS = frozenset("url src image img u file path source".split())
_NUMBERS_PICTURE = re.compile(
    r"(?:^|&)(?:(?:image|img|photo|media|file|doc|ms)?_?id|guid|uuid|key|img|image)=([^&/.]+)"
)
_ENDING = re.compile(r"(?:\.(?:jpe?g|jpe|png|webp|gif|avif|jxl|heic|svg|tiff?|bmp|ece|ashx|cms|php|img))+$")
_SIZE = (
    r"\d{2,5}x\d{1,5}|x\d{2,5}|\d{2,5}x|\d{2,4}w|[wh]_?\d{2,4}|\d{1,2}x|"
    r"(?:240|320|360|480|600|640|720|750|768|800|828|960|976|1024|1080|1200|1280|1440|1536|1600|1800|1920|2048|2560)"
)
_CUT = (
    r"scaled|rotated|thumb(?:nail)?s?|small|medium(?:_?large)?|x?-?large|xl|hd|full(?:size)?|original|orig|crop(?:ped)?|master\d*|"
    r"(?:super|facebook|google|watch|article)?(?:jumbo|large)|facebook|twitter|share|social|og|hero|square|(?:super-?)?tease|"
    r"(?:medium)?(?:three|two|square|four|sixteen)by\w+|videosixteenbynine\w*|wide|landscape|portrait|lead|main|preview|standard|"
    r"e\d{9,}|v\d{1,12}|q\d{2,3}|(?:16|4|3|1|2|9)[-_x:](?:9|3|2|1|16)"
)
_SUFFIX = re.compile(rf"(?:[-_.@~,](?:{_SIZE}|{_CUT}))+$")
_HASHED = re.compile(r"(?<=[a-z]{5})[-_.](?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{8,40}$")
_MEASURE = re.compile(
    rf"(?:{_SIZE}|{_CUT}|_?\d{{1,4}}|-?\d{{1,5}}(?:[_,x:.-]-?\d{{1,5}})+|[a-z]{{1,3}}_[a-z0-9.:]+(?:,[a-z]{{1,3}}_[a-z0-9.:]+)+|"
    r"(?:c|w|h|q|f|g|ar|dpr|fl)_(?:auto|fill|fit|limit|scale|crop|thumb|pad|\d[\d.:]*))"
)
_NO_NAMES = frozenset(
    "image images img imgs imrs photo photos picture pictures pic pics media default index file files asset assets "
    "download upload uploads unsafe resizer resize fit-in smart production live public static content format cdn "
    "cache dam".split()
)
_TELLING = 5
_OF_SITE = re.compile(
    r"(?:^|[-_./])(?:site-?)?(?:logos?|favicon|icons?|placeholder|default|fallback|avatar|brand(?:ing)?|blank|no-?image|dummy)(?=$|[-_./])|"
    r"(?:^|[-_./])(?:twitter|facebook|social|share|og|open-?graph|meta|seo|preview)-?_?(?:card|image|img|cover|banner|preview|default)?"
    r"(?=$|[-_./][^/]*$|\?)",
)


def is_of_site(url: str) -> bool:
    """Whether a picture is called the site's own, a logo or a card for all its pages, and not the article's."""
    try:
        path = unquote(urlsplit(_inner(url.strip())).path).lower()
    except (ValueError, RecursionError):
        return False
    return _OF_SITE.search("/".join(_ENDING.sub("", part) for part in path.split("/")[-2:])) is not None


def same_picture(one: str, other: str) -> bool:
    """Whether two addresses show the same picture, whatever its size, cut, format and version."""
    return picture_key(one) == picture_key(other)


def picture_key(url: str) -> str:
    """What the picture at an address is known by."""
    try:
        parts = urlsplit(_inner(url.strip()))
    except (ValueError, RecursionError):
        return url
    path = unicodedata.normalize("NFC", unquote(parts.path)).lower()
    names = [_name(part) for part in path.split("/") if part]
    telling = [name for name in names if not (_MEASURE.fullmatch(name) or name in _NO_NAMES or ":" in name)]
    numbered = _NUMBERS_PICTURE.search(parts.query)
    if numbered and names[-1:] != telling[-1:]:
        return f"{path}?{numbered[1]}"
    if not telling:
        return path
    return telling[-1] if len(telling[-1]) >= _TELLING else "/".join(telling[-2:])


def _inner(url: str) -> str:
    """The address of the picture itself, where a service that resizes has it in its own address."""
    parts = urlsplit(url)
    for name, value in parse_qsl(parts.query):
        if name.lower() in _HOLDS_ADDRESS and ("/" in value or "." in value) and value != url:
            return _inner(value)
    found = _INNER.search(parts.path)
    return _inner(unquote(found[0])) if found else url


def _name(part: str) -> str:
    """A part of a path without its ending, its measures and its version."""
    name = _ENDING.sub("", part)
    while True:
        shorter = _SUFFIX.sub("", name)
        unhashed = _HASHED.sub("", shorter)
        shorter = shorter if unhashed in _NO_NAMES else unhashed
        if shorter in ("", name):
            return name
        name = shorter
