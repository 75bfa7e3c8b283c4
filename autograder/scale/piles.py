"""Which submission a grading process takes next: one that it is prepared for, as long as there is one."""

from collections import deque
from collections.abc import Hashable, Iterable

from autograder.grading.variants import variant_of
from autograder.scale.process import Order

_Pile = tuple[str, int]


class Piles:
    """Orders by problem and hidden inputs, each pile in the order given.

    For each pile a grading process draws the inputs, proves the reference and runs known mistakes. So a taker keeps
    to its pile, then takes one that is nobody's (of a problem that it has at hand, or at least of one that the others
    have not), and helps with the largest at the end.
    """

    def __init__(self, orders: Iterable[Order]) -> None:
        self._piles: dict[_Pile, deque[Order]] = {}
        self._of: dict[Hashable, _Pile] = {}
        for order in orders:
            submission = order.submission
            self._piles.setdefault((submission.assignment, variant_of(submission.student)), deque()).append(order)

    def __len__(self) -> int:
        return sum(map(len, self._piles.values()))

    def take(self, taker: Hashable) -> Order | None:
        """The next order for this taker; None when none is left."""
        if not self._piles:
            return None
        pile = self._of.get(taker)
        if pile not in self._piles:
            pile = self._of[taker] = self._choose(taker)
        order = self._piles[pile].popleft()
        if not self._piles[pile]:
            del self._piles[pile]
        return order

    def _choose(self, taker: Hashable) -> _Pile:
        others = {pile for other, pile in self._of.items() if other is not taker}
        free = [pile for pile in self._piles if pile not in others]
        if not free:
            return max(self._piles, key=lambda pile: len(self._piles[pile]))
        mine = self._of[taker][0] if taker in self._of else None
        theirs = {problem for problem, _ in others}
        return min(free, key=lambda pile: (pile[0] != mine, pile[0] in theirs))
