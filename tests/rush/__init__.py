"""The daemon in fast motion: a newsroom and the real daemon share a clock that runs many times as fast, so that a
day of publishing and watching takes minutes; afterwards what the servers logged, what was shown and
what the archive holds are held against each other.

By hand: ``python -m tests.rush``. The waits of the network and of the processor are real ones: on a busy machine the
motion must be slower.
"""
