"""Write the table of docs/platforms/index.md from the platforms themselves; `--check` only looks.

Each account is made as its page tells a province to configure it.
"""

import inspect
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from pelayanan.models import Secret
from pelayanan.platforms import available, load
from pelayanan.protocol import capabilities as can
from pelayanan.protocol.capabilities import Account, Capabilities, TextLimit

_PAGES = Path(__file__).resolve().parent / "platforms"
_TABLE = re.compile(r"(?<=<!-- table -->\n).*?(?=<!-- end -->)", re.DOTALL)
_ACCOUNT = re.compile(r"^```toml\n(\[\[accounts\]\]\n.*?)^```", re.DOTALL | re.MULTILINE)
_SOURCE = re.compile(r"(env|file|keyring):.+")
_MADE_UP = {"service_account": '{"client_email": "a@b.example", "private_key": "x"}'}
_COUNTED = {
    "mastodon": "characters, links as 23",
    "threads": "characters, emoji by their bytes",
    "x": "characters by weight, links as 23",
}
_HEADS = (
    "platform",
    "messages",
    "own answers",
    "reply",
    "look-up",
    "publish",
    "search",
    "text",
    "check",
)


def account_of(name: str) -> Account:
    """The account that a platform's page configures, with made-up secrets."""
    page = (_PAGES / f"{name}.md").read_text("utf-8")
    found = _ACCOUNT.search(page)
    told: dict[str, Any] = tomllib.loads(found[1])["accounts"][0] if found else {}
    fields = {
        key: Secret(_MADE_UP.get(key, "123456:contoh")) if _SOURCE.fullmatch(str(value)) else value
        for key, value in told.items()
        if key not in {"key", "agency", "platform", "since"}
    }
    assert told.get("platform", name) == name, f"{name}.md configures {told['platform']}"
    platform = load(name)
    known = inspect.signature(platform).parameters
    assert set(fields) <= set(known), f"{name}.md: unknown field"
    needed = [each for each, about in known.items() if about.default is inspect.Parameter.empty]
    fields = dict.fromkeys(needed, "https://contoh.example") | fields  # what is no account
    made: Account = platform(**fields)
    return made


def table() -> str:
    """One row a platform."""
    built_in = [name for name, place in available().items() if place.startswith("pelayanan.")]
    rows = [_HEADS, ("---",) * len(_HEADS), *(_row(account_of(each)) for each in sorted(built_in))]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(account: Account) -> tuple[str, ...]:
    data = account.capabilities
    return (
        f"[`{type(account).__name__}`]({account.name}.md)"
        + (" (experimental)" if data.experimental else ""),
        _messages(account),
        "listed" if isinstance(account, can.AnswerSource) else "",
        _reply(account, data),
        _look_up(account),
        _publish(account, data),
        "yes" if isinstance(account, can.SearchSource) else "",
        _text(data),
        "yes" if isinstance(account, can.Checkable) else "",
    )


def _messages(account: Account) -> str:
    ways = {
        "listed": isinstance(account, can.MentionSource),
        "comments listed": isinstance(account, can.CommentSource),
        "pushed": isinstance(account, can.WebhookSource),
    }
    by_hand = "" if isinstance(account, can.SearchSource) else "entered by hand"
    return ", ".join(way for way, there in ways.items() if there) or by_hand


def _reply(account: Account, data: Capabilities) -> str:
    if not isinstance(account, can.Replier):
        return ""
    return "; ".join(_terms(account, data)) or "yes"


def _terms(account: Account, data: Capabilities) -> Iterator[str]:
    if data.private:
        yield "in private"
    if data.reply_needs_invitation:
        yield "to who wrote first"
    if data.reply_is_singleton:
        yield "one, the next replaces it"
    if data.reply_window is not None:
        yield f"within {_span(data.reply_window)}"
    if data.chat_window is not None:
        yield f"chat within {_span(data.chat_window)}"
    if isinstance(account, can.PrivateReplier):
        window = data.private_reply_window
        yield "also in private" + (f", within {_span(window)}" if window else "")


def _look_up(account: Account) -> str:
    if isinstance(account, can.ReplyFinder):
        return "yes"
    return "by a person" if isinstance(account, can.Replier) else ""


def _publish(account: Account, data: Capabilities) -> str:
    if not isinstance(account, can.Publisher):
        return ""
    files = [f"{most} {kind}{'s' if most > 1 else ''}" for kind, most in (data.media or {}).items()]
    where = ", by address" if files and data.media_by == "url" else ""
    return f"{' or '.join(files) or 'text'}{where}"


def _text(data: Capabilities) -> str:
    told = [_limits(data.text)]
    if data.reply_parts > 1:
        told.append(f"a reply in up to {data.reply_parts} parts")
    if data.chat_text:
        told.append(f"in private {_limits(data.chat_text)}")
    if data.media_text not in {(), data.text}:
        told.append(f"with files {_limits(data.media_text)}")
    return "; ".join(told)


def _limits(limits: Sequence[TextLimit]) -> str:
    return ", ".join(
        f"{each.limit:,} {_COUNTED.get(each.counter, each.counter)}" for each in limits
    )


def _span(time: timedelta) -> str:
    return f"{time.days} days" if time.days > 1 else f"{time // timedelta(hours=1)} hours"


def main() -> int:
    """Write the table, or say that it is stale."""
    page = _PAGES / "index.md"
    text = page.read_text("utf-8")
    fresh = _TABLE.sub(lambda _: table(), text)
    if fresh == text:
        return 0
    if "--check" in sys.argv:
        print("docs/platforms/index.md is stale: run `python docs/_platforms.py`")
        return 1
    page.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
