"""Training bugs: edits that break a function, and what repairs it."""
