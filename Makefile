# Everything runs in .venv, which the first target that needs it makes.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help install demo test lint test-nbgrader bench bench-full mutants soak pictures

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

install: .venv/installed  ## make .venv; the command is then .venv/bin/autograder

demo: install  ## build the assignments and grade a sample class
	$(BIN)/autograder demo

test: install lint  ## the whole test suite, and a proof of every problem
	$(BIN)/pytest -n 2 --dist loadfile --ignore autograder/tests/nbgrader
	$(BIN)/autograder check

test-nbgrader: install  ## nbgrader from release to feedback: commands, Unix users, PostgreSQL, a browser
	$(BIN)/pytest -n 2 --dist loadfile autograder/tests/nbgrader

lint: install  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy autograder

mutants: install  ## grade every mutant of every reference
	$(BIN)/autograder check --mutants

soak: install  ## right answers on 200 sets of hidden inputs
	$(BIN)/autograder check --soak 200

bench: install  ## time and memory of grading, in two minutes
	MPLBACKEND=Agg $(BIN)/python -m autograder.benchmarks

bench-full: install  ## all problems, a whole class, 10,000 submissions, other graders; takes hours
	MPLBACKEND=Agg $(BIN)/python -m autograder.benchmarks --full

pictures: install  ## the README's picture of a feedback page, from the demo's results (needs chromium)
	$(BIN)/python -m autograder.tests.pictures demo autograder/pictures
