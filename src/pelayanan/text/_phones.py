"""Whether digits are a telephone number of somebody."""

import re
from functools import lru_cache
from importlib import import_module
from typing import Any

__all__ = ["e164"]

_MOBILE = re.compile(r"(?:(?:00)?620?|0)?(8[1-9]\d{7,10})")


@lru_cache(maxsize=1024)
def e164(digits: str, *, international: bool = False) -> str:
    """Bring a number into the form ``+62…``; an empty text if it is no person's number.

    Short codes (112, 137, 1708), toll-free and shared-cost numbers belong to nobody.

    Args:
        digits: Bare ASCII digits as dialled in Indonesia: ``08…``, ``0736…``, ``628…``, ``8…``.
        international: Whether a ``+`` stood before them.

    Source:
        reference: indonesia.md, 3.1: mobile numbers have 10 to 13 digits with the 0. For the rest
        the numbering plans of the phonenumbers package.
    """
    mobile = _MOBILE.fullmatch(digits)
    if mobile and (not international or digits.startswith("62")):
        return f"+62{mobile[1]}"
    if international or digits.startswith("0"):
        return _by_plan(f"+{digits}" if international else digits)
    return ""


def _by_plan(number: str) -> str:
    plans: Any = import_module("phonenumbers")  # late: 20 ms that most programs never need

    try:
        parsed = plans.parse(number, "ID")
    except plans.NumberParseException:
        return ""
    ownerless = {
        plans.PhoneNumberType.TOLL_FREE,
        plans.PhoneNumberType.PREMIUM_RATE,
        plans.PhoneNumberType.SHARED_COST,
        plans.PhoneNumberType.UAN,
    }
    if not plans.is_valid_number(parsed) or plans.number_type(parsed) in ownerless:
        return ""
    return str(plans.format_number(parsed, plans.PhoneNumberFormat.E164))
