"""What a source lists: the bytes of a feed, a sitemap or a section page into article addresses, and which are wanted.

Also the one form of an address by which an article is known, and what is remembered of a listing from one look
to the next. Pure; refuses to fetch or to keep anything.
"""

from monitor.sources.addresses import canonical, same_site
from monitor.sources.feeds import read_feed
from monitor.sources.listing import Child, Entry, Link, Listing
from monitor.sources.sections import read_section
from monitor.sources.sitemaps import read_sitemap
from monitor.sources.wanted import wanted

__all__ = [
    "Child",
    "Entry",
    "Link",
    "Listing",
    "canonical",
    "read_feed",
    "read_section",
    "read_sitemap",
    "same_site",
    "wanted",
]
