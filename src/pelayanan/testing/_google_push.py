"""Cloud Pub/Sub as it pushes for Google: signed tokens, public keys that change."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

__all__ = ["ACCOUNT", "AUDIENCE", "certificates", "delivery", "new_key"]

AUDIENCE = "https://layanan.example/webhooks/ulasan"
ACCOUNT = "dorong@provinsi-contoh.iam.example"


def new_key() -> str:
    """A private key, as PEM; needs `cryptography`."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  an extra
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415  an extra

    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def certificates(keys: Mapping[str, str]) -> dict[str, Any]:
    """The public halves of keys by their ids, as a JWK set."""
    found: list[dict[str, str]] = []
    for kid, pem in keys.items():
        numbers = _opened(pem).public_key().public_numbers()
        size = (numbers.n.bit_length() + 7) // 8
        n, e = numbers.n.to_bytes(size, "big"), numbers.e.to_bytes(3, "big")
        found.append({"kty": "RSA", "alg": "RS256", "kid": kid, "n": _text(n), "e": _text(e)})
    return {"keys": found}


def delivery(
    notice: Mapping[str, str], number: int, *, kid: str, key: str, now: datetime, **claims: Any
) -> tuple[dict[str, str], bytes]:
    """Headers and body of one push."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  an extra
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415  an extra

    at = int(now.timestamp())
    claim = {
        "iss": "https://accounts.google.com",
        "aud": AUDIENCE,
        "email": ACCOUNT,
        "email_verified": True,
        "iat": at,
        "exp": at + 3600,
    } | claims
    header = {"alg": "RS256", "kid": kid, "typ": "JWT"}
    text = ".".join(_text(json.dumps(each).encode()) for each in (header, claim))
    signature = _opened(key).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    body = {
        "message": {
            "data": b64encode(json.dumps(notice).encode()).decode(),
            "messageId": str(number),
            "publishTime": now.isoformat(),
        },
        "subscription": "projects/contoh/subscriptions/ulasan",
    }
    token = f"Bearer {text}.{_text(signature)}"
    return {"Content-Type": "application/json", "Authorization": token}, json.dumps(body).encode()


def _opened(pem: str) -> "RSAPrivateKey":
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  an extra
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415  an extra

    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
