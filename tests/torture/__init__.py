"""The long forms: what `make test` promises in short, many more times, with their figures printed."""
