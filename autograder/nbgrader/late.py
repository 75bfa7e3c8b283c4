"""Late submissions: a share of the score for each day begun, after some minutes' grace."""

import math

from nbgrader.plugins import BasePlugin
from traitlets import Float


class LatePenalty(BasePlugin):  # type: ignore[misc]
    """The rule, set in nbgrader_config.py (`c.LatePenalty`), for assignments that have a due date."""

    per_day = Float(0.1, help="Share of the score lost for each day begun.").tag(config=True)
    at_most = Float(0.5, help="Largest share of the score that lateness can cost.").tag(config=True)
    grace_minutes = Float(15.0, help="Minutes after the due date that cost nothing.").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Points to take off `score`; None when the submission is not late."""
        late = total_seconds_late - 60 * self.grace_minutes
        if late <= 0:
            return None
        share = min(self.per_day * math.ceil(late / 86400), self.at_most)
        return round(max(score, 0.0) * share, 2)
