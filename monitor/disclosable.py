"""Which addresses may be told to an outside archive: those that anybody could have asked for. Pure.

Knows only what stands in the address itself; what its name leads to is for ``guard`` to say.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import parse_qsl, urlsplit

_LOCAL = (
    "localhost local localdomain internal intranet lan home corp private home.arpa test invalid onion".split()
)
_SECRET = re.compile(
    r"""(?ix) (?: ^|[_.-] ) (?: token | auth | authorization | key | apikey | secret | password | passwd | pwd
    | session | sessionid | sid | jsessionid | phpsessid | sig | signature | hmac | jwt | ticket | credential s? )
    (?: $|[_.-] )"""
)


def may_be_told(url: str) -> bool:
    """Whether that address is of the public web and holds nothing that looks like a secret: no credentials,
    no access token in its query, no host that only a private network knows."""
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or parts.username is not None or parts.password is not None:
        return False
    named = [name for name, _ in parse_qsl(parts.query.replace(";", "&"), keep_blank_values=True)]
    return _is_public_host(host) and not any(_SECRET.search(_words(name)) for name in named)


def _is_public_host(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_global
    except ValueError:
        return "." in host and not any(host == name or host.endswith(f".{name}") for name in _LOCAL)


def _words(name: str) -> str:
    """``accessToken`` as ``access_Token``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
