"""What Google pushes through Cloud Pub/Sub: who signed it, and which review it names.

Only the sender is proven, not the body. So nothing is believed of the body but a name, and what
has that name is fetched from Google.

Source: https://docs.cloud.google.com/pubsub/docs/authenticate-push-subscriptions (the token),
https://docs.cloud.google.com/pubsub/docs/push (the body); RFC 7515, 7517, 7518 section 3.3, 7519.
"""

import re
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import BaseModel, Field, ValidationError

from pelayanan.errors import AuthError, ConfigError
from pelayanan.protocol.page import Unreadable, why
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.webhook import KeysMissingError, Pointer, Pushed

__all__ = ["KEYS_URL", "Signers", "told"]

KEYS_URL = "https://www.googleapis.com/oauth2/v3/certs"
_OPERATION = "google_reviews.webhook"
_ISSUERS = frozenset({"https://accounts.google.com", "accounts.google.com"})
_LEEWAY = timedelta(minutes=5)
_EVERY = timedelta(minutes=1)
_REMEDY = (
    "administrator: compare push_audience and push_account with the push subscription; anybody can "
    "call this address"
)


class _Key(BaseModel):
    kid: str
    kty: str
    n: str
    e: str


class _Keys(BaseModel):
    keys: list[_Key]


class _Head(BaseModel):
    kid: str
    alg: str


class _Claims(BaseModel):
    iss: str
    aud: str
    email: str
    email_verified: bool
    iat: float
    exp: float


@dataclass
class Signers:
    """Whom to believe: one service account of the province's project, by Google's public keys.

    Args:
        audience: As the push subscription has it.
        account: E-mail of the service account that the subscription signs with.
        url: Where Google publishes its keys, which change every few days.
    """

    audience: str
    account: str
    url: str = KEYS_URL
    _keys: dict[str, _Key] = field(default_factory=dict[str, _Key], repr=False)
    _until: datetime | None = field(default=None, repr=False)
    _asked: datetime | None = field(default=None, repr=False)

    def ask(self, now: datetime) -> Request | None:
        """The call for the keys, which needs no login; ``None`` within a minute of the last."""
        if self._asked is not None and now - self._asked < _EVERY:
            return None
        self._asked = now
        return Request(operation="google_reviews.keys", url=self.url, repeatable=True)

    def keep(self, answer: Response, now: datetime) -> None:
        """Take the keys over, for as long as the answer says.

        Raises:
            AuthError: They are not as Google documents them.
        """
        try:
            found = _Keys.model_validate_json(answer.body).keys
        except ValidationError:
            raise self._refused("Google's keys are unlike the documentation") from None
        age = re.search(r"max-age=(\d{1,7})", answer.headers.get("cache-control", ""))
        self._keys = {key.kid: key for key in found if key.kty == "RSA"}
        self._until = now + timedelta(seconds=int(age[1]) if age else 3600)

    def verify(self, headers: Mapping[str, str], now: datetime) -> None:
        """Make sure that Google sent it for this account, just now.

        Raises:
            AuthError: It did not.
            KeysMissingError: Signed with a key that is not known yet.
            ConfigError: The account says not whom to believe, or the extra `sign` is missing.
        """
        if not (self.audience and self.account):
            raise ConfigError(f"{_OPERATION}: push_audience and push_account are missing")
        given = [value for name, value in headers.items() if name.lower() == "authorization"]
        token = given[0].removeprefix("Bearer ") if len(given) == 1 else ""
        try:
            head, claims, signature = (_unpacked(part) for part in token.split("."))
            header = _Head.model_validate_json(head)  # unlike `json`, it bears any nesting
        except ValueError:
            raise self._refused("the token is missing or none") from None
        kid = header.kid
        if header.alg != "RS256":  # "none" and the symmetric ones are tricks
            raise self._refused("the token is not signed as Google signs")
        if kid not in self._keys or self._until is None or now >= self._until:
            raise KeysMissingError("signed with a key that is not known yet", operation=_OPERATION)
        if not _signed(self._keys[kid], token.rpartition(".")[0].encode(), signature):
            raise self._refused("the signature is wrong")
        self._read(claims, now)

    def _read(self, claims: bytes, now: datetime) -> None:
        try:
            found = _Claims.model_validate_json(claims)
        except ValidationError:
            raise self._refused("the token lacks what Google's have") from None
        ours = found.aud == self.audience and found.email == self.account and found.email_verified
        if not ours or found.iss not in _ISSUERS:
            raise self._refused("the token is for somebody else")
        at = now.timestamp()
        if not found.iat - _LEEWAY.total_seconds() <= at < found.exp + _LEEWAY.total_seconds():
            raise self._refused("the token is not of now")

    def _refused(self, reason: str) -> AuthError:
        error = AuthError(reason, operation=_OPERATION)
        error.remedy = _REMEDY
        return error


def _signed(key: _Key, text: bytes, signature: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  an extra
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  the same
        from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415  same
    except ImportError:
        raise ConfigError("pushed reviews are signed: pip install 'pelayanan[sign]'") from None
    try:
        numbers = (int.from_bytes(_unpacked(part)) for part in (key.e, key.n))
        public = rsa.RSAPublicNumbers(*numbers).public_key()
        public.verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _unpacked(text: str) -> bytes:
    if not re.fullmatch(r"[\w-]+", text, re.ASCII):  # the decoder would pass over other signs
        raise ValueError
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class _Message(BaseModel):
    data: str


class _Envelope(BaseModel):
    message: _Message


class _Notice(BaseModel):
    """The two ways in which Google's pages spell it."""

    review: str | None = Field(default=None, alias="review_name")
    reviewName: str | None = None


def told(body: bytes, locations: Mapping[str, str]) -> Iterator[Pushed]:
    """The review that a delivery names; other notices, and those of other offices, tell nothing.

    Args:
        body: As it came.
        locations: Full names of the offices, with their own names, ``"accounts/1/locations/2"``.
    """
    try:
        data = _Envelope.model_validate_json(body).message.data
        notice = _Notice.model_validate_json(b64decode(data, validate=True))
    except ValidationError as error:
        yield Unreadable("", why(error))
        return
    except ValueError:
        yield Unreadable("", "message.data (no base64)")
        return
    name = notice.review or notice.reviewName or ""
    office, _, review = name.partition("/reviews/")
    if office in locations and re.fullmatch(r"[\w-]+", review):
        yield Pointer(id=f"{locations[office]}/{review}", ref={"name": name})
