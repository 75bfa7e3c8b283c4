"""Known mistakes: each is rejected by the graders, and named in the feedback of whoever makes it."""

from autograder.grading import mistake


@mistake("double", hint="Multiply by 2; adding 2 moves every entry by the same amount.")
def adds_two(x):  # type: ignore[no-untyped-def]
    """adds 2 instead of multiplying by it"""
    return x + 2


@mistake("double", hint="`x ** 2` is the square; the double is `2 * x`.")
def squares(x):  # type: ignore[no-untyped-def]
    """squares the entries"""
    return x**2
