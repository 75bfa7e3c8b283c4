"""Never finishes loading.

task: log_softmax
outcome: timeout
"""

while True:
    pass
