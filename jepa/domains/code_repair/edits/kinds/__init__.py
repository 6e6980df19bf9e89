"""The kinds of edits: each reads an outline and yields spans of tokens."""
