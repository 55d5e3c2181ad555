"""Evidence: one revision as a file that someone else can verify, without this program and without a network.

``bundle`` makes the file out of records; ``verify.py`` is the script that goes into it and needs nothing
but Python.
"""

from monitor.evidence.bundle import Evidence, bundle

__all__ = ["Evidence", "bundle"]
