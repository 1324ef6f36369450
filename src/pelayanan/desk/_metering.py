"""Counts what calls cost while a flow runs, and stops before it costs more than it may."""

from decimal import Decimal
from typing import TypeVar

from pelayanan.errors import PelayananError
from pelayanan.protocol.flow import Effect, Flow, Steps
from pelayanan.protocol.request import Request, Response

__all__ = ["Meter", "TooDearError"]

T = TypeVar("T")


class TooDearError(PelayananError):
    """The next call would cost more than is left; it was not sent."""


class Meter:
    """A purse of US dollars for some flows, by the platform's own estimates.

    A call whose price is known is only sent if that is left. One that is paid by what it tells is
    sent while anything is left, so that the last one may cost more.
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
                self._may(effect)
                try:
                    answer = yield effect
                except Exception as error:  # noqa: BLE001  raised again inside the flow
                    effect = steps.throw(error)
                else:
                    self._pay(effect, answer)
                    effect = steps.send(answer)
        except StopIteration as done:
            result: T = done.value
            return result
        finally:
            steps.close()

    def _may(self, effect: Effect) -> None:
        if not isinstance(effect, Request) or not (effect.cost or effect.charge):
            return
        left = self._most - self.spent
        if left <= 0 or (effect.cost or 0) > left:
            raise TooDearError(f"cost_usd = {self._most} is used up: raise it to ask for more")

    def _pay(self, effect: Effect, answer: object) -> None:
        if isinstance(effect, Request):
            self.spent += effect.cost or Decimal(0)
            if effect.charge and isinstance(answer, Response):
                self.spent += effect.charge(answer)
