"""What the command line says, in Indonesian and English. Imports nothing: `--help` is fast."""

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["COMMANDS", "Command", "lang_of", "text"]


class Command(NamedTuple):
    """A command: the module of this folder that has it, and its one line of help."""

    module: str
    id: str
    en: str

    def help(self, lang: str) -> str:
        """Its one line in a language."""
        return self.en if lang == "en" else self.id


COMMANDS = {
    "init": Command("setup", "buat pelayanan.toml untuk mulai", "make a pelayanan.toml to start"),
    "check": Command("setup", "periksa setiap akun: token, hak, batas, jam", "check each account"),
    "sync": Command("fetching", "ambil pesan warga dari semua akun", "fetch what citizens wrote"),
    "signals": Command("listening", "yang terdengar di luar akun", "what was heard elsewhere"),
    "cases": Command("cases", "daftar perkara", "list cases"),
    "case": Command("cases", "satu perkara dengan percakapannya", "one case with its thread"),
    "reply": Command("replies", "jawab warga: periksa, setujui, kirim", "lint, approve and send"),
    "draft": Command("replies", "tulis jawaban tanpa mengirim", "write a reply, do not send it"),
    "approve": Command("replies", "setujui satu konsep jawaban", "approve a draft"),
    "send": Command("replies", "kirim yang disetujui; cari tahu yang belum pasti", "send drafts"),
    "settle": Command("replies", "putuskan kiriman yang tidak pasti", "settle an unknown outcome"),
    "aid": Command("aid", "catat dan terbitkan bantuan ASN", "log and publish aid"),
    "claims": Command("claiming", "klaim yang menunggu pihak luar", "claims that wait"),
    "audit": Command("audit", "jawaban dibaca pihak luar", "answers read by somebody outside"),
    "score": Command("scoring", "daya tanggap per perangkat daerah", "responsiveness per agency"),
    "tally": Command("tallying", "hitungan satu bulan ke berkas JSON", "a month's counts as JSON"),
    "merge": Command(
        "tallying", "jumlahkan hitungan beberapa provinsi", "add tallies of provinces"
    ),
    "report": Command("reports", "tulis laporan bulanan (HTML)", "write the monthly report"),
    "brief": Command("reports", "ringkasan pagi untuk grup kerja", "the morning brief, as text"),
    "lint": Command("linting", "periksa teks sebelum dikirim", "look at a text before it is sent"),
    "verify": Command("keeping", "periksa rantai catatan", "verify the hash chains"),
    "forget": Command("keeping", "hapus data satu orang", "remove one person's data"),
    "calendar": Command("days", "jelaskan hari kerja", "explain working days"),
    "demo": Command("demo", "provinsi contoh, tanpa jaringan", "a sample province, no network"),
}

_TEXTS = {
    "usage": (
        "pelayanan PERINTAH [--lang en] [--json] …\n\nPerintah:",
        "pelayanan COMMAND [--lang en] [--json] …\n\nCommands:",
    ),
    "codes": (
        """
Kode keluar: 0 selesai; 1 sebagian gagal (sisanya tersimpan); 2 salah pakai; 75 coba lagi nanti.
Bantuan satu perintah: pelayanan PERINTAH --help""",
        """
Exit codes: 0 done; 1 part of it failed (the rest is stored); 2 wrong usage; 75 try again later.
Help on one command: pelayanan COMMAND --help""",
    ),
    "unknown": (
        "tidak ada perintah {name!r}; lihat `pelayanan --help`",
        "there is no command {name!r}; see `pelayanan --help`",
    ),
    "lang": ("--lang is id or en, not {name!r}",) * 2,
    "json": ("keluaran JSON", "JSON output"),
    "show": ("tampilkan nama dan isi apa adanya", "show names and texts as they are"),
    "config": ("berkas konfigurasi (bawaan: pelayanan.toml)", "configuration file"),
}


def text(name: str, lang: str) -> str:
    """One text in a language."""
    return _TEXTS[name][lang == "en"]


def lang_of(words: Sequence[str]) -> tuple[str, list[str]]:
    """The language asked for with ``--lang``, Indonesian otherwise; and the other words."""
    lang, kept, ahead = "id", list[str](), iter(words)
    for word in ahead:
        if word == "--lang":
            lang = next(ahead, "")
        elif word.startswith("--lang="):
            lang = word.removeprefix("--lang=")
        else:
            kept.append(word)
    return lang, kept
