"""An office that is written to by mail: nothing but the ledger keeps a mail from going out twice.

SMTP knows no idempotency, so that a mail which two processes send, or one process twice, lies in
the citizen's inbox twice.
"""

from collections import Counter
from pathlib import Path

from crash.workers import workspace
from pelayanan.desk import Config, Desk
from pelayanan.reply import Draft
from pelayanan.testing import FakeMailbox

__all__ = ["Mailroom"]

AGENCY = "dinsos@prov.example"


class Mailroom:
    """A mail server in a folder, an office, and citizens who wrote to it."""

    def __init__(self, folder: Path, *, citizens: int) -> None:
        self.server = FakeMailbox(folder=folder / "world", agency=AGENCY)
        self.people = [f"warga{number}@warga.example" for number in range(citizens)]
        with self.server.world():
            for person in self.people:
                self.server.citizen(person).post("Kapan bantuan datang?", subject="Bantuan")
        self.config = _config(folder / "kantor")
        self.folder = workspace(self.config, ("mailbox", folder / "world"))

    def desk(self) -> Desk:
        """The test's own desk."""
        return Desk.open(self.config, transport=self.server)

    def approve_all(self, desk: Desk) -> list[Draft]:
        """Fetch, and approve an answer to everybody."""
        assert desk.sync().failed == ()
        drafts = [
            desk.draft(case.id, f"Perkara {case.id}: petugas datang besok.", by="rina")
            for case in desk.cases()
        ]
        assert len(drafts) == len(self.people)
        return [desk.approve(draft.id, by="sekretaris") for draft in drafts]

    def arrived(self, drafts: list[Draft]) -> "Counter[str]":
        """How often each answer lies in somebody's inbox, by the draft's id."""
        mails = [mail for person in self.people for mail in self.server.messages(person)]
        return Counter(
            draft.id
            for draft in drafts
            for mail in mails
            if f"Perkara {draft.case_id}:".encode() in mail
        )


def _config(folder: Path) -> Config:
    folder.mkdir(parents=True)
    secret = folder / "rahasia"
    secret.write_text("sandi")
    secret.chmod(0o600)
    return Config.of(
        {
            "agencies": [{"key": "dinsos", "name": "Dinas Sosial"}],
            "accounts": [
                {
                    "key": "dinsos-mail",
                    "agency": "dinsos",
                    "platform": "email",
                    "address": AGENCY,
                    "password": "file:rahasia",
                    "imap": "surat.example:993",
                    "smtp": "surat.example:465",
                }
            ],
        },
        folder=folder,
    )
