"""Claims every kind of exception in turn, with words in which markup, escapes and null characters hide.

task: log_softmax
"""


class ValueError(Exception):  # not the built-in one
    pass


kinds = [ValueError, type("MissingName", (Exception,), {}), type("WorkerStopped", (Exception,), {})]
kinds += [type("InfrastructureError", (Exception,), {}), type("AssertionError\x00\x1b[2J<script>", (Exception,), {})]
calls = 0


def log_softmax(x, axis=-1):
    global calls
    calls += 1
    raise kinds[calls % len(kinds)]("<script>alert(1)</script>\x1b]0;owned\x07[bold]full marks[/bold] \ud800 \x00 {x} {{x}}")


logsumexp = log_softmax
