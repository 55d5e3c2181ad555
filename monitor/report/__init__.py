"""Diffs, logs and checks, rendered for people and for other programs.

Everything here is pure: records come in, text goes out. Nothing reads a clock, a file of
the user's or the network. Text that came from a page is treated as hostile everywhere: it
is escaped for the format it goes into, its control characters are taken out, and what
would be invisible or turn the reading direction is shown as a badge.
"""

from monitor.report.atom import diff_entry, feed
from monitor.report.charts import charts
from monitor.report.gaps import gap_json, gap_line, gap_sentence, gaps_within
from monitor.report.head import Head
from monitor.report.html import (
    ARTICLES_PER_PAGE,
    Totals,
    article_page,
    charts_page,
    choices_page,
    diff_page,
    index_page,
    index_pages,
    text_page,
)
from monitor.report.jsonform import (
    check_json,
    diff_json,
    event_json,
    extraction_json,
    json_line,
    log_json,
    rfc3339,
)
from monitor.report.links import Links, NoLinks, ServerLinks, SiteLinks, is_page_path
from monitor.report.mail import Mail, diff_mail
from monitor.report.markdown import diff_markdown
from monitor.report.site import SiteArticle, site_pages
from monitor.report.tally import Tally, counts, publication
from monitor.report.terminal import check_line, diff_text, log_line, table
from monitor.report.unified import diff_unified
from monitor.report.visible import clean

__all__ = [
    "ARTICLES_PER_PAGE",
    "Head",
    "Links",
    "Mail",
    "NoLinks",
    "ServerLinks",
    "SiteArticle",
    "SiteLinks",
    "Tally",
    "Totals",
    "article_page",
    "charts",
    "charts_page",
    "check_json",
    "check_line",
    "choices_page",
    "clean",
    "counts",
    "diff_entry",
    "diff_json",
    "diff_mail",
    "diff_markdown",
    "diff_page",
    "diff_text",
    "diff_unified",
    "event_json",
    "extraction_json",
    "feed",
    "gap_json",
    "gap_line",
    "gap_sentence",
    "gaps_within",
    "index_page",
    "index_pages",
    "is_page_path",
    "json_line",
    "log_json",
    "log_line",
    "publication",
    "rfc3339",
    "site_pages",
    "table",
    "text_page",
]
