"""nbgrader, with this kit's engine in it: release, collect, autograde, feedback by its own commands."""
