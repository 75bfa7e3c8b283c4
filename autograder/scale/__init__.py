"""Grading many submissions through one `concurrent.futures.Executor`: local processes or a Dask cluster."""
