"""extract(): the bytes of a page into an Extraction.

Combines what a page says of itself (schema.org, OpenGraph) with the text a reader sees, found by
trafilatura; a source's own selectors win over both. Pure: the same bytes and arguments give the
same extraction, in any order and any process. Refuses to know whether it is an article at all.
"""

from monitor.extract.charset import decode
from monitor.extract.page import EXTRACTOR, extract
from monitor.extract.plain import PLAIN_EXTRACTOR, extract_plain

__all__ = ["EXTRACTOR", "PLAIN_EXTRACTOR", "decode", "extract", "extract_plain"]
