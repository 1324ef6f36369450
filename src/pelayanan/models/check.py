"""What `client.check` found out about an account."""

from pelayanan.models.record import Record

__all__ = ["Check", "Finding"]


class Finding(Record):
    """One thing looked at.

    Attributes:
        name: ``"token"``, ``"scopes"``, ``"limits"``, ``"clock"`` and what else a platform has.
        remedy: What to do and whose task it is; empty where all is well.
    """

    name: str
    ok: bool
    detail: str = ""
    remedy: str = ""


class Check(Record):
    """All findings about one account."""

    platform: str
    handle: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing stands in the way of work."""
        return all(finding.ok for finding in self.findings)
