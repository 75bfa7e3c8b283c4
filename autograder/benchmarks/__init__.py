"""Benchmarks: what `make bench` prints. They report; nothing is asserted about time."""
