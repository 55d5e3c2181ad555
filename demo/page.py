"""Draws one version of a page as a whole HTML news page, with everything that stands around a text.

It knows markup and noise; it refuses to know when a version is shown or what comes after it.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from datetime import datetime
from html import escape

from demo.flavours import FLAVOURS, Flavour
from demo.noise import SECTIONS, Noise
from demo.nouns import Page, Version


def article(page: Page, version: Version, base: str, chance: random.Random) -> bytes:
    """The page at ``base`` + its path; two drawings share the article and hardly a line else."""
    noise = Noise(chance)
    flavour = FLAVOURS[page.template]
    parts = (
        _head(page, version, base, flavour, noise),
        _navigation(page, noise),
        flavour.top.format(token=noise.token(), build=_build(page)),
        _article_head(page, version, flavour, noise),
        *_body(page, version, flavour, noise),
        flavour.bottom,
        _rail(page, noise),
        _comments(noise),
        _footer(page, noise),
    )
    return "\n".join(part for part in parts if part).encode()


def bot_wall(host: str, chance: random.Random) -> bytes:
    """A challenge page of the kind that content networks put before a site, sent with status 403."""
    noise = Noise(chance)
    return (
        '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>'
        '<meta name="robots" content="noindex,nofollow"><meta http-equiv="refresh" content="390">'
        f'</head><body class="no-js"><div class="main-wrapper" role="main"><h1>{escape(host)}</h1>'
        '<h2 id="challenge-running">Checking if the site connection is secure</h2>'
        '<noscript><div id="challenge-error-text">Enable JavaScript and cookies to continue</div></noscript>'
        '<div id="trk_jschal_js"></div><p>Verify you are human by completing the action below. This site '
        "needs to review the security of your connection before proceeding.</p>"
        f"<script>window._cf_chl_opt={{cRay:'{noise.token(16)}',cType:'managed'}};</script>"
        f'<div class="footer">Ray ID: <code>{noise.token(16)}</code></div></div></body></html>'
    ).encode()


def gone(page: Page, chance: random.Random) -> bytes:
    """What is left of an article that was taken down, sent with status 410."""
    noise = Noise(chance)
    links = "".join(f"<li>{escape(line)}</li>" for line in noise.headlines(3))
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>Page no longer available | {escape(page.outlet)}'
        "</title></head>"
        f"<body>{_navigation(page, noise)}<main><h1>This page is no longer available</h1>"
        f"<p>The article you are looking for has been removed.</p><ul>{links}</ul></main></body></html>"
    ).encode()


def _head(page: Page, version: Version, base: str, flavour: Flavour, noise: Noise) -> str:
    headline, outlet = escape(version.headline), escape(page.outlet)
    address, description = escape(base + page.path), escape(page.description)
    graph = {
        "og:type": "article",
        "og:title": headline,
        "og:description": description,
        "og:url": address,
        "og:site_name": outlet,
        "og:image": f"{base}/img/{noise.token()}.jpg",
        "article:published_time": version.published.isoformat(),
        "article:modified_time": version.modified.isoformat(),
        "article:section": escape(page.section),
    }
    metas = "".join(f'<meta property="{name}" content="{value}">' for name, value in graph.items())
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{flavour.title.format(headline=headline, outlet=outlet)}</title>"
        f'<meta name="description" content="{description}"><link rel="canonical" href="{address}">{metas}'
        f'<meta name="csrf-token" content="{noise.token(24)}">'
        f'<script type="application/ld+json">{_linked_data(page, version, base)}</script>'
        f"<style>.sc-{noise.token()}{{color:#111;max-width:44rem}}.ad-slot{{min-height:250px}}</style>"
        f'<script nonce="{noise.token(16)}">window.dataLayer=[{{"visit":"{noise.token(20)}"}}];'
        'document.documentElement.className="js";</script></head>'
    )


def _linked_data(page: Page, version: Version, base: str) -> str:
    """The schema.org description of the article; a correction stands in it when there is one."""
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": version.headline,
        "description": page.description,
        "datePublished": version.published.isoformat(),
        "dateModified": version.modified.isoformat(),
        "articleSection": page.section,
        "author": [{"@type": "Person", "name": name} for name in page.byline],
        "publisher": {"@type": "NewsMediaOrganization", "name": page.outlet, "url": base + "/"},
        "mainEntityOfPage": {"@type": "WebPage", "@id": base + page.path},
        "isAccessibleForFree": True,
    }
    for notice in version.notices:
        if notice.kind == "correction":
            data["correction"] = notice.text
    return json.dumps(data, ensure_ascii=False).replace("</", "<\\/")


def _navigation(page: Page, noise: Noise) -> str:
    links = "".join(f'<li><a href="/{name.lower()}">{name}</a></li>' for name in SECTIONS)
    trending = "".join(f'<a href="/t/{noise.token(6)}">{escape(t)}</a> ' for t in noise.headlines(3))
    return (
        f'<body data-visit="{noise.token()}"><a class="skip" href="#main">Skip to content</a>'
        f'<div id="cookie-bar" role="dialog"><p>We and our {noise.count(900)} partners use cookies. '
        "<button>Accept all</button> <button>Manage</button></p></div>"
        f'<header class="site-header"><a class="logo" href="/">{escape(page.outlet)}</a>'
        f'<nav aria-label="Main"><ul>{links}</ul></nav>'
        '<a href="/subscribe">Subscribe</a> <a href="/login">Log in</a>'
        f'<div class="trending">Trending: {trending}</div></header>'
    )


def _article_head(page: Page, version: Version, flavour: Flavour, noise: Noise) -> str:
    is_breaking = any(notice.kind == "breaking" for notice in version.notices)
    return flavour.head.format(
        headline=escape(version.headline),
        label=flavour.label.format(build=_build(page)) if is_breaking else "",
        standfirst=flavour.standfirst.format(text=escape(page.description)),
        byline=escape(" and ".join(page.byline)),
        published=version.published.isoformat(),
        modified=version.modified.isoformat(),
        published_words=_words(version.published),
        modified_words=_words(version.modified),
        ago=noise.ago(),
        count=noise.count(),
        build=_build(page),
    )


def _build(page: Page) -> str:
    """The hash in the outlet's class names: another at every outlet, the same at every request."""
    return hashlib.sha256(page.outlet.encode()).hexdigest()[:8]


def _words(time: datetime) -> str:
    return f"{time:%A} {time.day} {time:%B %Y %H:%M} GMT"


def _body(page: Page, version: Version, flavour: Flavour, noise: Noise) -> Iterator[str]:
    """The body: passages with foreign matter between them, then what the outlet says of it."""
    adverts = noise.places(len(version.passages), 3)
    related = noise.places(len(version.passages), 1)
    build = _build(page)
    yield flavour.body_open
    for index, passage in enumerate(version.passages):
        part = flavour.caption if passage.kind == "caption" else flavour.paragraph
        yield part.format(text=escape(passage.text, quote=False), token=noise.token(), build=build)
        if index in adverts:
            text, count = escape(noise.advert()), noise.count(99)
            yield flavour.advert.format(text=text, token=noise.token(), count=count)
        if index in related:
            yield flavour.related.format(links=_links(noise, 2))
    for notice in version.notices:
        part = flavour.correction if notice.kind == "correction" else flavour.paragraph
        yield part.format(text=escape(notice.text, quote=False), token=noise.token(), build=build)
    yield flavour.body_close


def _links(noise: Noise, how_many: int) -> str:
    return "".join(
        f'<li><a href="/story/{noise.token(8)}">{escape(headline)}</a></li>'
        for headline in noise.headlines(how_many)
    )


def _rail(page: Page, noise: Noise) -> str:
    return (
        f'<aside class="rail"><section class="most-read"><h2>Most read</h2><ol>{_links(noise, 6)}</ol>'
        '</section><section class="newsletter"><h2>The morning briefing</h2>'
        f"<p>All you need to know from {escape(page.outlet)}, before breakfast. "
        f'Join {noise.count()} readers.</p><form><input type="email" placeholder="Email">'
        f'<input type="hidden" value="{noise.token(16)}"><button>Sign up</button></form></section></aside>'
    )


def _comments(noise: Noise) -> str:
    lines = "".join(
        f'<li class="comment" id="c-{noise.token(6)}"><b>{escape(reader)}</b> <span>{noise.ago()}</span>'
        f"<p>{escape(opinion)}</p><button>Like ({noise.count(80)})</button></li>"
        for reader, opinion in noise.comments()
    )
    return (
        f'<section id="comments" class="comments"><h2>{noise.count()} Comments</h2><ul>{lines}</ul></section>'
    )


def _footer(page: Page, noise: Noise) -> str:
    names = noise.shuffled(["About us", "Contact", "Privacy", "Terms", "Corrections policy", "Careers"])
    links = "".join(f'<li><a href="/about/{noise.token(4)}">{name}</a></li>' for name in names)
    return (
        f'<footer class="site-footer"><ul>{links}</ul><p>© {escape(page.outlet)}. '
        "Not responsible for external sites.</p></footer>"
        f'<script src="/static/app.{noise.token(8)}.js" defer></script>'
        f'<img src="/pixel?c={noise.token()}" width="1" height="1" alt=""></body></html>'
    )
