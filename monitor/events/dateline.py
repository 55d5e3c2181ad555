"""The dateline that opens a report: "LONDON (Reuters) -", "PARIS, May 3 -", "Berlin (dpa) –".

A place in capitals before a dash, or any place before an agency in brackets and a dash.
"""

from __future__ import annotations

import re

_AGENCIES = (
    r"Reuters|AP|AFP|dpa|DPA|EFE|ANSA|UPI|PA|CNN|Bloomberg|Xinhua|TASS|IANS|PTI|ANI|KNA|epd|SID|APA|ATS|Lusa|Belga|ANP|"
    r"AFP/Reuters|Reuters/AFP|Thomson Reuters Foundation|Kyodo|Yonhap|MarketWatch|WSJ|FT"
)
_DATELINE = re.compile(
    rf"""\s*(?:
      (?P<agency>[A-ZÀ-Þ][\w.,'’/ -]{{1,60}}?\s*\((?:{_AGENCIES})\))\s*[-–—]{{1,2}}\s*
    | (?P<place>[A-ZÀ-Þ][A-ZÀ-Þ.'’-]{{2,30}}(?:[ /][A-ZÀ-Þ.'’-]{{2,30}}){{0,4}}(?:,\ [A-Z][\w.]{{1,20}}){{0,2}}
        (?:,?\ [A-Z][a-z]{{2,9}}\.?\ \d{{1,2}})?)(?:\s+[-–—]{{1,2}}\s+|[–—])
    )(?=\S)""",
    re.VERBOSE,
)


def split_dateline(text: str) -> tuple[str | None, str]:
    """The dateline without its dash, and the text behind it."""
    found = _DATELINE.match(text[:200])
    if found is None:
        return None, text
    return (found["agency"] or found["place"]).strip(), text[found.end() :]
