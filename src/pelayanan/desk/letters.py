"""``desk.letters``: mails that answer nobody, through the ledger, once per key and address."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from pelayanan.errors import ConfigError
from pelayanan.protocol.capabilities import Mailer
from pelayanan.reply.draft import Draft, DraftState
from pelayanan.store.ledger import Ledger
from pelayanan.store.letters import File, Letter, keep_letter

if TYPE_CHECKING:
    from pelayanan.desk.desk import Desk

__all__ = ["LetterDesk"]

_ADDRESS = re.compile(r"[^\s@<>,\"]+@[^\s@<>,\"]+")


class LetterDesk:
    """Mails of one desk. Processes may send the same one at the same time, and be killed."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def known(self, key: str, to: Iterable[str]) -> dict[str, Draft | None]:
        """What became of the mails with a key: by address as it was given, one of each.

        Raises:
            ConfigError: One is no mail address.
        """
        with self._desk.store.reading() as connection:
            ledger = Ledger(connection, self._desk.now)
            return {each: ledger.get(self._id(key, each)) for each in _addresses(to)}

    def send(
        self,
        to: Iterable[str],
        *,
        account: str,
        subject: str,
        text: str,
        key: str,
        attachments: Sequence[File] = (),
        by: str = "",
    ) -> tuple[Draft, ...]:
        """Send a mail to each address that has none with this key yet, one mail each.

        What was entered before with the same key and address keeps its words. Where the platform
        cannot tell whether a mail went out, it waits in the outbox for a person (`desk.settle`).

        Args:
            to: Addresses; letters' case makes no other one.
            account: Key of the mailbox that sends.
            subject: One line.
            text: Plain text.
            key: Names the mail, such as ``"laporan-2026-10"``.
            attachments: Name, media type and content of each file.
            by: Who sends.

        Returns:
            The drafts, in the order of `to`; ``.state`` and ``.needs`` say what is left.

        Raises:
            ConfigError: One is no mail address, or the account sends no mail.
        """
        wanted = _addresses(to)
        if not isinstance(self._desk.accounts.get(account), Mailer):
            raise ConfigError(f"account {account!r} sends no mail: name one of platform email")
        now, letter = self._desk.now, Letter(subject, tuple(attachments))
        with self._desk.store.writing() as connection:
            ledger = Ledger(connection, now)
            for address in wanted:
                draft = Draft(
                    id=self._id(key, address),
                    verb="mail",
                    account=account,
                    recipient=address,
                    text=text,
                    substantive=False,
                    state=DraftState.APPROVED,
                    by=by,
                    approved_by=by,
                    created_at=now,
                    updated_at=now,
                )
                if ledger.get(draft.id) is None:
                    keep_letter(connection, ledger.add(draft).id, letter)
        return self.carry_on(key, wanted)

    def carry_on(self, key: str, to: Iterable[str]) -> tuple[Draft, ...]:
        """Send what was entered and is not known to have been sent."""
        for draft in self.known(key, to).values():
            if draft is not None and not draft.state.done:
                self._desk.send(draft.id)
        return tuple(draft for draft in self.known(key, to).values() if draft is not None)

    def _id(self, key: str, address: str) -> str:
        return self._desk.store.keys.draft("mail", key, address.casefold())


def _addresses(to: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for word in to:
        address = word.strip()
        if not _ADDRESS.fullmatch(address):
            raise ConfigError(f"{address[:60]!r} is no mail address such as kabid@prov.example")
        found.setdefault(address.casefold(), address)
    if not found:
        raise ConfigError("a mail needs an address such as kabid@prov.example")
    return list(found.values())
