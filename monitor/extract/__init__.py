"""extract(): the bytes of a page into an Extraction.

Combines what a page says of itself (schema.org, OpenGraph) with the text a reader sees; a source's
own selectors win over both. Pure: the same bytes and arguments give the same extraction, in any
order and any process. Refuses to know whether it is an article at all.
"""

from monitor.extract.burden import overburdened
from monitor.extract.charset import decode
from monitor.extract.page import EXTRACTOR, NOTHING_TOLD, Known, Reading, extract, learn, read_page
from monitor.extract.plain import PLAIN_EXTRACTOR, extract_plain

__all__ = [
    "EXTRACTOR",
    "NOTHING_TOLD",
    "PLAIN_EXTRACTOR",
    "Known",
    "Reading",
    "decode",
    "extract",
    "extract_plain",
    "learn",
    "overburdened",
    "read_page",
]
