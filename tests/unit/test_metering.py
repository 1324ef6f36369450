"""A run costs what it may, and no call is sent that would cost more."""

from decimal import Decimal

import pytest

from pelayanan import Client
from pelayanan.desk._metering import Meter, TooDearError
from pelayanan.errors import ServerError
from pelayanan.protocol.flow import Steps, flow, send, sleep
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Transport


class Counting(Transport):
    """Answers each call, and counts them."""

    def __init__(self, *statuses: int) -> None:
        self.calls = 0
        self._statuses = list(statuses)

    def http(self, request: Request) -> Response:
        self.calls += 1
        return Response(self._statuses.pop(0) if self._statuses else 200, {}, request.url.encode())


class Shop:
    """A platform on which everything has its price."""

    @flow
    def priced(self, *prices: str) -> Steps[int]:
        yield from sleep(0.0)
        for price in prices:
            yield from send(Request(operation="toko.baca", url=price, cost=Decimal(price)))
        return len(prices)

    @flow
    def told(self, *prices: str) -> Steps[int]:
        for price in prices:
            charge = Request(operation="toko.baca", url=price, charge=_by_its_body)
            yield from send(charge)
        return len(prices)

    @flow
    def stubborn(self) -> Steps[str]:
        try:
            yield from send(Request(operation="toko.baca", url="0", cost=Decimal(0)))
        except ServerError:
            return "selesai"
        return "?"


def _by_its_body(response: Response) -> Decimal:
    return Decimal(response.body.decode())


def test_a_flow_that_keeps_within_its_limit_runs_as_always() -> None:
    meter, transport = Meter(Decimal("0.5")), Counting()
    with Client(transport=transport, sleep=lambda _: None) as client:
        assert client.run(meter.watched(Shop().priced("0.2", "0.3"))) == 2
    assert meter.spent == Decimal("0.5")


def test_a_call_that_would_cost_more_than_is_left_is_not_sent() -> None:
    meter, transport = Meter(Decimal("0.4")), Counting()
    with Client(transport=transport, sleep=lambda _: None) as client:
        with pytest.raises(TooDearError, match=r"cost_usd = 0.4 is used up"):
            client.run(meter.watched(Shop().priced("0.2", "0.3")))
        with pytest.raises(TooDearError):
            client.run(meter.watched(Shop().priced("0.3")))
    assert (transport.calls, meter.spent) == (1, Decimal("0.2"))


def test_what_is_paid_by_its_answer_is_asked_for_while_anything_is_left() -> None:
    meter, transport = Meter(Decimal("0.1")), Counting()
    with (
        Client(transport=transport, sleep=lambda _: None) as client,
        pytest.raises(TooDearError),
    ):
        client.run(meter.watched(Shop().told("0.05", "0.5", "0.05")))
    assert (transport.calls, meter.spent) == (2, Decimal("0.55"))


def test_nothing_that_costs_money_is_asked_for_unless_somebody_says_how_much() -> None:
    transport = Counting()
    with Client(transport=transport, sleep=lambda _: None) as client:
        for dear in (Shop().told("0.01"), Shop().priced("0.01")):
            with pytest.raises(TooDearError):
                client.run(Meter(Decimal(0)).watched(dear))
        assert client.run(Meter(Decimal(0)).watched(Shop().priced("0"))) == 1
    assert transport.calls == 1


def test_what_goes_wrong_is_told_to_the_flow_itself() -> None:
    with Client(transport=Counting(500, 500, 500, 500, 500), sleep=lambda _: None) as client:
        assert client.run(Meter(Decimal(0)).watched(Shop().stubborn())) == "selesai"
