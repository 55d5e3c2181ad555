"""``python -m demo``: half a minute of the real thing, checked against what really happened."""

from __future__ import annotations

import argparse
import signal
import sys
from types import FrameType

INTERRUPTED = 130


def main() -> int:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        return _play(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED


def _play(arguments: argparse.Namespace) -> int:
    # Loaded here because it takes a while, in which a Ctrl-C is a Ctrl-C too.
    from demo.play import play
    from demo.screen import Lines, Terminal
    from demo.story import load_story

    return play(load_story(), Lines() if arguments.json else Terminal(), keep=arguments.keep)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m demo",
        description="Runs the daemon against a loopback newsroom and checks what it finds.",
    )
    parser.add_argument("--json", action="store_true", help="JSON Lines instead of text")
    parser.add_argument("--keep", action="store_true", help="leave daemon, newsroom and web pages up")
    return parser.parse_args()


def _interrupted(number: int, frame: FrameType | None) -> None:
    """Stop the children and go, as at Ctrl-C."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
