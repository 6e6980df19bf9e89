"""Losses: arrays in, a scalar out. Nothing here knows a model or a world."""
