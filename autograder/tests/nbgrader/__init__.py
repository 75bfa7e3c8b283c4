"""Tests of the nbgrader integration: `make test-nbgrader`."""
