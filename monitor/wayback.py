"""The Wayback Machine's Save Page Now 2, as it is documented and as it answers: a page is asked for, which
makes a job, and the job is asked after until it has come to something.

Refusals come with status 200 as often as not. Knows nothing of what is kept, or of when to try again
beyond what the archive itself says.

https://docs.google.com/document/d/1Nsv52MvSjbLb2PCpHlat0gkzw0EvtSgpKHu4mk0MnrA
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from monitor.config import WitnessSettings
from monitor.errors import WitnessError
from monitor.fetch import Fetcher, retry_after, url_trouble
from storage.records import Response

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)

# It is the page, and will not get better.
_FINAL = frozenset(
    "blocked blocked-url filesize-limit ftp-access-denied invalid-host-resolution invalid-url-syntax "
    "method-not-allowed no-access not-found not-implemented too-many-redirects unauthorized".split()
)
# It is we who ask too much, whatever page it is about.
_QUIET = {
    "user-session-limit": _MINUTE,
    "blocked-client-ip": _HOUR,
    "bandwidth-limit-exceeded": _HOUR,
    "max-daily-bandwidth-from-ip": _HOUR,
    "service-unavailable": _MINUTE,
    "no-browsers-available": _MINUTE,
    "celery": _MINUTE,
}
# It is the page's own allowance, of a few captures a day.
_LATER = {"too-many-daily-captures": timedelta(hours=6), "too-many-requests": timedelta(minutes=10)}


@dataclass(frozen=True, kw_only=True)
class Capture:
    """A page that the archive keeps: where, and when it was saved by the archive's clock."""

    link: str
    saved_at: datetime


def ask_to_save(
    url: str, since: timedelta, settings: WitnessSettings, fetcher: Fetcher, now: datetime
) -> str:
    """Ask for ``url`` to be saved; what the archive calls the job.

    :param since: a capture that is younger than this serves as well; the archive then answers with that.
    :raises WitnessError: it was not taken on.
    :raises FetchError: there was no usable answer.
    """
    wish = {
        "url": url,
        "if_not_archived_within": str(max(1, int(since.total_seconds()))),
        "skip_first_archive": "1",
    }
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = fetcher.post(_at(settings, "save"), urlencode(wish).encode(), form | _headers(settings))
    said = _said(answer, now)
    job = said.get("job_id")
    if not isinstance(job, str) or not job.isprintable() or not 0 < len(job) <= 200:
        raise WitnessError(f"The archive took no job on: {_sentence(said)}.")
    return job


def look_at_job(job: str, settings: WitnessSettings, fetcher: Fetcher, now: datetime) -> Capture | None:
    """What has become of a job; None: the archive is still at it.

    :raises WitnessError: nothing has, or the archive knows of no such job.
    :raises FetchError: there was no usable answer.
    """
    answer = fetcher.get(_at(settings, f"save/status/{quote(job, safe='')}"), headers=_headers(settings))
    said = _said(answer, now)
    match said.get("status"):
        case "pending":
            return None
        case "success":
            return _capture(said, settings)
    raise WitnessError(f"The archive did not save the page: {_sentence(said)}.")


def _capture(said: dict[str, Any], settings: WitnessSettings) -> Capture:
    stamp, url = str(said.get("timestamp")), str(said.get("original_url"))
    if not re.fullmatch(r"[0-9]{14}", stamp) or url_trouble(url) is not None:
        raise WitnessError("The archive says that it saved the page, but not where.")
    try:
        saved_at = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise WitnessError("The archive says that it saved the page, but not when.") from None
    return Capture(link=_at(settings, f"web/{stamp}/{url}"), saved_at=saved_at)


def _said(answer: Response, now: datetime) -> dict[str, Any]:
    """What the archive says, where that is no refusal.

    :raises WitnessError: it is.
    """
    if answer.status in (401, 403):
        raise WitnessError(
            f"The archive answered {answer.status}: set [witness] keys to those of an account there.",
            quiet=_HOUR,
        )
    if answer.status in (429, 503):
        wait = retry_after(answer.headers, now) or _MINUTE
        raise WitnessError(f"The archive answered {answer.status}: it is asked too much.", quiet=wait)
    if answer.status >= 500:
        raise WitnessError(f"The archive answered {answer.status}.", quiet=_MINUTE)
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise WitnessError(f"The archive answered {answer.status}, and nothing that can be read.")
    code = str(said.get("status_ext") or "").removeprefix("error:")
    if code or said.get("status") == "error":
        raise WitnessError(
            f"The archive did not save the page: {_sentence(said)}.",
            permanent=code in _FINAL,
            quiet=_QUIET.get(code),
            wait=_LATER.get(code),
        )
    if answer.status >= 400:
        raise WitnessError(f"The archive answered {answer.status}: {_sentence(said)}.")
    return said


def _sentence(said: dict[str, Any]) -> str:
    words = said.get("message") or said.get("status_ext") or "it gives no reason"
    return "".join(c if c.isprintable() else " " for c in str(words))[:300].strip().rstrip(".")


def _headers(settings: WitnessSettings) -> dict[str, str]:
    login = {"Authorization": f"LOW {settings.keys}"} if settings.keys else {}
    return {"Accept": "application/json"} | login


def _at(settings: WitnessSettings, path: str) -> str:
    return f"{settings.url.rstrip('/')}/{path}"
