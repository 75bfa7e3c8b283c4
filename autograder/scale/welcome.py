"""What a Dask worker does when a run comes to it. Sent by value: a worker without the kit can say that it has none."""

from distributed import Status, Worker, WorkerPlugin


class Welcome(WorkerPlugin):
    """A worker that would give the verdicts of this kit takes submissions, one at a time; another says why not.

    It gets one unit of a Dask resource, which every submission needs: so a worker of many threads takes one, and a
    worker that comes late, or is not for grading, none before it has been asked. Answers are events of `topic`.
    """

    def __init__(self, name: str, topic: str, problems: list[str], kit: dict[str, str], confined: bool) -> None:
        self.name = name
        self._topic = topic
        self._problems = problems
        self._kit = kit
        self._confined = confined

    async def setup(self, worker: Worker) -> None:
        """Ask the worker. Called for those that are there, and for each that comes."""
        refusal = self._refusal()
        units = 0 if refusal else 1
        if worker.state.total_resources.get(self.name, 0) != units:
            await worker.set_resources(**{self.name: units})
            if worker.status == Status.running:
                # The scheduler looks at tasks that nobody could take when a worker comes or wakes up, not now.
                worker.status = Status.paused
                worker.status = Status.running
        worker.log_event(self._topic, {"worker": worker.address, "refusal": refusal})

    def _refusal(self) -> str:
        try:
            from autograder.sandbox.spawn import Sandbox
            from autograder.scale.kit import difference, kit

            found = difference(kit(self._problems), self._kit)
            if not found:
                Sandbox(self._confined).close()
        except ImportError as error:
            return f"it does not have this kit ({error})"
        except Exception as error:
            return str(error)
        return found
