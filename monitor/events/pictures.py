"""Whether two addresses show the same picture.

One picture is served in many sizes, cuts and formats, by one service or another. It is known by its
name, the last part of the path that is a name and not a measure; where an address has none, the whole
path is compared. Refuses to look at the picture itself.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from storage.records import composed

_INNER = re.compile(r"https?(?::|%3a)(?:/|%2f){1,2}.+", re.IGNORECASE)
_HOLDS_ADDRESS = frozenset("url src image img u file path source".split())
_NUMBERS_PICTURE = re.compile(
    r"(?:^|&)(?:(?:image|img|photo|media|file|doc|ms)?_?id|guid|uuid|key|img|image)=([^&/.]+)"
)
_ENDING = re.compile(r"(?:\.(?:jpe?g|jpe|png|webp|gif|avif|jxl|heic|svg|tiff?|bmp|ece|ashx|cms|php|img))+$")
_WIDTHS = "|".join(
    "240 320 360 480 600 640 720 750 768 800 828 960 976 1024 1080 1200 1280 1440 1536 1600 1800 1920 2048 2560".split()
)
_MEASURE = (
    r"\d{2,5}x\d{1,5}|x\d{2,5}|\d{2,5}x|\d{2,4}w|[wh]_?\d{2,4}|\d{1,2}x|"
    rf"{_WIDTHS}|(?:width|height|imgsize|resizemode|quality)-\d+"
)
_CUT = (
    r"scaled|rotated|thumb(?:nail)?s?|small|medium(?:_?large)?|x?-?large|xl|hd|full(?:size)?|original|orig|crop(?:ped)?|master\d*|"
    r"(?:super|facebook|google|watch|article)?(?:jumbo|large)|facebook|twitter|share|social|og|hero|square|(?:super-?)?tease|"
    r"(?:medium)?(?:three|two|square|four|sixteen)by\w+|videosixteenbynine\w*|wide|landscape|portrait|lead|main|preview|standard|"
    r"e\d{9,}|v\d{1,12}|q\d{2,3}|(?:16|4|3|1|2|9)[-_x:](?:9|3|2|1|16)"
)
_SUFFIX = re.compile(rf"(?:[-_.@~,](?:{_MEASURE}|{_CUT}))+$")
_HASHED = re.compile(r"(?<=[a-z]{5})[-_.](?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{8,40}$")
_CROP = re.compile(r"-?\d{1,5}(?:[_,x:.-]-?\d{1,5})+|(?:[a-z]{1,3}_[a-z0-9.:]+,)+[a-z]{1,3}_[a-z0-9.:]+")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_OF_SITE = frozenset(
    "site icon icons placeholder default fallback og opengraph card blank brand branding generic user "
    "avatar".split()
)
_ONLY_OF_SITE = frozenset(
    "logo logos favicon favicons placeholder nameplate avatar opengraph ogimage".split()
)
_FORMS = frozenset(
    "image images img imgs imrs imagen photo photos picture pictures pic pics bigpic rawimage media "
    "cover banner header preview thumbnail thumb thumbs social share sharing twitter facebook fb seo "
    "meta open graph original orig full large medium small master square wide landscape portrait lead "
    "main hero standard jumbo scaled crop cropped format formatoriginal no nu".split()
)
_FOLDERS = frozenset(
    "index file files asset assets download upload uploads unsafe resizer resize fit smart production "
    "live public static content cdn cache dam wp auto fill limit scale pad fullsize".split()
)
_NO_NAMES = _OF_SITE | _ONLY_OF_SITE | _FORMS | _FOLDERS
_TELLING = 5
_DIGEST = re.compile(r"[0-9a-f]{16,}")
_LONGEST_WORD = 11  # longer ones are mostly tokens that happen to have no digit
_CLUSTER = re.compile(r"[bcdfghjklmnpqrstvwxz]{5}")
_VOWELS = frozenset("aeiouyäöüáéíóú")
_HEX = re.compile(r"[a-f]+")


def same_picture(one: str, other: str) -> bool:
    """Whether two addresses show the same picture, whatever its size, cut, format and version."""
    return picture_key(one) == picture_key(other)


def is_of_site(url: str) -> bool:
    """Whether a picture is called the site's own, a logo or a card for all its pages, and not the article's."""
    try:
        path = unquote(urlsplit(_inner(url.strip())).path).lower()
    except (ValueError, RecursionError):
        return False
    *folders, name = [_WORD.findall(_ENDING.sub("", part)) for part in f"/{path}".split("/")]
    words = [word for word in name if not word.isdigit()]
    if any(word in _ONLY_OF_SITE for word in (*words, *folders[-1])):
        return True
    return not _OF_SITE.isdisjoint(words) and all(word in _OF_SITE | _FORMS for word in words)


def is_named(url: str) -> bool:
    """Whether a picture has a name, a number or the digest of its file: a mere token may be another one at
    every request."""
    name = picture_key(url).rpartition("/")[2]
    return any(_is_word(part) for part in re.split(r"[\W_]+", name))


def _is_word(part: str) -> bool:
    """A number as publishing systems count, the digest of a file, or letters that can be said."""
    if _DIGEST.fullmatch(part):
        return True
    if part.isdigit():
        return len(part) >= _TELLING
    said = part.isalpha() and not _HEX.fullmatch(part) and not _VOWELS.isdisjoint(part)
    return 2 < len(part) <= _LONGEST_WORD and said and not _CLUSTER.search(part)


def picture_key(url: str) -> str:
    """What the picture at an address is known by."""
    try:
        parts = urlsplit(_inner(url.strip()))
    except (ValueError, RecursionError):
        return url
    path = composed(unquote(parts.path)).lower()
    names = [_name(part) for part in path.split("/") if part]
    telling = [name for name in names if _tells(name)]
    numbered = _NUMBERS_PICTURE.search(parts.query)
    if numbered and names[-1:] != telling[-1:]:
        return f"{path}?{numbered[1]}"
    if not telling:
        return path
    return telling[-1] if len(telling[-1]) >= _TELLING else "/".join(telling[-2:])


def _tells(name: str) -> bool:
    """Whether it is a name, or a long number, and not only measures and words that all pictures share."""
    if ":" in name or _CROP.fullmatch(name):
        return False
    return any(
        len(word) > 4 if word.isdigit() else len(word) > 1 and word not in _NO_NAMES
        for word in _WORD.findall(name)
    )


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
        shorter = unhashed if _tells(unhashed) else shorter
        if shorter in ("", name):
            return name
        name = shorter
