"""Which looks are conditional, and how a host is found out whose "nothing is new" is not true. Pure.

A 304 saves bytes, and would hide an edit where the server is wrong. So now and then a look asks for all: where that
shows another text under validators that have not changed, these lie. Where they have changed, the old ones are sent
once more: an honest server answers with the text, and a 304 is a lie. What a server says of how long its page stays
fresh (Cache-Control, Expires) puts off no look.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor.errand import Errand
from storage.records import Article, CheckResult, Host, Outcome, Response, SourceState, Validators

DISTRUST = timedelta(days=14)
"""For so long nothing conditional is sent to a host whose validators lied."""
_EVERY = 8  # looks
_AT_LEAST_EVERY = timedelta(days=1)
_FEED_EVERY = timedelta(hours=1)
_NONE = Validators()
_CONDITIONAL = frozenset({"if-none-match", "if-modified-since"})


def distrusted(host: Host | None, now: datetime) -> str | None:
    """Why nothing conditional is sent to that host, in a sentence for a check's reasons; None: it may be."""
    until = None if host is None else host.distrusted_until
    if until is None or until <= now:
        return None
    return f"asked without validators: until {until:%Y-%m-%d} those of its host are not believed"


def conditions(article: Article, host: Host | None, now: datetime) -> Validators | None:
    """What the next look at an article is to be conditional on; None: it asks for all."""
    if not article.revisions or article.validators == _NONE or distrusted(host, now):
        return None
    if article.outdated:
        return article.validators
    sampled = (article.checks + article.id) % _EVERY == 0
    long_ago = article.last_check_at is None or now - article.last_check_at >= _AT_LEAST_EVERY
    return None if sampled or long_ago else article.validators


def feed_conditions(state: SourceState, host: Host | None, now: datetime) -> Validators | None:
    """The same for a feed, which is asked for all of it once in an hour."""
    if state.last_ok_at is None or state.validators == _NONE or distrusted(host, now):
        return None
    return state.validators if _hour(state.last_ok_at) == _hour(now) else None


def unchanged_claim(kept: Validators, response: Response) -> bool:
    """Whether an answer to an unconditional look carries the validators that were kept: a conditional one would
    have been told that nothing is new."""
    said = response.validators
    if kept.etag or said.etag:
        return kept.etag == said.etag
    return kept.last_modified is not None and kept.last_modified == said.last_modified


def is_conditional(made: Response | Errand) -> bool:
    """Whether that was asked for only where something is new."""
    sent = (name for name, _ in made.asked) if isinstance(made, Response) else made.headers
    return any(name.lower() in _CONDITIONAL for name in sent)


def with_validators(article: Article, outcome: Outcome, response: Response, *, trusted: bool) -> Outcome:
    """The outcome with the validators that the next look is to be made with: where an unconditional one found
    another text, once more those of the text before.

    :param article: as it was before the look.
    :param trusted: whether the host's validators are believed.
    """
    if outcome.check.result not in (CheckResult.FIRST, CheckResult.SAME, CheckResult.CHANGED):
        return outcome
    after = replace(outcome.article, outdated=False)
    if trusted and _found_without_asking(article, outcome, response):
        after = replace(after, validators=article.validators, outdated=True)
    return replace(outcome, article=after)


def lied(article: Article, outcome: Outcome, response: Response) -> bool:
    """Whether that look shows that the validators kept from the one before were not those of the text."""
    found = _found_without_asking(article, outcome, response)
    return found and not article.outdated and unchanged_claim(article.validators, response)


def _found_without_asking(article: Article, outcome: Outcome, response: Response) -> bool:
    """Whether an unconditional look found another text where a conditional one could have been made: a browser
    makes none, and to another origin none goes along."""
    same_origin = urlsplit(response.url)[:2] == urlsplit(response.final_url)[:2]
    could_ask = article.validators != _NONE and response.browser is None and same_origin
    return outcome.check.result is CheckResult.CHANGED and not is_conditional(response) and could_ask


def _hour(when: datetime) -> int:
    return int(when.timestamp() // _FEED_EVERY.total_seconds())
