"""Measurements of dowse; `python -m benchmarks` runs all of them and writes their results."""
