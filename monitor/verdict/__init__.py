"""judge(): is this capture an article at all?

Looks at what the server said, at how little or what kind of text there is, and at what was there the
last time. Every verdict comes with its reasons in words. Only ARTICLE can make a revision; when in
doubt, it is not one. Pure. Refuses to know any host, outlet or page by name; the products that stand
before pages it knows by what they write and carry.
"""

from monitor.verdict.answer import failed_answer, not_html, refusal
from monitor.verdict.before import MAX_DOUBTS, NEVER_SEEN, Past
from monitor.verdict.judge import LONGEST, SHELL, judge
from monitor.verdict.signs import SHORT, amount

__all__ = [
    "LONGEST",
    "MAX_DOUBTS",
    "NEVER_SEEN",
    "SHELL",
    "SHORT",
    "Past",
    "amount",
    "failed_answer",
    "judge",
    "not_html",
    "refusal",
]
