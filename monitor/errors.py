"""What can go wrong here, by what the caller does next.

    WritethruError              one plain sentence that says what to do
    ├── ConfigError             problems: every mistake at once, each with its path
    ├── UsageError              the command's words do not fit
    ├── FetchError              no usable answer: problem, transient, retry_after
    ├── BrowserBusy             another page is open in the browser: nothing was looked at yet
    ├── ReadError               the bytes could not be read within the limits
    ├── ChannelError            the message did not go out: permanent or worth another try
    ├── WitnessError            the archive did not save the page: permanent, or when to ask again
    └── StampError              the authority gave no stamp

Storage has a tree of its own in ``storage.errors``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from storage.records import FetchProblem


class WritethruError(Exception):
    pass


class ConfigError(WritethruError):
    """:param problems: one sentence each, beginning with the path of the setting. Each is kept on one line
    and free of control characters, whatever of the file it repeats."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple("".join(c if c.isprintable() else " " for c in said) for said in problems)
        super().__init__("\n".join(self.problems))


class UsageError(WritethruError):
    pass


class FetchError(WritethruError):
    """No usable answer. ``transient``: worth another try; ``retry_after``: not before that."""

    def __init__(
        self,
        problem: FetchProblem,
        sentence: str,
        *,
        transient: bool = True,
        retry_after: timedelta | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(sentence)
        self.problem = problem
        self.transient = transient
        self.retry_after = retry_after
        self.status = status


class BrowserBusy(WritethruError):
    pass


class ReadError(WritethruError):
    pass


class ChannelError(WritethruError):
    """``permanent``: the receiver will never take this message."""

    def __init__(self, sentence: str, *, permanent: bool = False) -> None:
        super().__init__(sentence)
        self.permanent = permanent


class WitnessError(WritethruError):
    """``permanent``: the archive will never save this page; else ``wait`` is how long to leave that page
    alone, and ``quiet`` how long the archive wants to hear nothing at all, where it says so."""

    def __init__(
        self,
        sentence: str,
        *,
        permanent: bool = False,
        quiet: timedelta | None = None,
        wait: timedelta | None = None,
    ) -> None:
        super().__init__(sentence)
        self.permanent = permanent
        self.quiet = quiet
        self.wait = wait


class StampError(WritethruError):
    pass
