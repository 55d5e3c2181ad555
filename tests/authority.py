"""A stand-in for a time-stamping authority (RFC 3161): its answers are real stamps, signed with a certificate
of its own, under a root of its own; or whatever else it is told to answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.servers import Answer, Request, Scripted, http

NAME = "The Quay Time Stamps"
_YEARS = timedelta(days=3650)
REFUSAL = bytes.fromhex("30053003020102")


class Authority(Scripted):
    """:param root: the name of its root; two of different names trust each other in nothing."""

    def __init__(self, clock: Callable[[], datetime], root: str = "The Quay Root") -> None:
        self._clock, self._root = clock, root
        self.odd: Answer | None = None
        """What everything is answered with, if anything."""
        self.signs_for: bytes | None = None
        """The text it stamps whatever it is asked for, if any."""
        self.nonce: int | None = None
        """The nonce it gives back instead of the one it was sent, if any."""
        super().__init__()

    @property
    def ca(self) -> bytes:
        """The root certificate, in PEM form."""
        return _certificates(self._root)[0].public_bytes(Encoding.PEM)

    def _answer_to(self, request: Request) -> Answer:
        self.requests.append(request)
        if self.odd is not None:
            return self.odd
        assert request.headers["content-type"] == "application/timestamp-query"
        asked = tsp.TimeStampReq.load(request.body)
        imprint = asked["message_imprint"]
        if self.signs_for is not None:
            imprint["hashed_message"] = hashlib.sha256(self.signs_for).digest()
        nonce = asked["nonce"].native if self.nonce is None else self.nonce
        return stamped(stamp(imprint, nonce, self._clock(), self._root))


def stamped(token: bytes) -> bytes:
    return (
        http(200, "", kind="application/timestamp-reply").replace(
            b"Content-Length: 0", f"Content-Length: {len(token)}".encode()
        )
        + token
    )


def stamp(imprint: Any, nonce: int | None, now: datetime, root: str = "The Quay Root") -> bytes:
    """A whole answer with a stamp in it."""
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.2.3.4.1",
            "message_imprint": imprint,
            "serial_number": 7,
            "gen_time": now,
            "nonce": nonce,
        }
    )
    token = {"content_type": "signed_data", "content": _signed(info.dump(), now, root)}
    return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())


def _signed(info: bytes, now: datetime, root: str) -> cms.SignedData:
    top, leaf, key = _certificates(root)
    certificate = asn1.Certificate.load(leaf.public_bytes(Encoding.DER))
    sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
    own_id = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(certificate.dump()).digest()})
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "signing_time", "values": [cms.Time({"utc_time": now})]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(info).digest()]}),
            cms.CMSAttribute(
                {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [own_id]})]}
            ),
        ]
    )
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": {
                        "issuer": certificate.issuer,
                        "serial_number": certificate.serial_number,
                    }
                }
            ),
            "digest_algorithm": sha256,
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
        }
    )
    return cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [sha256],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(info),
            },
            "certificates": [certificate, asn1.Certificate.load(top.public_bytes(Encoding.DER))],
            "signer_infos": [signer],
        }
    )


@cache
def _certificates(root: str) -> tuple[x509.Certificate, x509.Certificate, ec.EllipticCurvePrivateKey]:
    """The root's certificate, the authority's, and the authority's key."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    top = (
        _certificate(root, root, root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        _certificate(NAME, root, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    return top, leaf, key


def _certificate(name: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    named, by = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (name, issuer))
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(by)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + _YEARS)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
