"""Hostile submissions, each attacking a task that it cannot solve, and what grading them must come to."""
