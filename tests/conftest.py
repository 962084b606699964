"""Tests say whether something is right, never how fast it is on a busy machine."""

from hypothesis import settings

settings.register_profile("kumuhgis", deadline=None)
settings.load_profile("kumuhgis")
