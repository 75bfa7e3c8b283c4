"""Never returns.

task: log_softmax
outcome: timeout
everywhere: yes
"""


def log_softmax(x, axis=-1):
    while True:
        pass
