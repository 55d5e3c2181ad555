"""Bytes by digest: stored once, compressed, verified at every read.

Knows nothing of what the bytes mean. The codec stands beside every body, so that a better
one can be brought in without touching what is stored.
"""

from __future__ import annotations

import zlib

from sqlalchemy import Connection, select
from sqlalchemy.exc import NoResultFound

from storage.errors import DamagedBody
from storage.records import sha256
from storage.schema import bodies

_CODEC = "zlib"


def put(connection: Connection, data: bytes) -> str:
    """Keep ``data`` and return its SHA-256; bytes that are there already are not stored twice."""
    digest = sha256(data)
    if connection.scalar(select(bodies.c.digest).where(bodies.c.digest == digest)) is None:
        row = {"digest": digest, "size": len(data), "codec": _CODEC, "data": zlib.compress(data, 6)}
        connection.execute(bodies.insert().values(**row))
    return digest


def get(connection: Connection, digest: str) -> bytes:
    """The bytes with that SHA-256.

    :raises DamagedBody: they are missing, or are not what was stored.
    """
    try:
        row = connection.execute(select(bodies.c.codec, bodies.c.data).where(bodies.c.digest == digest)).one()
    except NoResultFound:
        raise DamagedBody(digest, "is missing") from None
    try:
        data = zlib.decompress(row.data)
    except zlib.error:
        raise DamagedBody(digest, "cannot be unpacked") from None
    if row.codec != _CODEC or sha256(data) != digest:
        raise DamagedBody(digest, "is not what was stored")
    return data
