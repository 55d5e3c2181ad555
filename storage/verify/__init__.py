"""Verify: is what the archive holds what was written into it? Everything is read again.

``findings`` are what may be wrong, in words; ``plain`` unpacks bodies in bulk; ``rows`` holds one row
against what its record says; ``articles`` reads a range of articles, ``chain`` a stretch of the ledger,
and ``whole`` shares all of it among processes. Nothing here writes.
"""

from storage.verify.findings import Finding
from storage.verify.whole import Verified, verify

__all__ = ["Finding", "Verified", "verify"]
