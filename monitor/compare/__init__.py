"""compare(): two extractions into a Diff, sentences first, then words.

Pure, and free of models. Comparison is on normalised text; what is shown is the original. Joining
the hunks gives both texts back exactly.
"""

from monitor.compare.diff import compare
from monitor.compare.hunks import word_hunks
from monitor.compare.sentences import sentences
from monitor.compare.words import figure, is_number, normalise, tokens

__all__ = ["compare", "figure", "is_number", "normalise", "sentences", "tokens", "word_hunks"]
