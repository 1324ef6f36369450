"""From units to the rows of the tally, and from rows to what may be published."""

from collections import Counter
from typing import Any

from reference.counting import Unit, lowest_minute, units_of
from reference.days import office_of, seconds_of
from reference.needs import mark_mass_texts, read_need

Key = tuple[str, str, str, str]  # agency, kind, channel, period
Rows = dict[Key, Counter[Any]]
SUBSTANTIVE = {"answers", "asks", "next_step"}


def templates(vector: dict[str, Any]) -> set[str]:
    """Agencies of whose answers over half are one text; "" is the whole province.

    A text that was sent once is no family.
    """
    as_of = seconds_of(vector["as_of"])
    sent: dict[str, list[str]] = {}
    for need in (read_need(case, as_of) for case in vector.get("cases", [])):
        for event in need.of("answer"):
            named = event["form"] != "next_step" or (event.get("unit") and event.get("date"))
            if event["by"] == "person" and event["form"] in SUBSTANTIVE and named:
                text = event.get("family", f"{need.name}/{event['place']}")
                for whose in (event["agency"], ""):
                    sent.setdefault(whose, []).append(text)
    most = {who: max(Counter(texts).values()) for who, texts in sent.items()}
    return {who for who, count in most.items() if count > 1 and 2 * count > len(sent[who])}


def units(vector: dict[str, Any]) -> list[Unit]:
    """Every unit of a vector's cases, in the order of its cases."""
    office, as_of = office_of(vector["calendar"]), seconds_of(vector["as_of"])
    needs = [read_need(case, as_of) for case in vector.get("cases", [])]
    mark_mass_texts(needs, office)
    return [unit for need in needs for unit in units_of(need, office, as_of)]


def rows_of(vector: dict[str, Any], found: list[Unit]) -> Rows:
    """All rows: from the units, the audits, the polls, and the rows given outright."""
    rows: Rows = {}
    for unit in found:
        _add(rows, (unit.agency, unit.kind, unit.channel, unit.period), unit.values)
    for audit in vector.get("audits", []):
        _add(rows, _key(audit), Counter(audited_answers=1, audited_ok=audit["ok"]))
    for poll in vector.get("polls", []):
        counted = Counter(polls_due=poll["due"], polls_done=poll["done"])
        _add(rows, _key(poll), counted)
    for row in vector.get("rows", []):
        _add(rows, _key(row), flat(row["values"]))
    return rows


def _key(entry: dict[str, Any]) -> Key:
    return entry["agency"], entry.get("kind", ""), entry["channel"], entry["period"]


def _add(rows: Rows, key: Key, values: Counter[Any]) -> None:
    rows.setdefault(key, Counter()).update(values)


def flat(values: dict[str, Any]) -> Counter[Any]:
    """A row as a vector writes it, as one counter."""
    found: Counter[Any] = Counter()
    for name, value in values.items():
        if name == "histogram":
            found.update({(name, int(bucket)): count for bucket, count in value.items()})
        elif name == "excluded_by_reason":
            found.update({(name, reason): count for reason, count in value.items()})
        else:
            found[name] += value
    return found


def written(values: Counter[Any]) -> dict[str, Any]:
    """A counter as a vector writes it: zeros left out, names in order."""
    plain = {k: v for k, v in values.items() if v and isinstance(k, str)}
    found: dict[str, Any] = dict(sorted(plain.items()))
    for name in ("excluded_by_reason", "histogram"):
        part = {k[1]: v for k, v in values.items() if v and isinstance(k, tuple) and k[0] == name}
        if part:
            found[name] = {str(k): part[k] for k in sorted(part)}
    return found


def total(rows: Rows, *, agency: str | None = None, but_kind: str | None = None) -> Counter[Any]:
    """The sum of the rows of an agency (None: of all), one kind left out."""
    found: Counter[Any] = Counter()
    for (whose, kind, _, _), values in rows.items():
        if agency in (None, whose) and kind != but_kind:
            found.update(values)
    return found


def quantile(values: Counter[Any], share: float) -> int | None:
    """Lowest minute of the first bucket up to which that share of n was answered."""
    buckets = sorted(k[1] for k in values if isinstance(k, tuple) and k[0] == "histogram")
    reached = 0
    for bucket in buckets:
        reached += values["histogram", bucket]
        if reached >= share * values["n"]:
            return lowest_minute(bucket)
    return None


def rounded(values: Counter[Any]) -> dict[str, Any]:
    """What may be published: each number by itself to a multiple of 5."""
    return written(Counter({k: 5 * ((2 * v + 5) // 10) for k, v in values.items()}))


def public(rows: Rows) -> dict[str, Any]:
    """Totals of the province, of agencies, and of kind x channel in the whole province."""
    cells: dict[tuple[str, str], Counter[Any]] = {}
    for (_, kind, channel, _), values in rows.items():
        if kind:  # polls have none
            cells.setdefault((kind, channel), Counter()).update(values)
    agencies = sorted({key[0] for key in rows})
    return {
        "province": rounded(total(rows)),
        "agencies": {name: rounded(total(rows, agency=name)) for name in agencies},
        "kind_and_channel": [
            {"kind": kind, "channel": channel, "values": rounded(cells[kind, channel])}
            for kind, channel in sorted(cells)
        ],
    }
