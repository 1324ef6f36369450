"""Meta's usage headers: how much of the budget is used up, and when it comes back.

They are there once traffic is noticeable. Source: https://developers.facebook.com/docs/graph-api/
overview/rate-limiting/; that the regain time is in minutes is from memory.
"""

from collections.abc import Mapping

from pydantic import BaseModel, TypeAdapter, ValidationError

__all__ = ["pause_s", "regain_s", "used_percent"]

_APP = "x-app-usage"
_BUSINESS = ("x-business-use-case-usage", "x-ad-account-usage")
_SLOWER, _SLOWEST = 75.0, 90.0  # percent


class _Usage(BaseModel):
    call_count: float = 0.0
    total_cputime: float = 0.0
    total_time: float = 0.0
    estimated_time_to_regain_access: float = 0.0

    @property
    def percent(self) -> float:
        return max(self.call_count, self.total_cputime, self.total_time)


_BY_BUSINESS = TypeAdapter(dict[str, list[_Usage]])


def regain_s(headers: Mapping[str, str]) -> float | None:
    """Seconds until calls are answered again; ``None`` where the headers do not say."""
    found = max((use.estimated_time_to_regain_access for use in _usages(headers)), default=0.0)
    return found * 60.0 or None


def used_percent(headers: Mapping[str, str]) -> float | None:
    """The most used of all budgets; ``None`` where the headers do not say."""
    return max((use.percent for use in _usages(headers)), default=None)


def pause_s(headers: Mapping[str, str]) -> float:
    """Seconds to wait before the next *read*: what is left of the budget is for answers."""
    used = used_percent(headers) or 0.0
    return 0.0 if used < _SLOWER else 2.0 if used < _SLOWEST else 20.0


def _usages(headers: Mapping[str, str]) -> list[_Usage]:
    found: list[_Usage] = []
    try:
        if _APP in headers:
            found.append(_Usage.model_validate_json(headers[_APP]))
        for name in _BUSINESS:
            if name in headers:
                listed = _BY_BUSINESS.validate_json(headers[name])
                found += [use for uses in listed.values() for use in uses]
    except ValidationError:
        return found
    return found
