"""compare(): two extractions into a Diff, sentences first, then words.

Pure, and free of models. Comparison is on normalised text; what is shown is the original. Joining
the hunks gives both texts back exactly.
"""

from monitor.compare.diff import compare
from monitor.compare.words import is_number, normalise, tokens

__all__ = ["compare", "is_number", "normalise", "tokens"]
