"""Secrets: shown nowhere, and knowing where a renewed one is to be kept."""

from pydantic import SecretStr

__all__ = ["Secret", "as_secret"]


class Secret(SecretStr):
    """A secret and its source, ``env:NAME``, ``file:PATH`` or ``keyring:SERVICE/USER``.

    `pelayanan.secret` reads one; a source that a program may rewrite is where a rotated token goes.
    """

    def __init__(self, value: str, *, source: str = "") -> None:
        super().__init__(value)
        self.source = source

    def renewed(self, value: str) -> "Secret":
        """The secret that takes this one's place, kept at the same source."""
        return Secret(value, source=self.source)


def as_secret(value: str | SecretStr) -> Secret:
    """Take a secret in any form a user may have it."""
    if isinstance(value, Secret):
        return value
    return Secret(value.get_secret_value() if isinstance(value, SecretStr) else value)
