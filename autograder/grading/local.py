"""Temporary: grade a module in this process, for authors."""

import sys
from pathlib import Path

from autograder.grading.engine import ProblemGrader
from autograder.grading.graders import collect
from autograder.problems import load_problem
from autograder.sandbox.local import LocalChannel
from autograder.submissions import Submission


class LocalWorker(LocalChannel):
    alive = True

    def close(self) -> None:
        pass


def main() -> None:
    problem = load_problem(sys.argv[1])
    graders = collect(problem, seed=int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    grader = ProblemGrader(graders, "local", lambda libraries, limits: LocalWorker())
    text = Path(sys.argv[2]).read_text() if len(sys.argv) > 2 else problem.reference()
    for student in ("a", "b", "c", "d")[: 1 if len(sys.argv) <= 4 else 4]:
        result = grader.grade(Submission(student, problem.name, "", text))
        for task in result.tasks:
            for test in task.tests:
                print(f"{task.name:28} {test.outcome:14} {test.name}  {test.message}")
            print(f"== {task.name} {task.outcome} {task.score}/{task.max_score} {task.mistakes} {task.message}")
        print(result.status, result.score, result.seconds, result.message)


if __name__ == "__main__":
    main()
