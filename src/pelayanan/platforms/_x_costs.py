"""What calls to X cost, and a limit that is kept.

X takes money for each thing it tells or takes, once a day (UTC). What was counted is kept with the
month's sum where it outlives the process, so that several runs keep one limit.

Source: https://docs.x.com/x-api/getting-started/pricing, read on 2026-08-22 (reference:
platforms.md, 1, Access and cost).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import TypeAlias

from pydantic import BaseModel, ValidationError

from pelayanan.errors import ConfigError, QuotaError
from pelayanan.models import Finding, Secret
from pelayanan.protocol.flow import Steps, keep, renewing

__all__ = ["PRICES", "PRICES_OF", "Paid", "Spending", "prices_of"]

Paid: TypeAlias = Mapping[str, Collection[str]]
"""For each kind of price the ids of what was told; what has none is paid for each time."""

PRICES_OF = "2026-08-22"
PRICES: Mapping[str, Decimal] = {  # US dollars for one
    "post_read": Decimal("0.005"),
    "owned_read": Decimal("0.001"),  # own mentions and posts, where the account owns the app
    "user_read": Decimal("0.010"),
    "dm_read": Decimal("0.010"),
    "post_create": Decimal("0.015"),
    "post_create_link": Decimal("0.200"),  # a post with a link
    "summoned_reply": Decimal("0.010"),
    "dm_create": Decimal("0.015"),
}
_NONE: frozenset[str] = frozenset()
_REMEMBERED = 5_000  # things told today; more are counted twice, which errs on the safe side
_MONTH = "administrator: raise month_limit, or wait until the first of next month"
_RUN = "administrator: raise run_limit, or come back with the next run"


def prices_of(changed: Mapping[str, Decimal | float | str] | None) -> Mapping[str, Decimal]:
    """The prices, some of them as somebody else knows them.

    Raises:
        ConfigError: There is no such price, or it is no number.
    """
    for name in changed or {}:
        if name not in PRICES:
            raise ConfigError(f"prices: {name!r} is none of {', '.join(PRICES)}")
    return {**PRICES, **{name: _usd("prices", value) for name, value in (changed or {}).items()}}


def _usd(name: str, value: Decimal | float | str) -> Decimal:
    try:
        usd = Decimal(str(value))
    except InvalidOperation:
        usd = Decimal(-1)
    if not usd >= 0:
        raise ConfigError(f"{name} takes US dollars, such as 25")
    return usd


class _State(BaseModel):
    month: str = ""
    usd: Decimal = Decimal(0)
    day: str = ""
    told: list[str] = []

    def at(self, now: datetime) -> "_State":
        """The same today: a new month begins with nothing, a new day pays again."""
        month, day = f"{now:%Y-%m}", f"{now:%Y-%m-%d}"
        usd = self.usd if self.month == month else Decimal(0)
        return _State(month=month, usd=usd, day=day, told=self.told if self.day == day else [])

    def plus(self, usd: Decimal) -> "_State":
        return self.model_copy(update={"usd": self.usd + usd})


class Spending:
    """Counts what one account costs, and refuses what would cost too much.

    Args:
        prices: From `prices_of`.
        clock: The present; aware.
        month_limit: US dollars in a calendar month (UTC); ``None`` is no limit.
        run_limit: The same for the life of this object.
        kept_for_answers: Share of both that reads leave for answers.
        session: Where the sum outlives the process.
    """

    def __init__(
        self,
        prices: Mapping[str, Decimal],
        clock: Callable[[], datetime],
        *,
        month_limit: Decimal | float | str | None,
        run_limit: Decimal | float | str | None,
        kept_for_answers: float,
        session: Secret | None,
    ) -> None:
        if not 0 <= kept_for_answers < 1:
            raise ConfigError("kept_for_answers is a share, such as 0.2")
        self.prices = prices
        self._clock = clock
        self._limits = {
            name: _usd(name, limit)
            for name, limit in (("month_limit", month_limit), ("run_limit", run_limit))
            if limit is not None
        }
        self._share = Decimal(1) - Decimal(str(kept_for_answers))
        self._session = session if session is not None and session.source else None
        self._state = _opened(session)
        self._run = Decimal(0)
        self._day = ""
        self._seen: dict[str, set[str]] = {}

    def cost(self, paid: Paid) -> Decimal:
        """What things cost that were told or taken, less what was paid for today."""
        return self._sum(self._fresh(paid))

    def items(
        self, verb: str, kinds: Sequence[str], wanted: int, least: int, *, answering: bool = False
    ) -> int:
        """How many things a listing may bring for what is left for reading.

        Args:
            verb: Names the call in an error.
            kinds: Prices of a thing and of what may come along with it.
            wanted: How many would be asked for without a limit.
            least: The fewest that X takes.
            answering: Whether an answer depends on it: all that is left serves then.

        Raises:
            QuotaError: Not even the fewest that can be asked for.
        """
        price = sum((self.prices[kind] for kind in kinds), Decimal(0))
        for name, limit in self._limits.items():
            left = limit * (1 if answering else self._share) - self._spent(name)
            wanted = min(wanted, int(left / price)) if price else wanted
            if wanted < least:
                raise self._refused(verb, name, limit)
        return wanted

    def allow(self, verb: str, usd: Decimal) -> None:
        """Refuse a call that is known to cost more than what is left; raises `QuotaError`."""
        for name, limit in self._limits.items():
            if self._spent(name) + usd > limit:
                raise self._refused(verb, name, limit)

    def add(self, paid: Paid) -> Steps[None]:
        """Count what was told or taken; where there is a place, durable before the flow goes on."""
        fresh = self._fresh(paid)
        usd = self._sum(fresh)
        if not usd:
            return
        self._run += usd
        if self._session is None:
            self._state = self._at().plus(usd)
        else:
            yield from renewing(self._session, lambda stored: self._keep(stored, fresh))
        for kind, ids in fresh.items():
            self._seen.setdefault(kind, set()).update(ids - {""})

    def finding(self) -> Finding:
        """What was spent this month, and what the limits are."""
        month = self._at().usd
        limit = self._limits.get("month_limit")
        told = f"perkiraan US$ {month:.3f} bulan ini dari {limit or 'tanpa batas'}"
        told += f"; harga per {PRICES_OF}"
        if limit is None:
            remedy = "Administrator: tulis month_limit, agar biaya tidak melewati anggaran."
            return Finding(name="cost", ok=True, detail=told, remedy=remedy)
        if self._session is None:
            remedy = "Administrator: beri session, agar biaya dihitung bersama oleh semua proses."
            return Finding(name="cost", ok=True, detail=told, remedy=remedy)
        full = month >= limit * self._share
        remedy = "Administrator: naikkan month_limit atau tunggu bulan depan." if full else ""
        return Finding(name="cost", ok=not full, detail=told, remedy=remedy)

    def _keep(self, stored: Secret, fresh: Mapping[str, set[str]]) -> Steps[None]:
        """Add to what all processes have counted, less what another one was told today."""
        state = _opened(stored).at(self._now())
        left = _less(fresh, set(state.told))
        names = [_short(kind, one) for kind, ids in left.items() for one in sorted(ids) if one]
        told = [*state.told, *names][-_REMEMBERED:]
        state = state.plus(self._sum(left)).model_copy(update={"told": told})
        yield from keep(stored, state.model_dump_json())
        self._state = state

    def _fresh(self, paid: Paid) -> dict[str, set[str]]:
        """What was not paid for today, as far as this process knows."""
        day = f"{self._now():%Y-%m-%d}"
        if day != self._day:
            self._day, self._seen = day, {}
        fresh = {kind: set(ids) - self._seen.get(kind, _NONE) for kind, ids in paid.items()}
        known = set(self._at().told)  # what this or another process kept
        return _less(fresh, known) if known else fresh

    def _sum(self, paid: Paid) -> Decimal:
        return sum((self.prices[kind] * len(ids) for kind, ids in paid.items()), Decimal(0))

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC)

    def _at(self) -> _State:
        return self._state.at(self._now())

    def _spent(self, name: str) -> Decimal:
        if name == "run_limit":
            return self._run
        return self._at().usd

    def _refused(self, verb: str, name: str, limit: Decimal) -> QuotaError:
        error = QuotaError(f"the {name} of US$ {limit} is reached", operation=f"x.{verb}")
        error.remedy = _RUN if name == "run_limit" else _MONTH
        return error


def _opened(session: Secret | None) -> _State:
    """Read what was kept; what is empty or damaged is nothing."""
    try:
        return _State.model_validate_json(session.get_secret_value() if session else "")
    except ValidationError:
        return _State()


def _less(fresh: Mapping[str, set[str]], known: set[str]) -> dict[str, set[str]]:
    """What is not known by its name; what has no id never is."""
    return {
        kind: {one for one in ids if not one or _short(kind, one) not in known}
        for kind, ids in fresh.items()
    }


def _short(kind: str, native_id: str) -> str:
    """A name for what was paid for: nobody can be found by it."""
    return sha256(f"{kind}:{native_id}".encode()).hexdigest()[:10]
