"""What the invented people of the simulator say. No sentence is anybody's."""

from typing import NamedTuple

__all__ = ["AGENCIES", "ANSWERS", "NAMES", "NEEDS", "PLACES", "THANKS", "Habits"]


class Habits(NamedTuple):
    """An agency and how it answers.

    Attributes:
        answers: Share of messages that get an answer at all.
        hours_log: Logarithm of the median delay in hours.
        library: Share of the answers that go through the library; the rest is typed in apps.
    """

    key: str
    name: str
    answers: float
    hours_log: float
    library: float


AGENCIES = (
    Habits("dinsos", "Dinas Sosial", 0.92, 0.3, 0.9),
    Habits("dinkes", "Dinas Kesehatan", 0.88, 0.9, 0.8),
    Habits("disdik", "Dinas Pendidikan dan Kebudayaan", 0.75, 1.8, 0.7),
    Habits("pupr", "Dinas Pekerjaan Umum dan Penataan Ruang", 0.40, 3.2, 0.6),
    Habits("dishub", "Dinas Perhubungan", 0.65, 2.4, 0.5),
    Habits("nakertrans", "Dinas Ketenagakerjaan dan Transmigrasi", 0.80, 2.9, 0.8),
    Habits("dlhk", "Dinas Lingkungan Hidup dan Kehutanan", 0.55, 2.0, 0.3),
    Habits("bapenda", "Badan Pendapatan Daerah", 0.97, -0.4, 0.95),
)

NAMES = ("wati", "budi", "sari", "joko", "lina", "andi", "rina", "tono", "maya", "eko")
PLACES = ("Curup", "Manna", "Arga Makmur", "Kepahiang", "Tais", "Bintuhan", "Rawa Makmur")
NEEDS = {
    "dinsos": (
        "Min, bantuan beras di {place} bulan ini kok belum sampai?",
        "Cara daftar bantuan lansia di {place} bagaimana ya?",
        "Tetangga saya di {place} lumpuh dan belum pernah dapat bantuan, mohon dibantu.",
    ),
    "dinkes": (
        "Obat di rumah sakit {place} habis terus, kapan ada lagi?",
        "Jadwal vaksin di {place} kapan ya min?",
        "Antre di poli {place} sampai 5 jam, tolong dibenahi.",
    ),
    "disdik": (
        "Syarat pindah SMA ke {place} apa saja min?",
        "Atap kelas SMK di {place} bocor, kapan diperbaiki?",
        "Guru matematika di {place} kosong sejak Agustus.",
    ),
    "pupr": (
        "Jalan provinsi di {place} rusak parah, sudah 3 minggu!",
        "Jembatan di {place} la rusak nian, la lamo idak dibenahi.",
        "Kapan irigasi {place} dikerjakan?",
    ),
    "dishub": (
        "Bus ke {place} sering telat, tolong ditertibkan.",
        "Lampu merah simpang {place} mati dari kemarin.",
        "Terminal {place} buka jam berapa?",
    ),
    "nakertrans": (
        "Upah saya di {place} belum dibayar dua bulan, ke mana melapor?",
        "Ada pelatihan kerja di {place} tahun ini?",
    ),
    "dlhk": (
        "Sungai di {place} keruh dan bau, ada pabrik buang limbah.",
        "Sampah di tepi jalan {place} menumpuk seminggu.",
    ),
    "bapenda": (
        "Samsat {place} hari Sabtu buka gak?",
        "Pemutihan pajak kendaraan di {place} sampai kapan min?",
        "Bayar pajak motor di {place} bisa online?",
    ),
}
ANSWERS = (
    "Terima kasih laporannya, Bapak/Ibu. Petugas bidang teknis kami ke lokasi pada {day}. ^LM",
    "Selamat siang Kak, syaratnya KTP dan surat pengantar; loket 2 buka 08.00-14.00 WIB. ^AR",
    "Mohon maaf atas keterlambatannya. Unit kami menyelesaikannya paling lambat {day}. ^DW",
    "Sudah kami teruskan ke unit layanan dan dijadwalkan {day}. Tiketnya kami pantau. ^SN",
)
THANKS = ("Terima kasih banyak min!", "Mokasih, cepat nian.", "Oke siap, ditunggu.")
