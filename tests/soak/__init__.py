"""The long runs: the real daemon against a newsroom of a thousand hosts, some of them hostile, on loopback.

By hand: ``python -m tests.soak soak --hours 1`` and ``python -m tests.soak isolation``. Linux only, where the
whole of 127.0.0.0/8 is this machine and every address can be a host of its own.
"""
