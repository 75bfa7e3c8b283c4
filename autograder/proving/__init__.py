"""Proving an authored problem before its release: fair to right answers, closed to wrong ones, up to date."""
