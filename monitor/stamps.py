"""The head of the chain, stamped by an outside authority (RFC 3161), and what such a stamp is worth.

What is stamped is the chain as it is printed: 64 hexadecimal digits, hashed with SHA-256. So anybody can
check a stamp without this program:
``printf %s HEAD | openssl ts -verify -data /dev/stdin -in STAMP.tsr -CAfile CA.pem``.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.config import StampSettings
from monitor.errors import FetchError, StampError
from monitor.fetch import Fetcher
from storage.records import Stamp
from storage.store import Store

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

log = logging.getLogger("writethru.stamps")

_RETRY_AFTER = timedelta(hours=1)
_SHA256 = "2.16.840.1.101.3.4.2.1"
_GRANTED = 0


@dataclass(frozen=True, kw_only=True)
class StampCheck:
    """What a stamp says and whether it can be believed. ``time`` is the authority's, ``authority`` its name
    as it stands in the certificate; both None where nothing can be read. ``trouble`` is why it is not
    fine, in words; None: it is, and where there were certificates to check it against (``trusted``), they
    bear it out."""

    time: datetime | None = None
    authority: str | None = None
    trusted: bool = False
    trouble: str | None = None


def stamp_head(
    store: Store, settings: StampSettings, fetcher: Fetcher, clock: Callable[[], datetime]
) -> bool:
    """Have the head of the chain stamped, where that is wanted and due; whether it was. A failure is logged
    once for each thing that it says, and tried again an hour later."""
    now, head = clock(), store.stamps.head()
    if settings.url is None or head is None or not _is_due(store, settings, head[1], now):
        return False
    seq, chain = head
    failure = store.stamps.failure()
    try:
        token = ask_for_stamp(chain, settings, fetcher)
    except (StampError, FetchError) as error:
        if failure is None or failure.error != str(error):
            log.warning("the chain is not stamped: %s", error)
        store.stamps.keep(Stamp(head=chain, seq=seq, made_at=now, error=str(error)))
        return False
    store.stamps.keep(Stamp(head=chain, seq=seq, made_at=now, token=token))
    said = check_stamp(token, chain, None)
    log.info("the chain is stamped at entry %d by %s", seq, said.authority or settings.url)
    return True


def ask_for_stamp(head: str, settings: StampSettings, fetcher: Fetcher) -> bytes:
    """The authority's whole answer, which is a stamp on ``head``, on nothing else, and made now.

    :raises StampError: it gave none, or one that is not fine.
    :raises FetchError: there was no usable answer.
    """
    # slow to load, and seldom wanted
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, decode_timestamp_response

    builder = TimestampRequestBuilder().data(head.encode()).hash_algorithm(HashAlgorithm.SHA256)
    question = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    answer = fetcher.post(settings.url or "", question.as_bytes(), headers)
    if answer.status != 200:
        raise StampError(f"The authority answered {answer.status}.")
    found = check_stamp(answer.body, head, certificates(settings.ca))
    if found.trouble is not None:
        raise StampError(f"The authority's stamp is not fine: {found.trouble}.")
    if decode_timestamp_response(answer.body).tst_info.nonce != question.nonce:
        raise StampError("The authority's stamp answers another question.")
    return answer.body


def certificates(ca: str | None) -> bytes | None:
    """The certificates in that file, in PEM form.

    :raises StampError: it cannot be read.
    """
    try:
        return None if ca is None else Path(ca).read_bytes()
    except OSError as error:
        raise StampError(f"The certificates in {ca} cannot be read: {error.strerror}.") from None


def check_stamp(token: bytes, head: str, ca: bytes | None) -> StampCheck:
    """What that stamp says, and whether it is one on ``head``. Pure.

    :param token: the authority's answer, as it came.
    :param head: the chain in 64 hexadecimal digits.
    :param ca: certificates in PEM form that the authority's must lead to; None: there are none, and all that
        is checked is that the stamp is on ``head``, which whoever can make a file can make.
    """
    from rfc3161_client import decode_timestamp_response

    try:
        stamp = decode_timestamp_response(token)
        if stamp.status != _GRANTED:
            return StampCheck(trouble=f"it is a refusal: {_refusal(stamp)}")
        trouble = _trouble(stamp, head) or (_distrust(stamp, head, ca) if ca is not None else None)
        return StampCheck(
            time=stamp.tst_info.gen_time,
            authority=_authority(stamp),
            trusted=ca is not None and trouble is None,
            trouble=trouble,
        )
    except _unreadable():
        return StampCheck(trouble="it is no time stamp")


def _refusal(stamp: TimeStampResponse) -> str:
    return _printable("; ".join(stamp.status_string)) or f"status {stamp.status}"


def _trouble(stamp: TimeStampResponse, head: str) -> str | None:
    imprint = stamp.tst_info.message_imprint
    if imprint.hash_algorithm.dotted_string != _SHA256:
        return "it is made with another digest than SHA-256"
    if imprint.message != hashlib.sha256(head.encode()).digest():
        return "it is on something else than this chain"
    return None


def _distrust(stamp: TimeStampResponse, head: str, ca: bytes) -> str | None:
    """Why these certificates do not bear it out."""
    from rfc3161_client import VerifierBuilder

    try:
        VerifierBuilder(roots=_roots(ca)).build().verify_message(stamp, head.encode())
    except _unreadable() as error:
        return f"the certificates do not bear it out: {str(error).rstrip('.')}"
    return None


def _unreadable() -> tuple[type[Exception], ...]:
    """What the libraries raise at bytes that are damaged or not signed as they should be; these have no
    common root."""
    from cryptography import exceptions, x509
    from rfc3161_client import VerificationError

    return (
        VerificationError,
        ValueError,
        KeyError,
        TypeError,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
        exceptions.UnsupportedAlgorithm,
        exceptions.InternalError,
    )


def _roots(ca: bytes) -> list[Certificate]:
    from cryptography.x509 import load_pem_x509_certificates

    return load_pem_x509_certificates(ca)


def _authority(stamp: TimeStampResponse) -> str | None:
    """Whom the signer's certificate names: its common name, else all of its name; None: it holds none."""
    from cryptography.x509 import load_der_x509_certificate
    from cryptography.x509.oid import NameOID

    signers = {(signer.issuer, signer.serial_number) for signer in stamp.signed_data.signer_infos}
    held = map(load_der_x509_certificate, stamp.signed_data.certificates)
    named = [each.subject for each in held if (each.issuer, each.serial_number) in signers]
    if len(named) != 1:
        return None  # which of them has signed is not for the stamp to say
    common = named[0].get_attributes_for_oid(NameOID.COMMON_NAME)
    return _printable(str(common[0].value) if common else named[0].rfc4514_string())


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:200]


def _is_due(store: Store, settings: StampSettings, chain: str, now: datetime) -> bool:
    """The head has moved, and the last stamp is old enough; after a failure, an hour has passed. A time that
    lies ahead was left there by a clock that was put back since."""
    latest, failure = store.stamps.latest(), store.stamps.failure()
    if latest is not None and (latest.head == chain or timedelta(0) <= now - latest.made_at < settings.every):
        return False
    wait = min(_RETRY_AFTER, settings.every)
    return failure is None or not timedelta(0) <= now - failure.made_at < wait
