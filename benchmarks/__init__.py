"""How well Writethru reads, measured on real pages against the libraries one would otherwise use.

Each module is a command (`python -m benchmarks.reading --data FOLDER`). Texts of the pages stay where
they are: only figures and names of pages are printed.
"""
