"""The sandbox: the only place where a submission runs, and the proxy through which graders call it.

Inside the confined process: `zygote`, `confine`, `worker`, `imports`, `tracing`. On the grading side: `spawn`,
`student`. Both: `wire`, `axes`. Nothing here knows of grading.
"""
