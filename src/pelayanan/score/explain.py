"""The index in words that an official can check on paper.

Source:
    score.md, 5 (explanation).
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from pelayanan.cases import Standards
from pelayanan.models import Record
from pelayanan.score.lines import Line, two_decimals

if TYPE_CHECKING:
    from pelayanan.score.agency import AgencyScore, Waiting

__all__ = ["Explained", "Lang", "explain", "flag_name", "number", "threshold_names"]

Lang: TypeAlias = Literal["id", "en"]

_PARTS = {
    "in_time": ("dijawab dalam batas hukum", "answered within the legal limit"),
    "durable": ("selesai tepat waktu dan tahan", "resolved in time, for good"),
    "coverage": ("akun terpantau", "accounts watched"),
    "rubric": ("mutu jawaban (rubrik)", "quality of answers (rubric)"),
    "promises": ("janji ditepati", "promises kept"),
    "right_agency": ("perangkat daerah yang tepat", "the right agency"),
    "one_contact": ("selesai dalam satu kontak", "solved in one contact"),
    "not_held_back": ("tidak ditahan sebelum diteruskan", "not held back before a hand-over"),
}
_MOVED = {
    "floor_C": ("dinaikkan ke C: batas hukum ditaati", "raised to C: the law was kept"),
    "cap_C": ("dibatasi C: batas hukum atau mutu jawaban", "capped at C: the limit or the answers"),
    "cap_B": (
        "dibatasi B: jawaban belum dinilai orang luar",
        "capped at B: nobody read the answers",
    ),
}
_FLAGS = {
    "too_few": ("data belum cukup untuk mutu", "too few cases for a grade"),
    "sementara": ("sementara (di bawah 30 perkara)", "preliminary (under 30 cases)"),
    "provisional": (
        "belum final: pemantauan di bawah 80 % atau pengecualian di atas 15 %",
        "provisional: under 80 % watched or over 15 % excluded",
    ),
    "mix": (
        "porsi informasi jauh di atas yang lain",
        "far more requests for information than others",
    ),
    "template": ("lebih dari separuh jawaban satu teks", "over half of the answers are one text"),
}
_TITLE = (
    "Indeks Daya Tanggap (IDT), mutu setara kelas SKM",
    "Indeks Daya Tanggap (IDT), grades on the scale of the SKM classes",
)


class Explained(Record):
    """An explanation: rows with numbers, and the same as text.

    Attributes:
        rows: One a line of the index.
        index: As it is printed; the printed points of `rows` sum to it.
        lines: The text.
    """

    rows: tuple[Line, ...]
    index: Decimal | None
    lines: tuple[str, ...]
    lang: Lang = "id"

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def with_waiting(self, waiting: "Sequence[Waiting]", then: "AgencyScore") -> "Explained":
        """With the oldest open cases, and the index had they been answered now."""
        ids = ", ".join(each.case_id for each in waiting)
        index = "-" if then.index is None else number(then.index, self.lang)
        grade = f" ({then.grade})" if then.grade else ""
        told = (
            (f"Paling lama menunggu: {ids}", f"Bila dijawab pada saat itu: {index}{grade}"),
            (f"Waiting longest: {ids}", f"Had they been answered by then: {index}{grade}"),
        )[self.lang == "en"]
        return self.model_copy(update={"lines": (*self.lines, *told)})


def flag_name(name: str) -> str:
    """A flag in a few Indonesian words; the explanation says more."""
    return _FLAGS[name][0].partition(":")[0].partition(" (")[0]


def explain(score: "AgencyScore", lang: Lang) -> Explained:
    """The score of an agency in words."""
    index = None if score.index is None else two_decimals(score.index)
    lines = (*_head(score, lang), *_body(score, lang), *_foot(score, lang))
    return Explained(rows=score.lines, index=index, lines=lines, lang=lang)


def number(value: float, lang: Lang, digits: int = 2) -> str:
    """A number as the language writes it, half up."""
    shown = two_decimals(value) if digits == 2 else Decimal(f"{value:.{digits}f}")
    return str(shown).replace(".", ",") if lang == "id" else str(shown)


def _counted(value: float, lang: Lang) -> str:
    """All digits of a count; the rubric counts in eighths of an answer."""
    shown = f"{value:.3f}".rstrip("0").rstrip(".")
    return shown.replace(".", ",") if lang == "id" else shown


def threshold_names(definition: str, lang: Lang) -> tuple[str, ...]:
    """Names of the eight thresholds of the office clock."""
    names = Standards.load(definition).labels["office"]
    words = {"menit": "minute", "jam": "hour", "hari": "working day"}
    if lang == "id":
        return names
    parted = (name.split() for name in names)
    return tuple(f"{many} {words[unit]}{'s' * (many != '1')}" for many, unit in parted)


def _head(score: "AgencyScore", lang: Lang) -> Iterator[str]:
    en, on = lang == "en", score.footing
    yield _TITLE[en]
    if score.index is None or score.low is None or score.high is None:
        yield ("belum ada yang wajib dijawab: tanpa indeks", "nothing to answer: no index")[en]
    else:
        ends = f"{number(score.low, lang)} {('sampai', 'to')[en]} {number(score.high, lang)}"
        grade = score.grade or ("belum cukup data", "too few data")[en]
        yield (
            f"{('Indeks', 'Index')[en]} {number(score.index, lang)} (90 %: {ends}), "
            f"{('mutu', 'grade')[en]} {grade}, n = {score.n}"
        )
    yield (
        f"{on.period}, {('definisi', 'definition')[en]} {on.definition}, "
        f"{('profil', 'profile')[en]} {on.profile}, {('kalender', 'calendar')[en]} {on.calendar}, "
        f"{('sampai', 'as of')[en]} {on.as_of:%Y-%m-%d %H:%M %Z}"
    )


def _body(score: "AgencyScore", lang: Lang) -> Iterator[str]:
    names = threshold_names(score.footing.definition, lang)
    en = lang == "en"
    for row, line in enumerate(score.lines):
        label = (
            f"{('dijawab dalam', 'answered within')[en]} {names[row]}"
            if line.name.startswith("answered")
            else _PARTS[line.name][en]
        )
        raw = "-" if line.raw is None else f"{number(100 * line.raw, lang, 1)} %"
        count = f"{_counted(line.k, lang)} {('dari', 'of')[en]} {_counted(line.n, lang)}"
        ends = f"{number(line.low, lang, 1)}-{number(line.high, lang, 1)}"
        estimate = f"{number(100 * line.estimate, lang, 1)} % ({ends})"
        weight = number(line.weight, lang, 4)
        points = number(line.printed / 100, lang)
        yield f"{label:<34} {count:>12} {raw:>8}  {estimate:<24} x {weight} {points:>6}"
    if score.lines and score.index is not None:
        total = number(score.index, lang)
        yield f"{('jumlah', 'sum')[en]:<34} {'':>12} {'':>8}  {'':<24}   {'':6} {total:>6}"


def _foot(score: "AgencyScore", lang: Lang) -> Iterator[str]:
    en = lang == "en"
    yield from (_MOVED[name][en] for name in score.moved_by)
    if score.index is not None:
        flags = score.flags.model_dump()
        yield from (told[en] for name, told in _FLAGS.items() if flags[name])
    if score.without_informasi is not None:
        told = ("CEPAT tanpa informasi", "CEPAT without requests for information")[en]
        yield f"{told}: {number(score.without_informasi, lang)}"
