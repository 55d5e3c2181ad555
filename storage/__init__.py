"""What we remember. Imports nothing of ours but itself."""
