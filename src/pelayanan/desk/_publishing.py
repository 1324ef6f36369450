"""What stands against a publication: consent, alternative texts, the platform, its words."""

from collections.abc import Iterator, Mapping, Sequence

from pelayanan.aid import AidMedium, may_publish
from pelayanan.errors import ConfigError
from pelayanan.protocol.capabilities import Account, Publisher
from pelayanan.reply.draft import Draft
from pelayanan.reply.lint import lint
from pelayanan.store.aid import AidRows

__all__ = ["against"]


def against(
    rows: AidRows, draft: Draft, accounts: Mapping[str, Account], own_contacts: Sequence[str]
) -> tuple[str, ...]:
    """Say in Indonesian what keeps a draft of a publication from going out; empty if nothing does.

    Raises:
        ConfigError: Its account or its event is not known, or the event has no such picture.
    """
    event = rows.need(draft.aid_id or "")
    kept = {medium.sha256: medium for medium in event.media}
    if unknown := [each.sha256 for each in draft.media if each.sha256 not in kept]:
        raise ConfigError(f"the event has no picture {unknown[0][:12]!r}")
    shown = tuple(
        kept[each.sha256].model_copy(update={"alt": each.alt or kept[each.sha256].alt})
        for each in draft.media
    )
    account = accounts.get(draft.account)
    if account is None:
        raise ConfigError(f"no account {draft.account!r}; there are {', '.join(sorted(accounts))}")
    if not isinstance(account, Publisher):
        return (f"akun {draft.account} tidak dapat menerbitkan",)
    can = account.capabilities
    limits = (can.media_text if shown else ()) or can.text
    return (
        *may_publish(event, shown, rows.consents_of(event.id)),
        *_too_many(draft.account, account, shown),
        *(
            remark.message
            for remark in lint(draft.text, limits=limits, allow=own_contacts)
            if remark.severity == "stop"
        ),
    )


def _too_many(key: str, account: Account, shown: Sequence[AidMedium]) -> Iterator[str]:
    allowed = account.capabilities.media or {}
    pictures = sum(each.media_type.startswith("image/") for each in shown)
    for number, most, name in (
        (pictures, allowed.get("image", 0), "gambar"),
        (len(shown) - pictures, allowed.get("video", 0), "video"),
    ):
        if number > most:
            yield f"akun {key} memuat paling banyak {most} {name}"
