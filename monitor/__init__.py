"""What we do with what we remember: fetch, read, compare, decide, tell."""
