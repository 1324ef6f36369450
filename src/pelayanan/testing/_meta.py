"""What the fakes of Meta's platforms share: tokens, refusals in Meta's form, signed webhooks."""

import json
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

from pelayanan.platforms._meta_read import as_dict
from pelayanan.platforms._meta_webhook import signature
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.transport import Call
from pelayanan.testing.fake import Fake, Fault, json_answer

__all__ = ["APP_SECRET", "GraphFake", "Json", "RefusedError", "Webhook", "part", "stamp"]

Json: TypeAlias = dict[str, Any]
APP_SECRET = "rahasia-aplikasi"  # noqa: S105  of a game
_FAR = 60 * 86_400


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, code: int, subcode: int = 0, *, status: int = 400) -> None:
        super().__init__(f"code {code}")
        self.code, self.subcode, self.status = code, subcode, status


@dataclass(frozen=True, slots=True)
class Webhook:
    """One delivery as it comes over the wire."""

    headers: Mapping[str, str]
    body: bytes


def part(state: Json, name: str) -> Json:
    """One table of the world."""
    found: Json = state.setdefault(name, {})
    return found


def stamp(at: str | datetime) -> str:
    """A time as the Graph API writes it."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def refusal(code: int, subcode: int = 0, *, status: int = 400, **headers: str) -> Response:
    """A refusal as Meta words it."""
    error = {
        "message": f"(#{code}) kata-kata Meta, yang tidak diteruskan",
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": "AContoh",
    }
    error |= {"error_subcode": subcode} if subcode else {}
    return json_answer({"error": error}, status, **headers)


class GraphFake(Fake):
    """A server with the Graph API.

    Args:
        folder: As in `Fake`.
        seed: As in `Fake`.
        clock: As in `Fake`.
        host: Name of the server.
        app_secret: With which webhooks are signed.
        used_percent: Of the budget, told in each answer once it is above 0.
        scopes: That every token has.
    """

    host = "graph.facebook.com"
    scopes: tuple[str, ...] = ()

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        host: str = "",
        app_secret: str = APP_SECRET,
        used_percent: int = 0,
        scopes: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__(folder=folder, seed=seed, clock=clock)
        self.host = host or self.host
        self.scopes = self.scopes if scopes is None else scopes
        self.used_percent = used_percent
        self._app_secret = app_secret

    def agency(self, account: str, *, token: str, expires_in_s: int = _FAR) -> str:
        """Give an account the only token that opens it."""
        until = int(self.clock().timestamp()) + expires_in_s if expires_in_s else 0
        with self.world() as state:
            tokens = part(state, "tokens")
            for old in [one for one, known in tokens.items() if known["account"] == account]:
                del tokens[old]
            tokens[token] = {"account": account, "until": until, "since": self.now_s()}
        return account

    def now_s(self) -> int:
        """The present in Unix seconds; a skewed clock is ten minutes ahead once."""
        return int(self.clock().timestamp()) + (600 if self.strikes("clock_skew") else 0)

    def push(self, body: Json) -> None:
        """Send a webhook: escaped and signed as Meta does."""
        with self.world() as state:
            sent = state.setdefault("webhooks", [])
            sent += [json.dumps(body)] * (2 if self.strikes("duplicate") else 1)

    def webhooks(self, after: int = 0) -> list[Webhook]:
        """All deliveries from number `after` on, oldest first."""
        with self.world() as state:
            bodies = [text.encode() for text in state.get("webhooks", [])[after:]]
        return [
            Webhook(
                {
                    "Content-Type": "application/json",
                    "X-Hub-Signature-256": signature(self._app_secret, body),
                },
                body,
            )
            for body in bodies
        ]

    def respond(self, request: Request) -> Response:
        """Answer one call; headers tell time and budget."""
        headers = {"date": format_datetime(self.clock().astimezone(UTC), usegmt=True)}
        if self.used_percent:
            headers["x-app-usage"] = json.dumps({"call_count": self.used_percent})
        try:
            answer = self._answer(request)
        except RefusedError as refused:
            answer = refusal(refused.code, refused.subcode, status=refused.status)
        return Response(answer.status, {**headers, **answer.headers}, answer.body)

    def refused_as(self, fault: Fault) -> Response:
        """Errors have Meta's codes; a wait stands in a header of its own."""
        if fault == "broken":
            return refusal(2, status=503)
        if fault != "busy":
            return json_answer({}, 429)
        used = [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 1}]
        return refusal(80001, x_business_use_case_usage=json.dumps({"1": used}))

    def _refusal(self, call: Call) -> Response | None:
        if self.strikes("expired_token"):
            return refusal(190, 463, status=401)
        return super()._refusal(call)

    def _answer(self, request: Request) -> Response:
        path = unquote(urlsplit(request.url).path).lstrip("/")
        path = path.partition("/")[2] if path.startswith("v") else path
        token = self._token(request)
        if path == "debug_token":
            return json_answer({"data": self._debugged(request)})
        return self.route(self._account(token), path, request)

    @abstractmethod
    def route(self, account: str, path: str, request: Request) -> Response:
        """The platform's own answer to a call of one account; `path` has no version."""

    def given(self, request: Request) -> Json:
        """What a call brings: address, form and body together."""
        body = as_dict(request.json)
        return {**request.params, **(request.form or {}), **body}

    def _token(self, request: Request) -> str:
        header = request.headers.get("Authorization", "")
        return header.partition(" ")[2] or str(request.params.get("access_token", ""))

    def _account(self, token: str) -> str:
        with self.world() as state:
            tokens = part(state, "tokens")
            known = tokens.get(token)
            if known is None and (tokens or not token):
                raise RefusedError(190, status=401)
            if known and known["until"] and known["until"] <= self.now_s():
                raise RefusedError(190, 463, status=401)
            return str(known["account"]) if known else self.default()

    def default(self) -> str:
        """The account that any token opens while none is registered."""
        return "1060"

    def _debugged(self, request: Request) -> Json:
        with self.world() as state:
            tokens = part(state, "tokens")
            known = tokens.get(str(request.params["input_token"]), {})
        return {
            "is_valid": bool(known) or not tokens,
            "expires_at": known.get("until", 0),
            "issued_at": known.get("since", 0),
            "scopes": list(self.scopes),
        }
