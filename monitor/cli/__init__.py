"""The command line: what may be typed, and how it ends.

Results go to stdout, everything else to stderr. Exit codes: 0 done; 1 done, and the answer is no;
2 wrong usage, configuration or storage; 130 interrupted. An error is one plain sentence; a traceback
comes only with ``--debug``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from monitor.cli.common import say
from monitor.cli.grammar import parse
from monitor.errors import ConfigError, WritethruError
from storage.errors import StorageError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = parse(argv)
    try:
        code: int = arguments.command(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has seen enough
        return 0
    except ConfigError as error:
        return _say(arguments.debug, *error.problems)
    except (WritethruError, StorageError) as error:
        return _say(arguments.debug, str(error))


def _say(debug: bool, *sentences: str) -> int:
    if debug:
        raise  # what the calling handler has caught
    for sentence in sentences:
        say(f"writethru: {sentence}", error=True)
    return 2
