"""``desk.audit``: answers read by a person outside the agency, who does not know whose they are.

Source:
    score.md, 5 (the rubric): a random sample, 30 answers an agency and month, or all.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from pelayanan.cases import Case, ThreadItem
from pelayanan.errors import ConfigError
from pelayanan.models import Period, Record
from pelayanan.score.rubric import SAMPLE, Agreement, Given, Marks, agreement, read_marks
from pelayanan.store.audits import AuditRows, Candidate, Drawn, Rated, is_insider
from pelayanan.store.masses import claim_masses
from pelayanan.store.reading import FORGOTTEN, case_of
from pelayanan.text.hiding import hide_places

if TYPE_CHECKING:
    from pelayanan.desk.desk import Desk

__all__ = ["AuditDesk", "AuditItem", "AuditMark", "AuditProgress", "AuditSample", "audited"]

_TALK = 12  # messages shown before the answer


class AuditItem(Record):
    """An answer to read. Neither its id nor its texts name agency, officer or citizen.

    Attributes:
        question: What was said before the answer, the latest last.
        raters: How many persons have marked it.
    """

    id: str
    question: str
    answer: str
    raters: int = 0


class AuditSample(Record):
    """The answers of a month that are read, in an order that tells nothing.

    Attributes:
        seed: By which anybody can draw them again.
        closed: Whether the month is over; before that further answers may come in.
    """

    period: str
    seed: str
    closed: bool
    items: tuple[AuditItem, ...]


class AuditMark(Record):
    """What one rater says of one answer.

    Attributes:
        marks: Eight times 0 or 1, in the order of `pelayanan.score.rubric.ITEMS`.
        changed: Whether anything was written.
    """

    item: str
    marks: str
    by: str
    changed: bool


class AuditProgress(Record):
    """How far the reading of a month is, and how far two raters agree."""

    period: str
    drawn: int
    marked: int
    twice: int
    agreement: tuple[Agreement, ...]


class AuditDesk:
    """The audits of one desk."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def sample(self, period: Period, *, seed: str | None = None) -> AuditSample:
        """Draw the answers of a month: of each agency the 30 first in an order that nobody chose.

        The order is that of SHA-256 over seed and message id. What was drawn stays drawn, and
        drawing again gives the same; answers that are fetched later are added where they stand
        among the first 30, as if all had been there from the beginning.

        Args:
            seed: Fixed with the first draw of the month, for example numbers of a public lottery.
                Default: a keyed hash of the month, fixed since the store was made.

        Raises:
            ConfigError: The month was drawn by another seed.
        """
        desk = self._desk
        first, after = period.bounds(desk.config.zone)
        claim_masses(desk.store, first, zone=desk.config.zone, now=desk.now)
        with desk.store.writing() as connection:
            rows = AuditRows(connection, desk.now)
            fixed = self._seed(rows, period, seed)
            known = {each.answer.message_id: each for each in rows.drawn(period.name)}
            fresh = _draw(known, rows.candidates(first, after), fixed, rows.is_answer)
            made = [
                (desk.store.keys.audit_item(period.name, each.message_id), rank, each)
                for rank, each in fresh
            ]
            rows.keep(period.name, made)
            names = self._names(rows)
            shown = [
                _item(each, names, case_of(connection, each.answer.case_id))
                for each in _counted(rows.drawn(period.name))
            ]
        items = tuple(sorted((each for each in shown if each), key=lambda item: item.id))
        return AuditSample(period=period.name, seed=fixed, closed=desk.now >= after, items=items)

    def record(self, item_id: str, marks: Given, *, by: str, correct: bool = False) -> AuditMark:
        """Keep what a person says of an answer. The same marks twice change nothing.

        Args:
            marks: ``"11011111"``, eight numbers, or by name of `pelayanan.score.rubric.ITEMS`.
            by: Who read it: somebody outside the agency. Who wrote or approved in its name, or
                acted in the case, is refused; whoever else belongs to it cannot be known here.
            correct: Replace this rater's earlier marks; these are kept beside the new ones.

        Raises:
            ConfigError: There is no such item, the marks have another form, `by` is empty, an
                insider, or has marked it otherwise.
        """
        told = "".join(map(str, read_marks(marks)))
        rater = " ".join(by.split())
        if not rater:
            raise ConfigError("by= is empty: say who read the answer")
        with self._desk.store.writing() as connection:
            rows = AuditRows(connection, self._desk.now)
            drawn = rows.need(item_id)
            if is_insider(connection, rater, drawn.answer.case_id, drawn.answer.agency):
                raise ConfigError(
                    f"{item_id}: {rater!r} writes or approves for this agency: "
                    "somebody outside it reads this answer"
                )
            mine = [each for each in drawn.rated if each.rater.casefold() == rater.casefold()]
            before = mine[0] if mine else Rated(rater, "", -1)
            changed = before.marks != told
            if changed and mine and not correct:
                raise ConfigError(
                    f"{rater!r} marked {item_id} {before.marks} before: say correct to replace it"
                )
            if changed:
                rows.rate(item_id, Rated(before.rater, told, before.version + 1))
        return AuditMark(item=item_id, marks=told, by=before.rater, changed=changed)

    def progress(self, period: Period) -> AuditProgress:
        """How many answers of a month were drawn and read, and how far two raters agree."""
        with self._desk.store.reading() as connection:
            counted = _counted(AuditRows(connection, self._desk.now).drawn(period.name))
        twice = [each.rated[:2] for each in counted if len(each.rated) > 1]
        return AuditProgress(
            period=period.name,
            drawn=len(counted),
            marked=sum(bool(each.rated) for each in counted),
            twice=len(twice),
            agreement=agreement((_marks(first), _marks(second)) for first, second in twice),
        )

    def _seed(self, rows: AuditRows, period: Period, stated: str | None) -> str:
        fixed = rows.seed(period.name)
        if fixed is None:
            rows.begin(period.name, stated or self._desk.store.keys.audit_seed(period.name))
            fixed = rows.seed(period.name)
        assert fixed is not None, "it was begun"
        if stated not in {None, "", fixed}:
            raise ConfigError(f"{period} was drawn by another seed: leave the seed out")
        return fixed

    def _names(self, rows: AuditRows) -> list[str]:
        """All agencies, not only the one asked: that its name is missing would tell, too."""
        config = self._desk.config
        told = [name for agency in config.agencies for name in (agency.key, agency.name)]
        return [*told, *rows.names(), config.province.name]


def audited(drawn: Iterable[Drawn]) -> dict[tuple[str, str, str], Counter[str]]:
    """Counts of the tally by agency, kind and channel: of each answer its first rater's marks.

    Who comes second shows how far one may rely on the first, and moves no score.
    """
    found: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for each in _counted(drawn):
        if each.rated:
            row = found[each.answer.agency, each.answer.kind, each.answer.channel]
            row["audited_answers"] += 1
            row["audited_ok"] += sum(_marks(each.rated[0]))
    return found


def _draw(
    known: dict[str, Drawn],
    candidates: Iterable[Candidate],
    seed: str,
    is_answer: Callable[[Candidate], bool],
) -> list[tuple[str, Candidate]]:
    """What is to be added, each with its rank; an answer is looked at only where it may count."""
    queues: dict[str, list[tuple[str, str, Candidate]]] = defaultdict(list)
    for each in {**{one.message_id: one for one in candidates}, **_alive(known)}.values():
        rank = sha256(f"{seed}\x1f{each.message_id}".encode()).hexdigest()
        queues[each.agency].append((rank, each.message_id, each))
    fresh: list[tuple[str, Candidate]] = []
    for queue in queues.values():
        taken = 0
        for rank, message_id, each in sorted(queue, key=lambda one: one[:2]):
            if taken == SAMPLE:
                break
            if message_id in known:
                taken += 1
            elif is_answer(each):
                taken += 1
                fresh.append((rank, each))
    return fresh


def _alive(known: dict[str, Drawn]) -> dict[str, Candidate]:
    return {key: each.answer for key, each in known.items() if each.readable or each.rated}


def _counted(drawn: Iterable[Drawn]) -> list[Drawn]:
    """The first of each agency. What was forgotten before anybody read it makes room."""
    places: Counter[str] = Counter()
    kept: list[Drawn] = []
    for each in sorted(drawn, key=lambda one: one.rank):
        if (each.readable or each.rated) and places[each.answer.agency] < SAMPLE:
            places[each.answer.agency] += 1
            kept.append(each)
    return kept


def _marks(rated: Rated) -> Marks:
    return read_marks(rated.marks)


# ---- what a rater sees


def _item(drawn: Drawn, names: Iterable[str], case: Case | None) -> AuditItem | None:
    """Question and answer, masked; ``None`` where the answer was forgotten."""
    if case is None or not drawn.readable:
        return None
    thread = [item.model_copy(update={"text": _hidden(item, case, names)}) for item in case.thread]
    places = [number for number, item in enumerate(thread) if item.id == drawn.answer.message_id]
    if not places:
        return None
    before = thread[: places[0]]
    return AuditItem(
        id=drawn.id,
        question=_talk(before[-_TALK:]),
        answer=thread[places[0]].text,
        raters=len(drawn.rated),
    )


def _hidden(item: ThreadItem, case: Case, names: Iterable[str]) -> str:
    return FORGOTTEN if item.text == FORGOTTEN else hide_places(case.author.hide(item.text), names)


def _talk(items: Sequence[ThreadItem]) -> str:
    """One citizen's words as they stand; a conversation says who speaks."""
    if all(item.direction == "in" for item in items):
        return "\n\n".join(item.text for item in items)
    who = {"in": "Warga", "out": "Instansi"}
    return "\n\n".join(f"{who[item.direction]}: {item.text}" for item in items)
