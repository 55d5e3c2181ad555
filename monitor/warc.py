"""What was received as a WARC 1.1 file (ISO 28500:2017), for the tools of web archives.

Every answer that is kept becomes a response with its request and its redirects; a later check that was
answered with the very same bytes becomes a revisit of it. What a browser made of a page was sent by nobody,
and becomes a resource. Bodies are kept decoded, so the headers that spoke of their coding stand under
``X-Archive-Orig-`` names, as replay tools expect. Refuses to know where answers come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from storage.records import Check, CheckEntry, CheckResult, Response

_CODING = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_SENT_AS_IT_IS = (
    "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~"  # of what is neither a letter nor a digit: all that prints in ASCII
)
_SEEN_AGAIN = frozenset({CheckResult.SAME, CheckResult.WITHHELD})


@dataclass(frozen=True, kw_only=True)
class Written:
    """How many records of each kind a file holds."""

    responses: int = 0
    revisits: int = 0


class WarcFile:
    """A WARC file that is being written.

    :param out: where to; every record is a gzip member of its own.
    :param software: who writes it.
    """

    def __init__(self, out: BinaryIO, name: str, software: str) -> None:
        self._writer = WARCWriter(out, gzip=True, warc_version="1.1")
        said = {"software": software, "format": "WARC File Format 1.1", "conformsTo": _STANDARD}
        self._writer.write_record(self._writer.create_warcinfo_record(name, said))

    def add(self, answers: Iterable[Response], checks: Sequence[CheckEntry]) -> Written:
        """Write what was received of one article, and the checks that were answered with the same again."""
        responses = revisits = 0
        first: dict[str, Response] = {}
        for response in answers:
            self._answer(response)
            first.setdefault(response.digest, response)
            responses += 1
        for entry in checks:
            origin = first.get(entry.check.digest or "")
            if origin is None or entry.check.result not in _SEEN_AGAIN:
                continue
            for moment in dict.fromkeys((entry.check.at, entry.until or entry.check.at)):
                self._revisit(origin, entry.check, moment)
                revisits += 1
        return Written(responses=responses, revisits=revisits)

    def _answer(self, response: Response) -> None:
        if response.browser is not None:
            self._rendered(response)
            return
        if not _is_web(response.url):
            self._resource(response.url, "text/plain", response.body, response)
            return
        asked = response.url
        for hop in response.redirects:
            location = [("Location", hop.url), ("Content-Length", "0")]
            self._exchange(asked, hop.status, location, b"", response)
            asked = hop.url
        self._exchange(asked, response.status, _replayable(response), response.body, response)

    def _exchange(
        self, url: str, status: int, headers: Sequence[tuple[str, str]], body: bytes, response: Response
    ) -> None:
        """One response record and the request that it answers."""
        dated = {"WARC-Date": _date(response.fetched_at)}
        answer = self._writer.create_warc_record(
            url,
            "response",
            payload=BytesIO(body),
            length=len(body),
            warc_headers_dict=dated,
            http_headers=StatusAndHeaders(_status_line(status), list(headers), "HTTP/1.1"),
        )
        parts = urlsplit(url)
        target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_SENT_AS_IT_IS)
        request = self._writer.create_warc_record(
            url,
            "request",
            warc_headers_dict=dated,
            http_headers=StatusAndHeaders(
                f"GET {target} HTTP/1.1", [("Host", parts.netloc), *response.asked], is_http_request=True
            ),
        )
        self._writer.write_request_response_pair(request, answer)

    def _rendered(self, response: Response) -> None:
        """What a browser made of a page, with its picture: nobody sent these bytes."""
        self._resource(response.final_url, "text/html; charset=utf-8", response.body, response)
        if response.screenshot is not None:
            name = f"urn:screenshot:{response.final_url}"
            self._resource(name, "image/jpeg", response.screenshot, response)

    def _resource(self, url: str, kind: str, data: bytes, response: Response) -> None:
        """What did not come over HTTP as it is, such as a file of a watched folder."""
        record = self._writer.create_warc_record(
            url,
            "resource",
            payload=BytesIO(data),
            length=len(data),
            warc_content_type=kind,
            warc_headers_dict={"WARC-Date": _date(response.fetched_at)},
        )
        self._writer.write_record(record)

    def _revisit(self, origin: Response, check: Check, moment: datetime) -> None:
        digest = self._payload_digest(origin.body)
        status = _status_line(check.status or origin.status)
        record = self._writer.create_revisit_record(
            origin.final_url,
            digest=digest,
            refers_to_uri=origin.final_url,
            refers_to_date=_date(origin.fetched_at),
            http_headers=StatusAndHeaders(status, [], "HTTP/1.1") if _was_sent(origin) else None,
            warc_headers_dict={"WARC-Date": _date(moment)},
        )
        self._writer.write_record(record)

    def _payload_digest(self, body: bytes) -> str:
        """As the writer itself digests a payload."""
        record = self._writer.create_warc_record("urn:x", "resource", payload=BytesIO(body), length=len(body))
        digest: str = record.rec_headers.get_header("WARC-Payload-Digest")
        return digest


_STANDARD = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


def _was_sent(response: Response) -> bool:
    return _is_web(response.url) and response.browser is None


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://"))


def _replayable(response: Response) -> list[tuple[str, str]]:
    """The headers as received, but for those that spoke of a coding that the kept body no longer has."""
    kept = [
        (f"X-Archive-Orig-{name}" if name.lower() in _CODING else name, value)
        for name, value in response.headers
    ]
    return [*kept, ("Content-Length", str(len(response.body)))]


def _status_line(status: int) -> str:
    known: dict[int, Any] = {code.value: code.phrase for code in HTTPStatus}
    return f"{status} {known.get(status, 'Unknown')}"


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
