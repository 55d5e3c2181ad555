"""overburdened(): markup that would cost a parser more time than a page may take, told by counting alone.

Only what no page for people comes near is refused here; what a count cannot tell is the deadline's to end.
"""

from __future__ import annotations

import re
import string

MOST_ELEMENTS = 200_000
"""No page for people has a tenth of that; reading more takes longer than a page may."""
_MOST_ATTRIBUTES = 10_000  # of one element: each is compared with all before it
_LETTERS = bytes.maketrans(string.ascii_letters.encode(), b"a" * len(string.ascii_letters))
_LONG_TAG = re.compile(rb"<[A-Za-z][^<>]{%d,}" % (2 * _MOST_ATTRIBUTES))
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
_NAME = re.compile(rb"\s[^\s/=]")


def overburdened(markup: bytes) -> str | None:
    """What there is too much of, to follow after "it cannot be read:"; None: nothing."""
    if markup.translate(_LETTERS).count(b"<a") > 4 * MOST_ELEMENTS:  # tags in scripts and comments count here
        return f"it has more than {MOST_ELEMENTS:,} elements"
    if any(_attributes(tag) > _MOST_ATTRIBUTES for tag in _LONG_TAG.findall(markup)):
        return f"an element of it has more than {_MOST_ATTRIBUTES:,} attributes"
    return None


def _attributes(tag: bytes) -> int:
    """At most so many; what stands in quotation marks is none."""
    return len(_NAME.findall(_QUOTED.sub(b"", tag)))
