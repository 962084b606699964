"""Benchmarks: each prints a ratio to a named peer measured in the same run, and fails only on wrong numbers."""
