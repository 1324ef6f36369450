"""What the invented people of the simulator say. No sentence is anybody's."""

from typing import NamedTuple

__all__ = ["AGAIN", "AGENCIES", "HOLLOW", "NAMES", "NEEDS", "PLACES", "THANKS", "Habits", "Need"]


class Habits(NamedTuple):
    """An agency and how it answers.

    Attributes:
        answers: Share of messages that get an answer at all.
        hours_log: Logarithm of the median delay in hours.
        library: Share of the answers that go through the library; the rest is typed in apps.
        hollow: Share of the answers that only say "thank you, we pass it on".
    """

    key: str
    name: str
    answers: float
    hours_log: float
    library: float
    hollow: float = 0.0


class Need(NamedTuple):
    """What somebody wants to know or complains about, and what an officer answers.

    Attributes:
        text: As people write it in an app; `formal` as they write it in a mail.
        answer: ``{day}`` is a day soon after.
    """

    subject: str
    text: str
    formal: str
    answer: str


AGENCIES = (
    Habits("dinsos", "Dinas Sosial", 0.92, 0.3, 0.9),
    Habits("dinkes", "Dinas Kesehatan", 0.88, 0.9, 0.8),
    Habits("disdik", "Dinas Pendidikan dan Kebudayaan", 0.75, 1.8, 0.7, 0.05),
    Habits("pupr", "Dinas Pekerjaan Umum dan Penataan Ruang", 0.55, 3.2, 0.6, 0.3),
    Habits("dishub", "Dinas Perhubungan", 0.65, 2.4, 0.5, 0.2),
    Habits("nakertrans", "Dinas Ketenagakerjaan dan Transmigrasi", 0.80, 2.9, 0.8),
    Habits("dlhk", "Dinas Lingkungan Hidup dan Kehutanan", 0.55, 2.0, 0.3, 0.1),
    Habits("bapenda", "Badan Pendapatan Daerah", 0.97, -0.4, 0.95),
)

NAMES = ("wati", "budi", "sari", "joko", "lina", "andi", "rina", "tono", "maya", "eko")
PLACES = ("Curup", "Manna", "Arga Makmur", "Kepahiang", "Tais", "Bintuhan", "Rawa Makmur")

NEEDS = {
    "dinsos": (
        Need(
            "Bantuan beras",
            "Min, bantuan beras di {place} bulan ini kok belum sampai ya?",
            "Bantuan beras untuk lingkungan kami di {place} bulan ini belum kami terima.",
            "Beras untuk {place} diantar {day} lewat kantor desa. Cukup bawa KTP. ^LM",
        ),
        Need(
            "Bantuan lansia",
            "Cara daftar bantuan lansia di {place} gimana, min?",
            "Saya ingin mendaftarkan ibu saya di {place} untuk bantuan lansia. Apa syaratnya?",
            "Daftar lewat operator desa: bawa KTP, KK dan foto rumah, 08.00-14.00. ^AR",
        ),
        Need(
            "Tetangga sakit",
            "Tetangga saya di {place} lumpuh, belum pernah dapat bantuan apa-apa. Mohon dicek min",
            "Tetangga kami di {place} lumpuh dan belum pernah mendapat bantuan. Mohon dikunjungi.",
            "Pekerja sosial kami berkunjung ke {place} pada {day}. ^DW",
        ),
        Need(
            "Kursi roda",
            "Dinsos bisa bantu kursi roda gak? Buat paman saya di {place}",
            "Paman saya di {place} membutuhkan kursi roda. Apakah dinas dapat membantu?",
            "Bisa. Kirim surat dokter ke loket 2, stoknya tersedia mulai {day}. ^SN",
        ),
    ),
    "dinkes": (
        Need(
            "Obat habis",
            "Obat darah tinggi di puskesmas {place} habis terus, kapan ada lagi?",
            "Obat darah tinggi di puskesmas {place} sudah dua minggu habis.",
            "Obatnya dikirim dari gudang farmasi dan tersedia lagi {day}. ^LM",
        ),
        Need(
            "Jadwal imunisasi",
            "Jadwal imunisasi anak di {place} kapan min?",
            "Mohon informasi jadwal imunisasi anak di {place}.",
            "Posyandu {place} buka {day} pukul 08.00-11.00, bawa buku KIA. ^AR",
        ),
        Need(
            "Antrean poli",
            "Antre di poli {place} sampe 5 jam, tolong dibenahi",
            "Antrean di poli {place} mencapai lima jam. Mohon dibenahi.",
            "Mulai {day} poli {place} menambah satu dokter; nomor antrean bisa daring. ^DW",
        ),
        Need(
            "Rujukan BPJS",
            "Rujukan BPJS dari {place} harus ke RS mana ya?",
            "Ke rumah sakit mana rujukan BPJS dari {place} sekarang?",
            "Dari {place} rujukannya ke RSUD kabupaten; poli jantung buka Senin dan Kamis. ^SN",
        ),
    ),
    "disdik": (
        Need(
            "Pindah sekolah",
            "Syarat pindah SMA ke {place} apa aja min?",
            "Apa saja syarat pindah SMA ke {place}?",
            "Surat pindah, rapor asli, dan KK; diserahkan ke sekolah tujuan sebelum {day}. ^AR",
        ),
        Need(
            "Atap bocor",
            "Atap kelas SMK di {place} bocor, kalo ujan anak2 pindah ke aula",
            "Atap dua kelas SMK di {place} bocor sehingga murid belajar di aula.",
            "Tim sarana memeriksa atap SMK {place} pada {day}. ^LM",
        ),
        Need(
            "Guru kosong",
            "Guru matematika di SMA {place} kosong sejak Agustus",
            "Sejak Agustus tidak ada guru matematika di SMA {place}.",
            "Guru pengganti mulai mengajar di {place} pada {day}. ^DW",
        ),
    ),
    "pupr": (
        Need(
            "Jalan rusak",
            "Jalan provinsi di {place} rusak parah, udah 3 minggu dak ado yang nengok!",
            "Jalan provinsi di {place} rusak parah sejak tiga minggu yang lalu.",
            "Lubang di {place} ditambal {day}; perbaikan penuh masuk anggaran triwulan depan. ^LM",
        ),
        Need(
            "Jembatan",
            "Jembatan di {place} la rusak nian, la lamo idak dibenahi",
            "Lantai jembatan di {place} sudah lama rusak dan membahayakan.",
            "Lantai jembatan {place} diganti {day}; sampai itu truk lewat jalur lain. ^DW",
        ),
        Need(
            "Irigasi",
            "Kapan irigasi {place} dikerjain? Sawah kering semua",
            "Kapan saluran irigasi {place} diperbaiki? Sawah kami kering.",
            "Pengerukan saluran {place} dimulai {day}. ^SN",
        ),
    ),
    "dishub": (
        Need(
            "Bus terlambat",
            "Bus ke {place} telat terus, tolong ditertibkan",
            "Bus ke {place} hampir setiap hari terlambat.",
            "Operator bus {place} kami panggil {day}; jadwal baru ditempel di terminal. ^AR",
        ),
        Need(
            "Lampu lalu lintas",
            "Lampu merah simpang {place} mati dari kemaren, bahaya",
            "Lampu lalu lintas di simpang {place} mati sejak kemarin.",
            "Teknisi memperbaiki lampu simpang {place} pada {day}. ^LM",
        ),
        Need(
            "Jam terminal",
            "Terminal {place} buka jam berapa min?",
            "Pukul berapa terminal {place} buka?",
            "Terminal {place} buka setiap hari 05.00-21.00 WIB. ^SN",
        ),
    ),
    "nakertrans": (
        Need(
            "Upah belum dibayar",
            "Upah saya di {place} belum dibayar 2 bulan, lapor ke mana ya?",
            "Upah saya di {place} belum dibayar dua bulan. Ke mana saya melapor?",
            "Bawa slip upah ke bidang pengawasan, lantai 2; mediasinya {day}. ^DW",
        ),
        Need(
            "Pelatihan kerja",
            "Ada pelatihan kerja di {place} taun ini gak?",
            "Apakah tahun ini ada pelatihan kerja di {place}?",
            "Ada: las dan menjahit di BLK {place}, pendaftaran sampai {day}. ^AR",
        ),
    ),
    "dlhk": (
        Need(
            "Sungai keruh",
            "Sungai di {place} keruh & bau, kayaknya ada pabrik buang limbah",
            "Sungai di {place} keruh dan berbau. Kami menduga ada limbah pabrik.",
            "Petugas mengambil contoh air di {place} pada {day}; hasilnya kami umumkan. ^LM",
        ),
        Need(
            "Sampah menumpuk",
            "Sampah di pinggir jalan {place} numpuk seminggu",
            "Sampah di tepi jalan {place} sudah menumpuk seminggu.",
            "Truk sampah tambahan ke {place} berangkat {day}. ^SN",
        ),
    ),
    "bapenda": (
        Need(
            "Jam Samsat",
            "Samsat {place} hari Sabtu buka gak?",
            "Apakah Samsat {place} buka pada hari Sabtu?",
            "Buka, Sabtu 08.00-12.00 WIB, untuk pajak tahunan. ^AR",
        ),
        Need(
            "Pemutihan pajak",
            "Pemutihan pajak kendaraan di {place} sampe kapan min?",
            "Sampai kapan pemutihan pajak kendaraan di {place}?",
            "Pemutihan berlaku sampai {day} di semua Samsat, juga {place}. ^LM",
        ),
        Need(
            "Bayar daring",
            "Bayar pajak motor di {place} bisa online?",
            "Apakah pajak motor di {place} dapat dibayar secara daring?",
            "Bisa lewat aplikasi Signal; bukti bayarnya disahkan di Samsat {place}. ^SN",
        ),
    ),
}
HOLLOW = (
    "Terima kasih laporannya, Kak. Akan kami teruskan ya 🙏",
    "Baik, laporan sudah kami terima. Terima kasih.",
    "Mohon maaf atas ketidaknyamanannya 🙏",
)
AGAIN = ("Halo min, kok belum dijawab ya?", "Saya menunggu jawaban atas surel saya sebelumnya.")
THANKS = ("Makasih banyak min!", "Terima kasih atas jawabannya.")
