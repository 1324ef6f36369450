"""The gaming report in words: what a figure may mean, and what else explains it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from pelayanan.score.explain import number

if TYPE_CHECKING:
    from pelayanan.score.explain import Lang
    from pelayanan.score.gaming.figures import Figure, FigureName

__all__ = ["label", "told"]


class _Words(NamedTuple):
    """Indonesian and English each."""

    label: tuple[str, str]
    means: tuple[str, str]
    innocent: tuple[str, str]


_WORDS: "dict[FigureName, _Words]" = {
    "template": _Words(
        ("jawaban dengan satu teks", "answers that are one text"),
        (
            "teks yang sama dikirim tanpa membaca pertanyaannya",
            "the same text goes out, whatever was asked",
        ),
        (
            "banyak warga menanyakan hal yang sama, misalnya jadwal",
            "many citizens asked the same, such as a date",
        ),
    ),
    "pick_order": _Words(
        ("didahului yang lebih baru", "overtaken by younger cases"),
        (
            "yang baru didahulukan karena masih memberi poin, yang lama ditinggal",
            "new cases come first since they still earn points, old ones are left",
        ),
        (
            "kotak masuk menampilkan yang terbaru di atas; perkara lama memang sulit",
            "the inbox shows the newest on top; the old cases are the hard ones",
        ),
    ),
    "excluded": _Words(
        ("dikeluarkan dengan klaim", "excluded by claims"),
        (
            "perkara yang sulit dikeluarkan dari hitungan",
            "hard cases are taken out of the count",
        ),
        (
            "kampanye spam, atau banyak pesan ganda, pada bulan itu",
            "a wave of spam, or many doubles, in that month",
        ),
    ),
    "heaping": _Words(
        ("dijawab tepat sebelum ambang", "answered just before a threshold"),
        (
            "jawaban ditahan sampai ambang, atau waktunya dicatat lebih awal",
            "answers wait for the threshold, or are dated before it",
        ),
        (
            "pengingat otomatis menjelang batas waktu bekerja dengan baik",
            "a reminder shortly before the limit does its work",
        ),
    ),
    "only_acknowledged": _Words(
        ("hanya diterima, tidak dijawab", "acknowledged only, never answered"),
        (
            "warga ditenangkan dengan 'sudah kami terima', lalu dibiarkan",
            "citizens hear 'we received it' and nothing after",
        ),
        (
            "jawaban diberikan lewat telepon atau loket dan tidak dicatat",
            "answers were given by phone or at the counter and not recorded",
        ),
    ),
    "handed_over": _Words(
        ("diteruskan dan tidak dijawab", "handed over and never answered"),
        (
            "perkara dipindahkan ke penerima yang menerima semuanya dan tidak menjawab",
            "cases go to a receiver that takes everything and answers nothing",
        ),
        (
            "tugas memang beralih, dan penerima kewalahan",
            "the task did move, and the receiver cannot keep up",
        ),
    ),
    "authors": _Words(
        ("dijawab cepat, dari penulis yang sering", "quick answers to frequent writers"),
        (
            "orang dalam bertanya sendiri supaya banyak yang dijawab cepat",
            "insiders ask, so that many are answered quickly",
        ),
        (
            "pendamping atau wartawan menulis untuk banyak warga",
            "a helper or a journalist writes for many citizens",
        ),
    ),
    "dated_back": _Words(
        ("mengaku lebih tua daripada terlihat", "claimed to be older than they were seen"),
        (
            "jawaban diberi waktu yang lebih awal daripada saat ditulis",
            "answers carry an earlier time than that of writing",
        ),
        (
            "jam salah, surat ditulis tanpa jaringan, atau platform menampilkannya terlambat",
            "a clock was wrong, mails were written without network, or were listed late",
        ),
    ),
    "recorded_late": _Words(
        ("dicatat lebih dari satu hari kerja kemudian", "recorded over a working day later"),
        (
            "jawaban dicatat dengan waktu yang lebih awal daripada kenyataan",
            "answers are recorded with an earlier time than the true one",
        ),
        (
            "catatan telepon atau loket dimasukkan seminggu sekali",
            "notes of calls or of the counter are entered once a week",
        ),
    ),
}
_FEW = ("data belum cukup", "too few")
_LOOK = ("PERLU DILIHAT", "WORTH A LOOK")
_HEADS = (
    ("bisa berarti", "penjelasan wajar", "diharapkan", "perkara"),
    ("may mean", "innocent explanation", "expected", "cases"),
)
_SHOWN = 5  # cases in words; all are in the figure


def label(name: "FigureName", lang: "Lang") -> str:
    """What a figure is called."""
    return _WORDS[name].label[lang == "en"]


def told(figure: "Figure", lang: "Lang") -> Iterator[str]:
    """A figure, and where it is worth a look what it may mean and what else explains it."""
    en = lang == "en"
    words = _WORDS[figure.name]
    if figure.value is None or figure.low is None or figure.high is None:
        yield f"{words.label[en]}: {_FEW[en]} (n = {figure.n})"
        return
    ends = f"{number(100 * figure.low, lang, 1)}-{number(100 * figure.high, lang, 1)}"
    line = f"{words.label[en]}: {number(100 * figure.value, lang, 1)} % ({ends}), n = {figure.n}"
    means, innocent, expected, cases = _HEADS[en]
    if figure.expected is not None:
        line += f", {expected} {number(100 * figure.expected, lang, 1)} %"
    if figure.about:
        line += f" [{figure.about}]"
    if not figure.look:
        yield line
        return
    yield f"{line}  {_LOOK[en]}"
    yield f"  {means}: {words.means[en]}"
    yield f"  {innocent}: {words.innocent[en]}"
    if figure.cases:
        rest = len(figure.cases) - _SHOWN
        yield f"  {cases}: {', '.join(figure.cases[:_SHOWN])}" + f" … (+{rest})" * (rest > 0)
