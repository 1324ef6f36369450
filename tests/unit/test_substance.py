import pytest

from pelayanan.triage import Substance, substance

SAYS_NOTHING = [
    ("", "empty"),
    ("  \n", "empty"),
    ("...", "empty"),
    ("@wati@contoh.example", "empty"),
    ("👍🙏", "emoji"),
    ("@wati 🙏🙏", "emoji"),
    ("Halo Kak", "greeting"),
    ("Selamat pagi, Ibu Wati 😊", "greeting"),
    ("Assalamualaikum wr. wb.", "greeting"),
    ("Terima kasih", "thanks"),
    ("Makasiiih kak 🙏", "thanks"),
    ("Terima kasih atas masukannya, Bapak Budi Contoh. ^AR", "thanks"),
    ("Mokasih nian infonyo, Dang", "thanks"),
    ("Sama-sama kak", "thanks"),
    ("sama2 bu", "thanks"),
    ("Trims sarannya min", "thanks"),
    ("Terima kasih telah menghubungi kami", "thanks"),
    ("Kami mengapresiasi kepedulian Bapak/Ibu, semoga sehat selalu", "thanks"),
    ("Terima kasih sudah menghubungi Dinas Sosial Provinsi Bengkulu.", "thanks"),
    ("Thank you for your message", "thanks"),
    ("Mohon maaf atas ketidaknyamanannya 🙏", "apology"),
    ("Pesan diterima", "received"),
    ("Laporannya sudah kami terima ya kak", "received"),
    ("Lah kami terimo laporannyo, mokasih", "received"),
    ("Baik, noted kak", "received"),
    ("Siap pak", "received"),
    ("oke", "received"),
    ("Aduan sudah kami catat dengan nomor tiket BKL-2026-0012. Terima kasih.", "received"),
    ("Terima kasih, laporan no. 2026/10/77 telah diterima.", "received"),
    ("We have received your report, thank you", "received"),
    ("Ya kak, laporannya sudah kami terima", "received"),
    ("Baik, akan kami tindak lanjuti.", "vague"),
    ("Terima kasih laporannya, segera kami tindaklanjuti 🙏", "vague"),
    ("Mohon ditunggu ya kak", "vague"),
    ("Sabar kudai yo", "vague"),
    ("Kami teruskan ke bidang terkait", "vague"),
    ("Sudah kami sampaikan kepada pimpinan", "vague"),
    ("Akan kami cek dulu ya Bu Wati", "vague"),
    ("Akan kami tindak lanjuti sesuai ketentuan yang berlaku", "vague"),
    ("Mohon ditunggu informasi selanjutnya", "vague"),
    ("Kelak kami cek kak", "vague"),
    ("Sedang kami proses, mohon ditunggu.", "vague"),
    ("Silakan DM kak", "moved"),
    ("Silahkan hubungi kami lewat DM ya", "moved"),
    ("Cek inbox ya kak, sudah kami balas", "moved"),
    ("Hai Kak Wati! Terima kasih sudah menghubungi kami. Mohon kesediaannya untuk DM ya", "moved"),
    ("Mohon japri admin 🙏", "moved"),
    ("Terima kasih, silakan kirim pesan langsung kepada kami", "moved"),
    ("Silakan menghubungi kami", "moved"),
    ("boleh wa kami kak?", "moved"),
    ("Please send us a direct message", "moved"),
]

SAYS_SOMETHING = [
    "Buka, Kak.",
    "Ya",
    "Iya kak, bisa",
    "Ya, terima kasih",
    "Tidak",
    "Belum kak",
    "Sudah",
    "Boleh kak",
    "Kantor buka Senin sampai Jumat.",
    "Besok petugas Bidang Bina Marga ke lokasi.",
    "Terima kasih, petugas kami ke lokasi besok",
    "Kami teruskan ke Dinas PUPR",
    "Diteruskan ke Bidang Linjamsos, kabar paling lambat 12 Oktober.",
    "Akan kami tindaklanjuti dalam 3 hari kerja",
    "Sudah kami tindak lanjuti kak",
    "Laporan sudah ditindaklanjuti",
    "Sudah diperbaiki 🙏",
    "Lampu la hidup, mokasih",
    "Lokasinya di mana kak?",
    "Mohon kirim foto jalannya lewat DM",
    "Silakan DM nama lengkap dan alamat",
    "Boleh minta nomor meternya?",
    "RT berapa, Bu?",
    "Syaratnya fotokopi KTP dan KK",
    "Silakan datang ke kantor kami",
    "Silakan hubungi 0736-21450",
    "Silakan menghubungi Dinas Kesehatan",
    "Untuk itu bisa menghubungi Dinas Dukcapil kota, bawa KK",
    "https://dinsos.example/syarat",
    "Terima kasih, formulirnya di https://dinsos.example/form",
    "Gratis, tidak dipungut biaya",
    "Kuota tahun ini habis",
    "Itu kewenangan kabupaten",
    "08.00-15.30 WIB",
    "12",
    "Mohon maaf, server sedang gangguan",
    "Baik, jalannya masuk anggaran perubahan",
    "Kami akan sampaikan ke Bapak Kepala Bidang Linjamsos",
    "Bapak Budi sudah terdaftar",
    "Sedang kami proses",
    "Pesan diterima? Bukan, berkasnya masih kurang",
    "Elok kudai, aek masih keruh siko",
    "Halo kak - buka",
    "Siap Pak Besok",
    "Mantap",
    "Kantor tutup ^AR",
]


@pytest.mark.parametrize(("reply", "reason"), SAYS_NOTHING)
def test_what_says_nothing_is_no_answer(reply: str, reason: str) -> None:
    assert substance(reply) == Substance(substantive=False, reason=reason)


@pytest.mark.parametrize("reply", SAYS_SOMETHING)
def test_what_says_anything_is_an_answer(reply: str) -> None:
    assert substance(reply) == Substance(substantive=True, reason="content")


@pytest.mark.parametrize("reply", [reply for reply, _ in SAYS_NOTHING])
def test_one_named_thing_makes_it_an_answer(reply: str) -> None:
    assert substance(f"{reply}\nPetugas Dinas Sosial datang hari Rabu.").substantive
