"""reextract: the latest revision of an article, read anew from its own bytes by today's extractor.

The same as a visit does before it compares, without the visit: what reads otherwise becomes a revision for that
reason, which nobody is told of. It shares the archive with a running daemon: where that was faster, it decides
again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.check import Tools, read_again, told_for, weigh_for
from monitor.decide import decide_reading
from storage.errors import Conflict, TakenOut
from storage.records import Article, ArticleState, Revision

_TRIES = 5


class Reread(StrEnum):
    """What came of reading an article again; ``CURRENT``: it was read like this already."""

    CHANGED = "changed"
    SAME = "same"
    CURRENT = "current"
    UNREAD = "unread"


@dataclass(frozen=True, kw_only=True)
class Result:
    """``revision`` is the new one, where there is one; ``why`` says why it could not be read."""

    article: Article
    came: Reread
    revision: Revision | None = None
    why: str | None = None


def reextract(article_id: int, tools: Tools, *, dry: bool = False) -> Result:
    """Read one article again and record what that makes of it.

    :param dry: record nothing.
    :raises StorageError: it could not be recorded; nothing was.
    """
    for left in reversed(range(_TRIES)):
        try:
            return _once(tools.store.article(article_id), tools, dry)
        except Conflict:
            if not left:
                raise
    raise AssertionError


def _once(article: Article, tools: Tools, dry: bool) -> Result:
    if article.state is ArticleState.FORGOTTEN:
        return Result(article=article, came=Reread.UNREAD, why="its texts were taken out for good")
    try:
        previous = tools.store.latest_revision(article)
    except TakenOut as taken:
        return Result(article=article, came=Reread.UNREAD, why=str(taken))
    if previous is None:
        return Result(article=article, came=Reread.UNREAD, why="it has no revision yet")
    reread, noted = read_again(article, previous, told_for(article, tools), tools)
    if reread is None:
        came = Reread.UNREAD if noted else Reread.CURRENT
        return Result(article=article, came=came, why="; ".join(noted) or None)
    reading = decide_reading(article, previous, reread, weigh=weigh_for(article, tools))
    if not dry:
        tools.store.record_reading(reading)
    came = Reread.SAME if reading.revision is None else Reread.CHANGED
    return Result(article=article, came=came, revision=reading.revision)
