"""The hostile newsroom: every bad answer that a server can give, and the outcome that has to come of it."""
