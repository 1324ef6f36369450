"""Indonesian as officers write it, as far as a reply that says nothing can be made of it.

Words are in the spelling that `pelayanan.triage.substance` brings them to. Bengkulu Malay is among
them: ``mokasih`` thanks, ``lah``/``la`` already, ``kudai`` first, ``terimo`` receive, ``yo`` yes.
"""

__all__ = ["CORES", "DONE", "FILLER", "GREETING", "LATER", "NO_NAMES", "SPELLING", "VOCATIVES"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _spelling(**written: str) -> dict[str, str]:
    return {variant: word for word, variants in written.items() for variant in variants.split()}


SPELLING = _spelling(
    sudah="sdh udh udah dah telah tlah la lah lha",
    makasih="trims mksh mksih makasi mokasih mokaseh tks tksh thx thanks thank tq tengkyu suwun",
    silakan="silahkan silakn slkn sila monggo",
    dm="pm japri inbox wa whatsapp wapri",
    dulu="kudai dahulu dlu",
    oke="okay okey okeh okelah ok sip siip",
    siap="siyap siapp siaap",
    ya="iya iyo yo y yaa yah ye",
    terima="terimo trima trimo",
    diterima="diterimo ditrima",
    kami="kito kmi",
    sampaikan="sampaikn sampekan sampeka",
    segera="sgra secepatnya sesegera secepat",
    mohon="mhn mohn harap tolong tlg",
    lewat="lwt liwat melalui via",
    tunggu="tungguin nunggu",
    laporannya="laporannyo lapornyo",
    infonya="infonyo",
    nanti="kelak ntar entar",
)
"""How a word is read."""

GREETING = _set(
    "halo hallo hai hi hello selamat pagi siang sore malam met assalamualaikum assalamu alaikum"
    " waalaikumsalam waalaikum walaikumsalam salam salamualaikum wr wb warahmatullahi wabarakatuh"
    " wassalam permisi tabik"
)
VOCATIVES = _set(
    "bapak pak bpk ibu bu kak kakak ka bang abang mas mbak mba dang wo dik adik sdr sdri saudara"
    " saudari yth"
)
FILLER = (
    GREETING
    | VOCATIVES
    | _set("min mimin admin sobat sahabat kawan sis gan om tante warga masyarakat semua semuanya")
    | _set("kami kita saya ambo anda yang yg dan serta atas untuk utk dari di ke pada kepada")
    | _set("dengan dgn ini itu tersebut juga jg lagi ya nah dong deh mohon silakan sangat banyak")
    | _set("sekali nian akan segera sedang sudah dulu nanti selalu sehat sukses semoga hormat")
    | _set("laporan laporannya aduan aduannya pengaduan pengaduannya keluhan keluhannya pesan")
    | _set("pesannya masukan masukannya saran sarannya kritik kritiknya aspirasi aspirasinya info")
    | _set("infonya informasi informasinya pertanyaan pertanyaannya perhatian perhatiannya")
    | _set("kepercayaan kepercayaannya partisipasi partisipasinya dukungan dukungannya kerjasama")
    | _set("kerjasamanya kepedulian kepeduliannya pengertian pengertiannya kesabaran kesabarannya")
    | _set("surel email emailnya you your for the report message we have has been is it and very")
    | _set("much so a to will our in with as soon possible")
)
LATER = _set("akan segera dulu nanti will soon")
DONE = _set(
    "tindaklanjuti proses diproses memproses cek dicek mengecek periksa diperiksa memeriksa"
    " koordinasi koordinasikan dikoordinasikan berkoordinasi konfirmasi dikonfirmasi konfirmasikan"
)
"""Said of what will be done they are empty; said of what has been done they are an answer."""

CORES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "moved": (
        _set("dm hubungi kontak contact"),
        _set("lewat kirim kirimkan kirimi mengirim dikirim balas dibalas membalas chat cek lanjut")
        | _set("lanjutkan dilanjutkan lanjutan jalur pribadi langsung bisa boleh agar supaya bantu")
        | _set("dibantu akun kesediaan kesediaannya berkenan bersedia please send us me check by")
        | _set("direct private"),
    ),
    "vague": (
        _set("teruskan diteruskan meneruskan sampaikan disampaikan menyampaikan tunggu ditunggu")
        | _set("menunggu sabar bersabar usahakan diusahakan upayakan diupayakan perhatikan")
        | _set("diperhatikan pertimbangkan dipertimbangkan follow forward wait patient")
        | DONE,
        _set("pihak terkait bidang bagian tim unit dinas instansi opd petugas pimpinan atasan")
        | _set("berwenang bersangkutan teknis internal kabar kabarnya balasan jawaban jawabannya")
        | _set("lanjut lebih selanjutnya oleh sebagai bahan evaluasi agar dapat sesuai ketentuan")
        | _set("aturan peraturan prosedur mekanisme berlaku up on please be team"),
    ),
    "received": (
        _set("terima diterima menerima catat dicatat mencatat tampung ditampung menampung noted")
        | _set("copy baca dibaca membaca simak disimak monitor dimonitor siap baik baiklah oke")
        | _set("received receive masuk"),
        _set("sistem"),
    ),
    "apology": (
        _set("maaf maafkan sorry ketidaknyamanan ketidaknyamanannya"),
        _set("kendala kendalanya terjadi inconvenience"),
    ),
    "thanks": (
        _set("makasih apresiasi apresiasinya mengapresiasi"),
        _set("menghubungi memberi memberikan berbagi kembali contacting reaching out"),
    ),
}
"""Per reason: words that carry it, and words that say nothing beside them. The first that is
carried names the reply."""

NO_NAMES = (
    _set("kepala kadis kabid kabag kasi kasubbag sekretaris gubernur wakil bupati walikota camat")
    | _set("lurah kades ketua direktur dokter guru besok lusa hari minggu senin selasa rabu kamis")
    | _set("jumat sabtu belum tidak bisa boleh buka tutup kota")
    | FILLER.union(*(core | beside for core, beside in CORES.values()), SPELLING)
)
"""What may stand behind a form of address with a capital and is no name."""
