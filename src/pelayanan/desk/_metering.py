"""Counts what calls cost while a flow runs, and stops before it costs more than it may."""

from decimal import Decimal
from typing import TypeVar

from pelayanan.errors import PelayananError
from pelayanan.protocol.flow import Effect, Flow, Steps
from pelayanan.protocol.request import Request

__all__ = ["Meter", "TooDearError"]

T = TypeVar("T")


class TooDearError(PelayananError):
    """The next call would cost more than is left; it was not sent."""


class Meter:
    """A purse of US dollars for some flows.

    Each call is paid when it is described, whether or not it has to be sent again: what comes of
    it is the platform's own estimate.
    """

    def __init__(self, most: Decimal) -> None:
        self._most = most
        self.spent = Decimal(0)

    def watched(self, flow: Flow[T]) -> Flow[T]:
        """The same flow; raises `TooDearError` where the purse is empty."""
        return Flow(repr(flow), self._steps(flow))

    def _steps(self, flow: Flow[T]) -> Steps[T]:
        steps = iter(flow)
        try:
            effect = next(steps)
            while True:
                self._pay(effect)
                try:
                    answer = yield effect
                except Exception as error:  # noqa: BLE001  raised again inside the flow
                    effect = steps.throw(error)
                else:
                    effect = steps.send(answer)
        except StopIteration as done:
            result: T = done.value
            return result
        finally:
            steps.close()

    def _pay(self, effect: Effect) -> None:
        cost = effect.cost if isinstance(effect, Request) else None
        if not cost:
            return
        if self.spent + cost > self._most:
            told = f"limit of {self._most} USD: one more call costs about {cost}; raise cost_usd"
            raise TooDearError(told)
        self.spent += cost
