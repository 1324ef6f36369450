"""What fakes of Google share: consents, service accounts, access tokens that end, refusals."""

import json
from abc import abstractmethod
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from pelayanan.protocol.request import Request, Response
from pelayanan.testing.fake import Fake, json_answer

__all__ = ["FakeGoogle", "Json", "RefusedError", "part"]

Json: TypeAlias = dict[str, Any]
_LIFE_S = 3599


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, reason: str, **metadata: str) -> None:
        super().__init__(reason)
        self.status = status
        self.metadata = metadata


def part(state: Json, name: str) -> Json:
    """One table of the world."""
    found: Json = state.setdefault(name, {})
    return found


class FakeGoogle(Fake):
    """A server of Google with a token endpoint of its own at ``/token``."""

    scope = ""
    """What tokens of this server are for."""

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        host: str,
    ) -> None:
        super().__init__(folder=folder, seed=seed, clock=clock)
        self.host = host

    def consent(self, refresh_token: str, owner: str, *, testing: bool = False) -> None:
        """Let this refresh token open what belongs to `owner`.

        Args:
            refresh_token: As the owner's consent gave it.
            owner: A channel, package or account.
            testing: Whether the consent screen is in *Testing*: then it ends after 7 days.
        """
        ends = (self.clock() + timedelta(days=7)).timestamp() if testing else None
        with self.world() as state:
            part(state, "consents")[refresh_token] = {"owner": owner, "ends": ends}

    def service_account(self, owner: str) -> str:
        """Make a key file of a service account that may work for `owner`; needs `cryptography`."""
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  an extra
        from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415  an extra

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        text = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        email = f"cron@{owner.replace('.', '-')}.iam.example"
        with self.world() as state:
            part(state, "accounts")[email] = {"owner": owner, "public": public.decode()}
        known = {"type": "service_account", "client_email": email, "private_key_id": "k1"}
        return json.dumps({**known, "private_key": text, "token_uri": f"https://{self.host}/token"})

    def respond(self, request: Request) -> Response:
        """Answer one call."""
        date = format_datetime(self.clock().astimezone(UTC), usegmt=True)
        try:
            if request.url == f"https://{self.host}/token":
                return self._token(request.form or {}, date)
            if (public := self.public(request)) is not None:
                return public
            answer = self.serve(self._owner(request), request)
        except RefusedError as refused:
            return json_answer(_refusal(refused), refused.status, date=date)
        return Response(answer.status, {"date": date, **answer.headers}, answer.body)

    def public(self, request: Request) -> Response | None:  # noqa: ARG002  most have nothing of the sort
        """What needs no login."""
        return None

    @abstractmethod
    def serve(self, owner: str, request: Request) -> Response:
        """Answer a call in the name of `owner`."""

    def _owner(self, request: Request) -> str:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        with self.world() as state:
            known = part(state, "tokens").get(sha256(given.encode()).hexdigest())
        if known is None or known["ends"] <= self._now() or self.strikes("expired_token"):
            raise RefusedError(401, "authError")
        owner: str = known["owner"]
        return owner

    def _token(self, form: Mapping[str, str], date: str) -> Response:
        known = self._granted(form)
        if known is None or (known.get("ends") or self._now() + 1) <= self._now():
            return json_answer({"error": "invalid_grant", "error_description": "x"}, 400, date=date)
        text = f"ya29.contoh-{self.number()}"
        ends = self._now() + _LIFE_S
        with self.world() as state:
            name = sha256(text.encode()).hexdigest()
            part(state, "tokens")[name] = {"owner": known["owner"], "ends": ends}
        body: Json = {"access_token": text, "expires_in": _LIFE_S, "token_type": "Bearer"}
        body |= {"scope": self.scope}
        if known.get("ends"):
            body["refresh_token_expires_in"] = int(known["ends"] - self._now())
        return json_answer(body, date=date)

    def _granted(self, form: Mapping[str, str]) -> Json | None:
        with self.world() as state:
            if form["grant_type"] == "refresh_token":
                found: Json | None = part(state, "consents").get(form["refresh_token"])
                return found
            accounts = part(state, "accounts")
        return self._claimed(form["assertion"], accounts)

    def _claimed(self, assertion: str, accounts: Json) -> Json | None:
        """The account of a signed claim, if signature, audience and times are right."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  an extra
        from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415  same
        from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415  same

        signed, _, signature = assertion.rpartition(".")
        claim = json.loads(_unpacked(signed.partition(".")[2]))
        known: Json = accounts.get(claim["iss"], {})
        if not known or claim["scope"] != self.scope:
            return None
        key = serialization.load_pem_public_key(known["public"].encode())
        assert isinstance(key, rsa.RSAPublicKey)
        try:
            key.verify(_unpacked(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return None
        timely = claim["iat"] - 300 <= self._now() < claim["exp"] <= claim["iat"] + 3600
        return known if timely and claim["aud"] == f"https://{self.host}/token" else None

    def _now(self) -> float:
        return self.clock().timestamp()


def _unpacked(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _refusal(refused: RefusedError) -> Json:
    reason = str(refused)
    error: Json = {"code": refused.status, "message": reason}
    error["errors"] = [{"domain": "global", "reason": reason, "message": reason}]
    if refused.metadata:
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        error["details"] = [{"@type": kind, "reason": reason, "metadata": refused.metadata}]
    return {"error": error}
