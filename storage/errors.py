"""What can go wrong with storage, by what the caller does next.

    StorageError            say the sentence; the command cannot go on
    ├── StorageBusy         another process holds the database: try again later
    │   └── StorageAway     its server is away, or takes nothing now: try again later
    ├── StorageUnwritable   the disk is full, read-only or failing: nothing was written; try again later
    ├── InUse               another daemon works on this database: leave it to that one
    ├── DamagedFile         the file is no database any more: restore it
    ├── Conflict            the article moved on since the decision: decide again
    └── DamagedBody         stored bytes are missing or altered
        └── TakenOut        they were taken out for good, and a chained entry says so

The driver's exceptions stop at storage's edge and come out as one of these.
"""

from __future__ import annotations


class StorageError(Exception):
    """One plain sentence that says what to do."""


class StorageBusy(StorageError):
    pass


class StorageUnwritable(StorageError):
    pass


class StorageAway(StorageBusy):
    pass


class InUse(StorageError):
    def __init__(self, shown: str) -> None:
        super().__init__(f"Another writethru run is using this database ({shown}); stop that one first.")


class DamagedFile(StorageError):
    pass


class Conflict(StorageError):
    pass


class DamagedBody(StorageError):
    def __init__(self, digest: str, trouble: str) -> None:
        super().__init__(f"The stored body {digest[:12]}… {trouble}; restore the database from a backup.")
        self.digest = digest
        self.trouble = trouble


class TakenOut(DamagedBody):
    def __init__(self, digest: str) -> None:
        super().__init__(digest, "was taken out")
        self.args = (
            "That was taken out for good, by a rule of [retention] or on request; its digest "
            f"{digest[:12]}… stays in the log.",
        )
