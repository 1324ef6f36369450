"""Who counted: a tally's file may carry an Ed25519 signature. Needs the extra ``sign``.

Source:
    RFC 8032 (Ed25519), by way of the library `cryptography`.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, cast

from pydantic import SecretStr

from pelayanan.errors import ConfigError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["public_key", "read_trusted", "sign", "verify"]

_NAME = "ed25519"
_FIELD = "signature"
_EXTRA = "signatures: pip install 'pelayanan[sign]'"
_MAKE = "make one with `pelayanan tally --new-key FILE`"


def public_key(key: SecretStr | str) -> str:
    """The public half of a private key, as `read_trusted` and ``merge --trusted`` take it.

    Args:
        key: Ed25519 in PEM (PKCS 8, without a passphrase).

    Raises:
        ConfigError: It is no such key, or the extra is missing.
    """
    return b64encode(_private(key).public_key().public_bytes_raw()).decode()


def read_trusted(text: str | Iterable[str]) -> dict[str, str]:
    r"""Keys that are trusted: one a line, behind it the province for which it speaks.

    Args:
        text: Lines; empty ones and those that begin with ``#`` say nothing. A key without a
            province speaks for all.

    Raises:
        ConfigError: A line has no public key, or there is none at all.

    Example:
        >>> key = "A" * 43 + "="
        >>> read_trusted(f"# kunci\n{key} Contoh") == {key: "Contoh"}
        True
    """
    found: dict[str, str] = {}
    lines = text.splitlines() if isinstance(text, str) else text
    for number, line in enumerate(lines, 1):
        key, _, province = line.strip().lstrip("\ufeff").partition(" ")
        if not key or key.startswith("#"):
            continue
        if len(_raw(key)) != 32:
            told = "no public key of 44 letters, as `tally --new-key` prints it"
            raise ConfigError(f"trusted keys, line {number}: {told}")
        found[key] = province.strip()
    if not found:
        raise ConfigError("trusted keys: there is none: put one a line, its province behind it")
    return found


def sign(body: Mapping[str, Any], key: SecretStr | str) -> dict[str, Any]:
    """The body of a file with its signature in it."""
    opened = _private(key)
    public = b64encode(opened.public_key().public_bytes_raw()).decode()
    value = b64encode(opened.sign(_bytes(body))).decode()
    return {**body, _FIELD: {"algorithm": _NAME, "key": public, "value": value}}


def verify(
    body: Mapping[str, Any], trusted: Mapping[str, str] | None, provinces: AbstractSet[str]
) -> None:
    """Hold a file to its signature.

    Args:
        body: Of the file, as it was read.
        trusted: By public key the province that it speaks for (empty: all); ``None`` asks for no
            signature, and still refuses one that does not fit, where the extra is installed.
        provinces: Whose counts the file says it has.

    Raises:
        ConfigError: With what is wrong and the remedy.
    """
    told = body.get(_FIELD)
    if told is None:
        if trusted is not None:
            raise ConfigError("is not signed: ask for one made with `pelayanan tally --sign`")
        return
    form = {"algorithm", "key", "value"}
    named = {str(k): str(v) for k, v in _pairs(told)}
    if set(named) != form or named["algorithm"] != _NAME:
        raise ConfigError("has a signature of another form: ask for the file again")
    key, value = named["key"], named["value"]
    try:
        fits = _fits(body, key, value)
    except ModuleNotFoundError:
        if trusted is None:
            return
        raise ConfigError(_EXTRA) from None
    if not fits:
        raise ConfigError("was changed after it was signed: ask for the file again")
    if trusted is not None:
        _trusts(trusted, key, provinces)


def _trusts(trusted: Mapping[str, str], key: str, provinces: AbstractSet[str]) -> None:
    if key not in trusted:
        raise ConfigError(
            f"is signed by a key that is not trusted, {key[:60]}: ask its province whether it is "
            "theirs before you add it"
        )
    speaks = trusted[key]
    if speaks and provinces - {speaks}:
        others = ", ".join(sorted(provinces - {speaks}))
        raise ConfigError(f"has counts of {others}, but its key speaks for {speaks} only")


def _pairs(told: object) -> Iterable[tuple[object, object]]:
    return cast("dict[object, object]", told).items() if isinstance(told, dict) else ()


def _fits(body: Mapping[str, Any], key: str, value: str) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  an extra
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415  same

    try:
        public = ed25519.Ed25519PublicKey.from_public_bytes(_raw(key))
        public.verify(_raw(value), _bytes(body))
    except (InvalidSignature, ValueError):
        return False
    return True


def _private(key: SecretStr | str) -> "Ed25519PrivateKey":
    try:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  an extra
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415  same
    except ModuleNotFoundError:
        raise ConfigError(_EXTRA) from None
    text = key.get_secret_value() if isinstance(key, SecretStr) else key
    try:
        opened = serialization.load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError):  # a passphrase is a TypeError
        opened = None
    if not isinstance(opened, ed25519.Ed25519PrivateKey):
        told = "the key is no Ed25519 key in PEM without a passphrase"
        raise ConfigError(f"{told}: {_MAKE}") from None
    return opened


def _bytes(body: Mapping[str, Any]) -> bytes:
    """What is signed: everything but the signature, in one form whatever the file looks like."""
    signed = {name: value for name, value in body.items() if name != _FIELD}
    return json.dumps(signed, sort_keys=True, separators=(",", ":")).encode()


def _raw(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        return b""
