"""``report --mail-to``: made and mailed once, however often cron starts it."""

import argparse

from pelayanan.cli.replies import code_of, unsaid
from pelayanan.cli.work import say, show_json
from pelayanan.desk.desk import Desk
from pelayanan.errors import ConfigError
from pelayanan.models import Period
from pelayanan.platforms.email import Email
from pelayanan.reply.draft import Draft
from pelayanan.report import monthly
from pelayanan.report.mailing import report_mail

__all__ = ["mail_report"]


def mail_report(args: argparse.Namespace, desk: Desk, period: Period) -> int:
    """Mail a month's report to those who have it not; 1 where a person is needed, 75 for later."""
    to, key = str(args.mail_to).split(","), _key(desk, period)
    before = desk.letters.known(key, to)
    if args.output:
        monthly(desk, period).save(args.output)
    if None in before.values():
        mail = report_mail(monthly(desk, period))
        drafts = desk.letters.send(
            to,
            account=args.account or _account(desk),
            subject=mail.subject,
            text=mail.text,
            attachments=mail.attachments,
            key=key,
            by=args.by,
        )
    else:  # what is entered keeps its words: the report is not made again
        drafts = desk.letters.carry_on(key, to)
    done = {each.id for each in before.values() if each is not None and each.state.done}
    for draft in drafts:
        _show(args, draft, period, before=draft.id in done)
    return code_of(drafts)


def _key(desk: Desk, period: Period) -> str:
    """Of a month that goes on, each day's report is another one than that of its end."""
    today = desk.now.astimezone(desk.config.zone).date()
    over = Period.of(today).name > period.name
    return f"laporan-{period}" if over else f"laporan-{period}-sampai-{today}"


def _account(desk: Desk) -> str:
    if desk.config.report.account is not None:
        return desk.config.report.account
    mailboxes = [each.key for each in desk.config.accounts if each.platform == Email.name]
    if len(mailboxes) != 1:
        raise ConfigError(
            f"which mailbox sends the report? write [report] account = one of "
            f"{', '.join(mailboxes) or 'your accounts of platform email'}, or give --from"
        )
    return mailboxes[0]


def _show(args: argparse.Namespace, draft: Draft, period: Period, *, before: bool) -> None:
    if args.json:
        told = {"to": draft.recipient, "draft": draft.id, "state": draft.state.value}
        told |= {"period": period.name, "error": draft.error, "remedy": draft.remedy}
        show_json(told | {"needs": draft.needs, "before": before})
        return
    name = draft.recipient
    if before:
        say(args, f"{name}: sudah terkirim sebelumnya", f"{name}: was sent before")
        return
    if draft.state.done:
        say(args, f"{name}: terkirim", f"{name}: sent")
        return
    why = f": {draft.error}" if draft.error else ""
    why += f" → {draft.remedy}" if draft.remedy else ""
    say(
        args,
        f"{name}: belum pasti, konsep {draft.id} [{draft.state}]{why}",
        f"{name}: not known to be sent, draft {draft.id} [{draft.state}]{why}",
    )
    for need in unsaid(draft):
        say(args, f"  perlu: {need}", f"  needs: {need}")
