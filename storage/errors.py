"""What can go wrong with storage, by what the caller does next.

    StorageError            say the sentence; the command cannot go on
    ├── StorageBusy         another process holds the database: try again later
    ├── DamagedFile         the file is no database any more: restore it
    ├── Conflict            the article moved on since the decision: decide again
    └── DamagedBody         stored bytes are missing or altered

The driver's exceptions stop at storage's edge and come out as one of these.
"""

from __future__ import annotations


class StorageError(Exception):
    """One plain sentence that says what to do."""


class StorageBusy(StorageError):
    pass


class DamagedFile(StorageError):
    pass


class Conflict(StorageError):
    pass


class DamagedBody(StorageError):
    def __init__(self, digest: str, trouble: str) -> None:
        super().__init__(f"The stored body {digest[:12]}… {trouble}; restore the database from a backup.")
        self.digest = digest
        self.trouble = trouble
