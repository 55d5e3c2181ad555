"""with_noise(): what changes on a page from one look to the next although its article does not.

Advertisements with new names and copy, nonces and build hashes, counters, tickers and boxes of links.
It works on the markup as written, so that everything else stays byte for byte. The same seed makes the
same noise.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from random import Random

_COPY = """Switch your bank in five minutes and keep the change|New boots for the wet months, from 49.90
Rooms by the sea at half the price until Sunday|Our readers save on heating: compare your tariff now
The razor that barbers do not want you to know|Learn Portuguese in three weeks, free for the first ten lessons
A sofa that fits through every door|Drive it today, pay for it in spring""".replace("\n", "|").split("|")
_LINKS = """Ferry strike enters its second week|What the new school year will bring|Five walks for a grey day
Why the price of butter will not come down|The goalkeeper who became a judge|Ask us anything about rent
How a village saved its only shop|Storm warning lifted along the coast""".replace("\n", "|").split("|")
_OPAQUE = re.compile(
    r"<(script|style|template|textarea|noscript|title|svg)\b.*?</\1\s*>|<!--.*?-->", re.I | re.S
)
_NONCE = re.compile(r"(\bnonce=[\"']?)[\w+/=-]+", re.IGNORECASE)
_BUILD = re.compile(r"([-._/])[0-9a-f]{8,64}((?:\.min|\.chunk|\.bundle)?\.(?:js|css)\b)", re.IGNORECASE)
_PARAGRAPH_END = re.compile(r"</p\s*>", re.IGNORECASE)


def with_noise(html: str, seed: int) -> str:
    """The same page as someone else would get it, or the same reader a little later."""
    random = Random(seed)
    html = _NONCE.sub(lambda found: found[1] + _hex(random, 16), html)
    html = _BUILD.sub(lambda found: found[1] + _hex(random, 12) + found[2], html)
    places = [*_between_paragraphs(html, random), *_around(html, random)]
    for place, block in sorted(places, reverse=True):
        html = html[:place] + block + html[place:]
    return html


def _between_paragraphs(html: str, random: Random) -> list[tuple[int, str]]:
    ends = _ends(_PARAGRAPH_END, html)
    chosen = random.sample(ends, min(len(ends), 3))
    makers = (_ad, _hidden_ad, _related)
    return [(place, make(random)) for place, make in zip(chosen, makers, strict=False)]


def _around(html: str, random: Random) -> list[tuple[int, str]]:
    """What stands about the article: a script in the head, a ticker, a counter, a last advertisement."""
    blocks = [
        (r"<head\b[^>]*>", _script(random)),
        (r"<body\b[^>]*>", _ticker(random)),
        (r"</h1\s*>", _counter(random)),
        (r"(?=</body\s*>)", _ad(random) + _related(random)),
    ]
    found = [(_ends(re.compile(mark, re.IGNORECASE), html), block) for mark, block in blocks]
    return [(ends[0], block) for ends, block in found if ends]


def _ends(mark: re.Pattern[str], html: str) -> list[int]:
    """Where that mark ends in the markup, outside of scripts, comments and the like."""
    spans = [found.span() for found in _OPAQUE.finditer(html)]
    starts = [start for start, _end in spans]

    def is_open(place: int) -> bool:
        number = bisect_right(starts, place) - 1
        return number < 0 or place >= spans[number][1]

    return [found.end() for found in mark.finditer(html) if is_open(found.start())]


def _ad(random: Random) -> str:
    name, copy = _hex(random, 8), random.choice(_COPY)
    return (
        f'<div class="ad-slot ad-{name}" id="ad-{name}" data-slot="{random.randrange(10**6)}"><span>Advertisement'
        f'</span><p>{copy}</p><a href="https://ads.invalid/{name}">Find out more</a></div>'
    )


def _hidden_ad(random: Random) -> str:
    """One whose names say nothing; only its link does."""
    name, copy = _hex(random, 8), random.choice(_COPY)
    link = f'<a rel="sponsored nofollow" href="https://ads.invalid/{name}">{copy}</a>'
    return f'<div class="css-{name}" id="g{_hex(random, 10)}"><div>{link}</div></div>'


def _related(random: Random) -> str:
    links = random.sample(_LINKS, 4)
    items = "".join(f'<li><a href="/story/{_hex(random, 6)}">{text}</a></li>' for text in links)
    return (
        f'<aside class="related" id="related-{_hex(random, 6)}"><h3>More on this</h3><ul>{items}</ul></aside>'
    )


def _ticker(random: Random) -> str:
    items = "".join(
        f'<li><time>{random.randint(1, 59)} minutes ago</time> <a href="/live/{_hex(random, 6)}">{text}</a></li>'
        for text in random.sample(_LINKS, 3)
    )
    return f'<div class="live-ticker" data-build="{_hex(random, 10)}"><ul>{items}</ul></div>'


def _counter(random: Random) -> str:
    return f'<a class="comment-count" href="#comments">{random.randint(2, 900)} comments</a>'


def _script(random: Random) -> str:
    return f'<script nonce="{_hex(random, 16)}">window.build="{_hex(random, 20)}"</script>'


def _hex(random: Random, digits: int) -> str:
    return "".join(random.choice("0123456789abcdef") for _ in range(digits))
