"""The one form of an address by which an article is known, and which addresses are of one site. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

MOST = 2048
"""Bytes of an address: what an index of PostgreSQL can hold."""

# What counts readers and never names a document. By name: shops and papers have parameters like `ref` or `id` that do.
_TRACKING = re.compile(
    r"(?:utm|at|ns|pk|mtm|piwik|matomo|hsa|wt|itm|stm|cx)_.*|wt\.(?:mc|z).*|_?hs(?:enc|mi|ctatracking|fp)|__hs\w+|"
    r"__twitter_impression|"
    r"fbclid|fb_(?:action_ids|action_types|source|ref)|[dg]clid|gclsrc|[gw]braid|ttclid|twclid|ys?clid|msclkid|irclickid|"
    r"li_fat_id|igsh(?:id)?|mc_[ce]id|mkt_tok|s_kwcid|_g[al]|_ke|vero_(?:id|conv)|oly_(?:enc|anon)_id|ml_subscriber(?:_hash)?|"
    r"xtor|ref_(?:src|url)|cmp(?:id)?|icid|ito|ocid|ncid|smid|smtyp|spm|taid|ftag|echobox|guccounter|guce_referrer(?:_sig)?|"
    r"soc_(?:src|trk)|sr_share|traffic_source|share_?token|sharetype",
    re.IGNORECASE,
)


def canonical(url: str) -> str:
    """The form of an address by which an article is known: host in lower case, no default port, no
    tracking parameters, no fragment."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url  # no address at all; whoever looks it up will not find it
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return url
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    if port not in (None, {"http": 80, "https": 443}[parts.scheme]):
        host = f"{host}:{port}"
    kept = [pair for pair in parts.query.split("&") if not _TRACKING.fullmatch(_name(pair))]
    return urlunsplit((parts.scheme, host, parts.path or "/", "&".join(kept), ""))


def web_address(written: object, base: str) -> str | None:
    """An address as a listing writes it, whole and in its one form; None where it is none that can be watched."""
    try:
        address = urljoin(base, str(written).strip()) if written else ""
        parts = urlsplit(address)
        named = parts.hostname and "\\" not in parts.netloc
        fit = parts.scheme in ("http", "https") and named and parts.port != 0
    except ValueError:
        return None
    return canonical(address) if fit and len(address.encode("utf-8", "replace")) <= MOST else None


def same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one site: of one host, or of hosts with the same name under their top level.
    A list of all top levels is not at hand, so two strangers under one that has two parts may pass for one."""
    try:
        return _site(one) == _site(other)
    except ValueError:
        return False


def _site(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".").lower()
    labels = host.split(".")
    if ":" in host or labels[-1].isdecimal():  # an address in figures has no name; its ports are its sites
        return host, str(parts.port)
    two_part_top = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3  # co.uk, com.au, ne.jp
    return tuple(labels[-3:] if two_part_top else labels[-2:])


def _name(pair: str) -> str:
    return unquote(pair.partition("=")[0]).removeprefix("amp;")
