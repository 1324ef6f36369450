"""The configuration of a simulated province, as values and as the file that a province has."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

__all__ = ["account_tables", "as_toml"]


def account_tables(
    key: str, *, since: date, bluesky: str, mastodon: str, mail: str
) -> list[dict[str, Any]]:
    """The three accounts of an agency on servers with these names."""
    secret = f"file:rahasia/{key}"
    shared = {"agency": key, "since": since}
    return [
        {
            "key": f"{key}-bsky",
            "platform": "bluesky",
            "handle": f"{key}.contoh.test",
            "password": secret,
            "base_url": f"https://{bluesky}",
            **shared,
        },
        {
            "key": f"{key}-mastodon",
            "platform": "mastodon",
            "server": f"https://{mastodon}",
            "handle": key,
            "token": secret,
            **shared,
        },
        {
            "key": f"{key}-mail",
            "platform": "email",
            "address": f"{key}@prov.example",
            "password": secret,
            "imap": f"{mail}:993",
            "smtp": f"{mail}:465",
            **shared,
        },
    ]


def as_toml(config: Mapping[str, dict[str, Any] | list[dict[str, Any]]]) -> str:
    """Tables and lists of tables, each with texts and dates, as TOML."""
    parts: list[str] = []
    for name, value in config.items():
        head, tables = (f"[{name}]", [value]) if isinstance(value, dict) else (f"[[{name}]]", value)
        for table in tables:
            lines = [f"{key} = {_value(each)}" for key, each in table.items()]
            parts.append("\n".join([head, *lines]) + "\n")
    return "\n".join(parts)


def _value(value: str | date) -> str:
    return value.isoformat() if isinstance(value, date) else json.dumps(value)
