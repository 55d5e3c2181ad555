"""The demo: a loopback newsroom, the real daemon watching it, and a judge between the two."""
