"""The nouns of Writethru, as frozen dataclasses and enums.

They know their shape and the few facts that follow from it alone. They refuse to know
where they are stored, how they are read out of a page, or what anyone decides about them.
All times are aware UTC datetimes; ``None`` means "there is none", never "went wrong".
"""

from __future__ import annotations

import enum
import hashlib
import json
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

# --------------------------------------------------------------------- what is watched


class SourceKind(enum.StrEnum):
    PAGE = "page"
    FEED = "feed"
    SECTION = "section"
    SITEMAP = "sitemap"
    FOLDER = "folder"


class FetchWay(enum.StrEnum):
    """How a source's articles are fetched: as the server sends them, or opened in a browser, which runs their
    scripts."""

    HTTP = "http"
    BROWSER = "browser"


class SourceOrigin(enum.StrEnum):
    """Who put a source on the watch list: the configuration file or the command line."""

    CONFIG = "config"
    CLI = "cli"


@dataclass(frozen=True, kw_only=True)
class Selectors:
    """CSS selectors of one source; they win over everything that is read unaided."""

    body: str | None = None
    remove: str | None = None
    headline: str | None = None
    byline: str | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """What the user configures: a single page, a feed, a section page, a sitemap, or a folder of text files."""

    name: str
    kind: SourceKind
    url: str
    interval: timedelta | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    baseline: str | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    robots: bool | None = None
    selectors: Selectors = Selectors()
    fetch: FetchWay = FetchWay.HTTP
    tags: tuple[str, ...] = ()

    @property
    def needs_browser(self) -> bool:
        return self.fetch is FetchWay.BROWSER


@dataclass(frozen=True, kw_only=True)
class SourceState:
    """What is remembered about a source between two looks at it. ``articles``: how many it has, where all sources
    are listed, for it takes time to count them. ``note`` says what is odd about what it lists, ``memory`` what its
    discovery wants to know at the next look."""

    id: int
    name: str
    kind: SourceKind
    url: str
    origin: SourceOrigin
    paused: bool
    next_discovery_at: datetime
    last_ok_at: datetime | None
    last_error: str | None
    validators: Validators
    articles: int | None = None
    note: str | None = None
    memory: str | None = None


@dataclass(frozen=True, kw_only=True)
class Validators:
    """What makes the next GET conditional (RFC 9110, 8.8); kept only from an article."""

    etag: str | None = None
    last_modified: str | None = None


class Waiting(enum.StrEnum):
    """Why a host is not asked just now."""

    SPACING = "spacing"
    CRAWL_DELAY = "crawl_delay"
    SLOW_START = "slow_start"
    BACKOFF = "backoff"
    RETRY_AFTER = "retry_after"
    RESTART = "restart"
    BUDGET = "budget"


@dataclass(frozen=True, kw_only=True)
class Host:
    """The web host that serves articles; ``free_at`` is when politeness allows the next request, and
    ``waits`` says why not before. ``robots`` is its robots.txt as last read, trusted until ``robots_until``, and
    ``crawl_delay`` what that asks for; ``troubles`` are the visits in a row in which it kept us waiting,
    ``setbacks`` the blocks and errors in a row. Until ``distrusted_until`` nothing conditional is sent to it.
    ``requests`` counts all that were ever made, ``recent`` is how the last looks went (see ``monitor.pace``)."""

    id: int
    name: str
    free_at: datetime
    next_visit_at: datetime | None
    robots: str | None = None
    robots_until: datetime | None = None
    troubles: int = 0
    claimed_until: datetime | None = None
    requests: int = 0
    setbacks: int = 0
    waits: Waiting | None = None
    crawl_delay: timedelta | None = None
    distrusted_until: datetime | None = None
    recent: str = ""


class ArticleState(enum.StrEnum):
    """How the watching of one article stands; leaving or entering one is one event."""

    WATCHED = "watched"
    BLOCKED = "blocked"
    REMOVED = "removed"
    STALLED = "stalled"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, kw_only=True)
class Article:
    """One story at one outlet, identified by its canonical URL.

    ``text_digests`` maps the content digest of every revision to its latest number, so
    that a return to an earlier text is known for what it is; a reading that an EXTRACTOR
    revision replaced is not in it. ``headlines`` does the same for headlines, spaces folded.
    ``read_as`` says how the latest revision was read (see
    ``Extraction.read_as``), ``locator`` where its text stood.

    ``absences`` looks in a row have said, from ``absent_since`` on, that it is gone.
    ``returns`` looks in a row have shown another copy than the latest revision, which does
    not count yet; ``other_copy`` is its text digest. Its copies took turns ``swings`` times,
    from ``swings_since`` to ``swung_at``; that was told at ``alternated_at``. ``outdated``: its validators
    are those of an earlier text.

    ``address`` is where it is asked for, where that is not at its ``url``; ``hinted_at`` is when a listing last
    hinted that it has changed. ``belief`` is what is believed of its revisions to come, packed, as of the look at
    ``believed_at``; its age counts from ``aged_from``.
    """

    id: int
    url: str
    source: str
    host: str
    state: ArticleState
    paused: bool
    found_at: datetime
    next_check_at: datetime
    validators: Validators
    last_check_at: datetime | None = None
    last_seen_at: datetime | None = None
    last_change_at: datetime | None = None
    troubles: int = 0
    doubts: int = 0
    absences: int = 0
    headline: str | None = None
    revisions: int = 0
    checks: int = 0
    text_digests: dict[str, int] = field(default_factory=dict)
    headlines: dict[str, int] = field(default_factory=dict)
    locator: str | None = None
    read_as: str | None = None
    absent_since: datetime | None = None
    returns: int = 0
    other_copy: str | None = None
    swings: int = 0
    swings_since: datetime | None = None
    swung_at: datetime | None = None
    alternated_at: datetime | None = None
    outdated: bool = False
    address: str | None = None
    hinted_at: datetime | None = None
    belief: bytes | None = None
    believed_at: datetime | None = None
    aged_from: datetime | None = None

    @property
    def asked_at(self) -> str:
        """The address at which it is asked for."""
        return self.address or self.url

    @property
    def is_hinted(self) -> bool:
        """Whether a listing has hinted at it since the last look."""
        return self.hinted_at is not None and (
            self.last_check_at is None or self.hinted_at > self.last_check_at
        )


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How it stands with the looks at an article."""

    article_id: int
    url: str
    last_check_at: datetime | None
    last_seen_at: datetime | None
    last_change_at: datetime | None


# --------------------------------------------------------------------- what was received


@dataclass(frozen=True, kw_only=True)
class Redirect:
    status: int
    url: str


@dataclass(frozen=True, kw_only=True)
class Response:
    """A usable answer to one GET: ``body`` is decoded of its transfer and content coding,
    and complete; ``url`` is what was asked for, ``final_url`` what answered. ``asked`` are the headers
    of the request, those that may hold a secret without their values.

    With ``browser``, the name and version of one, ``body`` is not what was sent but the document as it stood
    in that browser once its scripts had run, in UTF-8, and ``screenshot`` a picture of it, in JPEG."""

    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime
    redirects: tuple[Redirect, ...] = ()
    asked: tuple[tuple[str, str], ...] = ()
    ms: float = 0.0
    browser: str | None = None
    screenshot: bytes | None = field(default=None, repr=False)

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def validators(self) -> Validators:
        """What a browser makes of a page may change where the page does not: then there are none."""
        if self.browser is not None:
            return Validators()
        return Validators(etag=self.header("etag"), last_modified=self.header("last-modified"))

    @property
    def digest(self) -> str:
        return sha256(self.body)


class FetchProblem(enum.StrEnum):
    """Why there was no usable answer: the closed list behind ``check --json``'s ``error``."""

    DNS = "dns"
    REFUSED_ADDRESS = "refused_address"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    BAD_ENCODING = "bad_encoding"
    TRUNCATED = "truncated"
    PROTOCOL = "protocol"
    REDIRECT_LOOP = "redirect_loop"
    BAD_REDIRECT = "bad_redirect"
    ROBOTS = "robots"
    HTTP_ERROR = "http_error"
    NOT_FOUND = "not_found"
    PARSE_KILLED = "parse_killed"
    BROWSER = "browser"


# --------------------------------------------------------------------- what was read


class Verdict(enum.StrEnum):
    """Is this capture an article at all? Only ARTICLE can make a revision."""

    ARTICLE = "article"
    BLOCKED = "blocked"
    CONSENT = "consent"
    PAYWALL = "paywall"
    SOFT_404 = "soft_404"
    GONE = "gone"
    EMPTY = "empty"
    NOT_HTML = "not_html"
    TRUNCATED = "truncated"
    SUSPECT = "suspect"


class ParagraphKind(enum.StrEnum):
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    QUOTE = "quote"
    LIST = "list"
    CAPTION = "caption"


class NoticeKind(enum.StrEnum):
    BREAKING = "breaking"
    UPDATE = "update"
    CORRECTION = "correction"
    CLARIFICATION = "clarification"
    EDITORS_NOTE = "editors_note"
    LIVE = "live"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the extractor is told beside the page: a source's own selectors, and the keys of the
    blocks that a host repeats over its articles (see ``block_key``)."""

    selectors: Selectors | None = None
    boilerplate: frozenset[str] = frozenset()

    @property
    def version(self) -> str:
        """Equal for equal arguments; empty where there are none."""
        if not self.boilerplate and self.selectors in (None, Selectors()):
            return ""
        chosen = asdict(self.selectors) if self.selectors else {}
        return sha256(canonical_json([chosen, sorted(self.boilerplate)]))[:12]


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    kind: ParagraphKind
    text: str


@dataclass(frozen=True, kw_only=True)
class Notice:
    kind: NoticeKind
    text: str


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link in the text: its words, where it leads, and the paragraph it stands in, counted from 0."""

    paragraph: int
    text: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """What was read out of a snapshot. ``extractor`` is ``name/version`` of what read it.

    ``told`` is the version of what the extractor was told (selectors, learnt boilerplate; empty: nothing),
    ``left_out`` what it left out for that, and ``origins`` where each field came from, which is not kept.
    ``plain`` marks a reading of plain text, which knows nothing of byline, dates or
    standfirst: what such a reading lacks is unknown, not absent. ``whole`` is that text itself.
    ``links`` are those in the paragraphs, in their order. ``posts`` are the places, counted from 0, of the
    paragraphs at which the posts of a live blog begin, in the order of the page.
    """

    headline: str | None
    paragraphs: tuple[Paragraph, ...]
    extractor: str
    standfirst: str | None = None
    byline: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language: str | None = None
    canonical_url: str | None = None
    section: str | None = None
    image: str | None = None
    image_caption: str | None = None
    live: bool = False
    notices: tuple[Notice, ...] = ()
    links: tuple[Link, ...] = ()
    posts: tuple[int, ...] = ()
    left_out: tuple[Paragraph, ...] = ()
    told: str = ""
    origins: Mapping[str, str] = field(default_factory=dict, compare=False, hash=False)
    plain: bool = False
    whole: str | None = None

    @property
    def text(self) -> str:
        """The paragraphs, one blank line apart; for plain text the whole of it, as it stands."""
        if self.whole is not None:
            return self.whole
        return "\n\n".join(paragraph.text for paragraph in self.paragraphs)

    @property
    def words(self) -> int:
        return sum(len(paragraph.text.split()) for paragraph in self.paragraphs)

    @property
    def read_as(self) -> str:
        """What read it and what that was told: two that differ in it may differ only by the reading."""
        return f"{self.extractor} {self.told}".strip()

    @property
    def text_digest(self) -> str:
        """Digest of headline and text with spaces folded, 32 hexadecimal digits: equal where a reader sees
        no difference."""
        lines = [fold_spaces(self.headline or ""), *(fold_spaces(p.text) for p in self.paragraphs)]
        if lines[1:2] == lines[:1]:
            del lines[0]
        return sha256("\n".join(line for line in lines if line).encode("utf-8", "replace"))[:32]


@dataclass(frozen=True, kw_only=True)
class Capture:
    """What was read out of one response. ``extraction`` may stand beside any verdict. ``locator`` says
    where the text stood, for the next look at the same article; None: nothing that would help."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    extraction: Extraction | None = None
    locator: str | None = None


@dataclass(frozen=True, kw_only=True)
class TaughtBy:
    """The blocks of one article, by key; ``teaches`` is false for the copy of another article."""

    article_id: int
    keys: tuple[str, ...]
    teaches: bool = True


@dataclass(frozen=True, kw_only=True)
class HostBlocks:
    """What a host repeats over its articles: ``learnt`` blocks by key, and the blocks of its ``recent``
    articles, oldest first."""

    learnt: Mapping[str, str] = field(default_factory=dict)
    recent: tuple[TaughtBy, ...] = ()


# --------------------------------------------------------------------- what changed


class Severity(enum.IntEnum):
    COSMETIC = 1
    MINOR = 2
    SUBSTANTIVE = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Severity:
        return cls[word.upper()]


class EventKind(enum.StrEnum):
    """One typed fact, about a revision or (the last group) about a state."""

    HEADLINE_CHANGED = "headline_changed"
    STANDFIRST_CHANGED = "standfirst_changed"
    BYLINE_CHANGED = "byline_changed"
    DATELINE_CHANGED = "dateline_changed"
    NUMBER_CHANGED = "number_changed"
    QUOTE_CHANGED = "quote_changed"
    NAME_CHANGED = "name_changed"
    DATE_CHANGED = "date_changed"
    ATTRIBUTION_CHANGED = "attribution_changed"
    CERTAINTY_CHANGED = "certainty_changed"
    PARAGRAPH_ADDED = "paragraph_added"
    PARAGRAPH_REMOVED = "paragraph_removed"
    PARAGRAPH_MOVED = "paragraph_moved"
    SENTENCE_REWRITTEN = "sentence_rewritten"
    NOTICE_ADDED = "notice_added"
    NOTICE_CHANGED = "notice_changed"
    NOTICE_DROPPED = "notice_dropped"
    STUB_GREW = "stub_grew"
    TYPO_FIXED = "typo_fixed"
    STYLE_CHANGED = "style_changed"
    LINK_CHANGED = "link_changed"
    CAPTION_CHANGED = "caption_changed"
    IMAGE_CHANGED = "image_changed"
    LIVE_POSTS_ADDED = "live_posts_added"
    HEADLINE_TEST = "headline_test"
    REVERTED = "reverted"
    MOVED_URL = "moved_url"
    REMOVED = "removed"
    RESTORED = "restored"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    STALLED = "stalled"
    RESUMED = "resumed"
    ALTERNATED = "alternated"
    FORGOTTEN = "forgotten"


STATE_EVENTS = frozenset(
    {
        EventKind.REMOVED,
        EventKind.RESTORED,
        EventKind.BLOCKED,
        EventKind.UNBLOCKED,
        EventKind.STALLED,
        EventKind.RESUMED,
        EventKind.ALTERNATED,
        EventKind.FORGOTTEN,
    }
)


@dataclass(frozen=True, kw_only=True)
class Event:
    """``where`` is the place in the article: ``headline``, ``byline``, ``notice``, ``article``
    or ``paragraph N`` (N counts from 1 in the new text, in the old one for what was removed)."""

    kind: EventKind
    severity: Severity
    old: str | None = None
    new: str | None = None
    where: str = "article"


class SentenceOp(enum.StrEnum):
    KEEP = "keep"
    EDIT = "edit"
    ADD = "add"
    DELETE = "delete"
    MOVE = "move"
    SPLIT = "split"
    MERGE = "merge"


class HunkOp(enum.StrEnum):
    KEEP = "keep"
    INSERT = "insert"
    DELETE = "delete"
    REPLACE = "replace"
    MOVE = "move"


@dataclass(frozen=True, kw_only=True)
class Aligned:
    """A group of sentences that belong together: indices into the two sentence lists.
    A MOVE may also be edited: its two sentences need not be equal."""

    op: SentenceOp
    old: tuple[int, ...]
    new: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Hunk:
    """A run of text. Joining ``old`` over all hunks gives the old text, ``new`` the new one.
    A moved passage is two MOVE hunks with the same ``move`` id: ``new`` is empty where it
    was, ``old`` is empty where it is now."""

    op: HunkOp
    old: str
    new: str
    move: int | None = None


@dataclass(frozen=True, kw_only=True)
class WordCount:
    added: int = 0
    deleted: int = 0
    kept: int = 0


@dataclass(frozen=True, kw_only=True)
class Diff:
    """Computed from two extractions; never stored as the truth.

    ``old_sentences`` and ``new_sentences`` partition the two texts: each keeps the spaces
    that follow it, so joining them gives the text back. ``coarse``: the two are too large, or differ by too
    much, to be compared word by word all through.
    """

    old: Extraction
    new: Extraction
    old_sentences: tuple[str, ...]
    new_sentences: tuple[str, ...]
    sentences: tuple[Aligned, ...]
    hunks: tuple[Hunk, ...]
    words: WordCount
    coarse: bool = False

    @property
    def is_empty(self) -> bool:
        return all(aligned.op is SentenceOp.KEEP for aligned in self.sentences)


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """Did the outlet say so? ``modified_moved`` is None where it gives no modified time."""

    notice_changed: bool
    modified_moved: bool | None
    silent: bool

    @classmethod
    def none(cls) -> Disclosure:
        """Nothing to disclose: there was nothing to differ from."""
        return cls(notice_changed=False, modified_moved=None, silent=False)


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What a diff means: its events, how severe it is as a whole, whether it was disclosed,
    and one or two plain sentences about it."""

    events: tuple[Event, ...]
    severity: Severity
    disclosure: Disclosure
    summary: str


# --------------------------------------------------------------------- what is kept


class Reason(enum.StrEnum):
    FIRST = "first"
    EDIT = "edit"
    REVERT = "revert"
    BASELINE = "baseline"
    EXTRACTOR = "extractor"


class CheckResult(enum.StrEnum):
    FIRST = "first"
    CHANGED = "changed"
    SAME = "same"
    NOT_MODIFIED = "not_modified"
    WITHHELD = "withheld"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One attempt to look at an article. ``id`` is unique and fixed before it is recorded;
    ``digest`` is that of the payload, where there was one."""

    id: str
    at: datetime
    result: CheckResult
    verdict: Verdict | None = None
    status: int | None = None
    error: str | None = None
    detail: str | None = None
    reasons: tuple[str, ...] = ()
    ms: float = 0.0
    digest: str | None = None


@dataclass(frozen=True, kw_only=True)
class Revision:
    """An extraction that differs from the one before it, numbered from 1.

    ``not_seen_before`` is the last check that still saw the previous revision: the change
    happened between the two, and nothing more is claimed. ``assessment`` is None for the
    first revision, which has nothing to differ from.
    """

    number: int
    reason: Reason
    seen_at: datetime
    not_seen_before: datetime | None
    extraction: Extraction
    assessment: Assessment | None = None
    words: WordCount = WordCount()


@dataclass(frozen=True, kw_only=True)
class StateEvent:
    """An event about the state of an article, with the last time the former state was seen."""

    event: Event
    at: datetime
    not_seen_before: datetime | None


@dataclass(frozen=True, kw_only=True)
class Alert:
    """Someone should be told on ``channel`` about one subject: the outcome's revision, or,
    with ``about`` set, its state event of that kind. ``rules`` are the names that matched."""

    channel: str
    rules: tuple[str, ...]
    about: EventKind | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Everything one check has to write, and nothing written yet.

    ``article`` is the article as it stands after the check; ``expects`` is the number of
    the latest revision that the decision was made on (0: none). ``reread`` is that revision
    read again from the same bytes, where that reads otherwise; it comes before ``revision``.
    ``blocks`` is what the article's host is known to repeat, and ``habits`` what is known of its articles'
    revisions, packed, each where that is news. ``witness`` is the
    address that a public archive should save for the revision. ``known_by`` are the keys of
    the addresses by which the article is known from now on; while the log holds nothing of it, it may take
    another ``url``. Recording an outcome twice changes
    nothing.
    """

    article: Article
    check: Check
    expects: int
    response: Response | None = None
    reread: Revision | None = None
    revision: Revision | None = None
    blocks: HostBlocks | None = None
    habits: bytes | None = None
    state_events: tuple[StateEvent, ...] = ()
    alerts: tuple[Alert, ...] = ()
    witness: str | None = None
    known_by: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the latest revision's own bytes read as today, to be written apart from any check.

    ``article`` as it stands afterwards; ``expects`` as in an outcome. ``revision`` is None where only the
    way of reading changed and nothing that was read.
    """

    article: Article
    expects: int
    revision: Revision | None = None


# --------------------------------------------------------------------- what is told


class DeliveryState(enum.StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, kw_only=True)
class LogEntry:
    """One line of the revision log: a revision, or a state event (``number`` is None). Digest,
    chain and place in the log are given when it is appended. ``witness`` is the address at which a
    public archive keeps the page as well; it is no part of what is chained."""

    article_id: int
    url: str
    source: str
    headline: str | None
    number: int | None
    reason: str
    seen_at: datetime
    not_seen_before: datetime | None
    severity: Severity | None
    silent: bool
    summary: str
    events: tuple[Event, ...]
    words: WordCount
    digest: str = ""
    chain: str = ""
    seq: int = 0
    witness: str | None = None


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What proves that a revision stands in the log: its record and that of the revision before, byte for
    byte, each with its text as it is stored, and the digests of all records from the earlier of them on, in
    the order of the log. ``before`` is the chain before these, ``head`` the chain after them."""

    record: bytes
    text: bytes
    previous: bytes | None
    previous_text: bytes | None
    before: str
    digests: tuple[str, ...]
    head: str


class ServiceReason(enum.StrEnum):
    """Why the ledger has an entry about the service itself."""

    GAP = "gap"
    DROPPED = "dropped"


@dataclass(frozen=True, kw_only=True)
class ServiceEntry:
    """A chained entry about the service itself: it was not watching, or it took something out.
    ``about`` is JSON-ready and says the rest."""

    reason: ServiceReason
    seen_at: datetime
    not_seen_before: datetime | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    chain: str = ""
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class PendingAlert:
    """An alert that no delivery carries yet, with what it is about."""

    id: int
    channel: str
    rules: tuple[str, ...]
    entry: LogEntry


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One message that carries one or more alerts; ``id`` and ``content`` are fixed before it
    is first sent. ``content`` is JSON-ready."""

    id: str
    channel: str
    content: dict[str, Any]
    alerts: tuple[int, ...]
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    created_at: datetime | None = None
    next_try_at: datetime | None = None
    delivered_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class CheckEntry:
    """A recorded check with the article it looked at; ``seq`` counts all checks. A long run of equal
    checks may stand as one, ``count`` of them from ``check.at`` to ``until``."""

    seq: int
    article_id: int
    url: str
    check: Check
    revision: int | None
    count: int = 1
    until: datetime | None = None


# --------------------------------------------------------------------- what others can bear out


class WitnessState(enum.StrEnum):
    """Whether a public archive keeps a revision: it is still to be asked, has been asked and works on
    it, keeps it, or will not."""

    PENDING = "pending"
    ASKED = "asked"
    KEPT = "kept"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Witness:
    """A public archive's part in one revision. ``url`` is the page it should save, ``seen_at`` when the
    revision was first seen, ``job`` what the archive calls its work, ``link`` where it keeps the page
    and ``kept_at`` when it saved it. ``outdone``: a later revision of the article is to be saved as well.
    Until ``quiet_until`` the archive wants to hear nothing at all."""

    id: int
    url: str
    seen_at: datetime
    created_at: datetime
    next_try_at: datetime
    state: WitnessState = WitnessState.PENDING
    attempts: int = 0
    outdone: bool = False
    asked_at: datetime | None = None
    quiet_until: datetime | None = None
    job: str | None = None
    link: str | None = None
    kept_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """A time-stamping authority's answer about the chain at the log entry ``seq``: ``token`` as it came,
    or ``error``, where there was none. ``made_at`` is when it was asked, by our own clock."""

    head: str
    seq: int
    made_at: datetime
    kind: str = "rfc3161"
    token: bytes | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Retention:
    """What is kept for how long; None: for good. Texts always are.

    What was received stays for ``raw_for`` or as one of the ``raw_last`` of its article, whichever is longer,
    and the latest always. Equal checks in a row may stand as one once they are older than ``checks_after``.
    """

    raw_for: timedelta | None = None
    raw_last: int | None = None
    checks_after: timedelta | None = None

    @property
    def keeps_all_raw(self) -> bool:
        return self.raw_for is None and self.raw_last is None

    @property
    def said(self) -> str:
        """Why something went, for the log."""
        kept = [f"raw_for {self.raw_for}"] if self.raw_for is not None else []
        kept += [f"raw_last {self.raw_last}"] if self.raw_last is not None else []
        return f"[retention] {', '.join(kept)}"


# --------------------------------------------------------------------- small facts about text


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def fold_spaces(text: str) -> str:
    """Normalise to NFC and fold every run of white space, no-break ones too, to one space."""
    return " ".join(composed(text).split())


def composed(text: str) -> str:
    """The text in NFC, in time proportional to its length.

    Putting the marks on a letter in order takes the square of their number. More than thirty in a row, which
    no language sets and Unicode's Stream-Safe Text Format (UAX 15, section 13) does not allow, stay as they are.
    """
    if text.isascii():
        return text
    pieces, start = [], 0
    for first, last in _heaps(text):
        pieces += [unicodedata.normalize("NFC", text[start:first]), text[first:last]]
        start = last
    return "".join([*pieces, unicodedata.normalize("NFC", text[start:])])


_MOST_MARKS = 30
_DENSE = re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS + 1},}}")  # no mark is a letter, a digit or a space
_MARKS_IN_TWO = "\u0f73\u0f75\u0f81"  # of Tibetan: by name no marks, but they come apart into two


def _heaps(text: str) -> Iterator[tuple[int, int]]:
    """Where more than thirty marks follow one another."""
    if _DENSE.search(text):
        yield from (heap.span() for heap in _heap().finditer(text))


@cache
def _heap() -> re.Pattern[str]:
    """Found out where the first is to be looked for: most processes never see one."""
    marks = "".join(filter(unicodedata.combining, map(chr, range(sys.maxunicode + 1))))
    return re.compile(f"[{marks}{_MARKS_IN_TWO}]{{{_MOST_MARKS + 1},}}")


def block_key(text: str) -> str:
    """What a block is known by on its host: 16 hexadecimal digits, the same whatever its case, spaces
    and punctuation."""
    return sha256(" ".join(re.findall(r"\w+", text.lower())).encode("utf-8", "replace"))[:16]


def canonical_json(value: object) -> bytes:
    """The one byte form of a JSON value: sorted keys, no spaces, UTF-8. A lone surrogate, which UTF-8 has no
    place for, stands in it as if it had one; ``json.loads`` reads it back."""
    return _CANONICAL.encode(value).encode("utf-8", "surrogatepass")


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
