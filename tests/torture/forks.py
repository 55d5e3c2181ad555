"""A process with the code loaded that forks a child for every word it is sent: a fast way to die often.

A fresh Python needs a second to load what a child needs before it may die; a fork has it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.newsdesk import ROOT


class Forks:
    """A runner of ``module``, whose ``__main__`` calls ``serve``; use it as a context manager."""

    def __init__(self, module: str, *words: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self, *words: str) -> int:
        """Let a child do what these words say; its exit code, negative for a signal."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\t".join(words) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def serve(become: Callable[..., None]) -> None:
    """Fork a child for every line of stdin, one after the other, and print how each one ended."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                become(*line.rstrip("\n").split("\t"))
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
