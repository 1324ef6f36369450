import pytest

from pelayanan.text.personal import Personal, find_personal, mask, mask_name

MAN, WOMAN = "1771011501900001", "1771015501900001"  # invented: province 17, 15 January 1990


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"NIK saya {MAN}.", "NIK saya [NIK]."),
        (f"{WOMAN}", "[NIK]"),
        ("1771 0115 0190 0001", "[NIK]"),
        ("177101.150190.0001", "[NIK]"),
        ("177101-150190-0001 ya", "[NIK] ya"),
        ("1771\u00a00115\u20110190 - 0001", "[NIK]"),
        ("17.71.01.15.01.90.0001", "[NIK]"),
        ("17/71/01/150190/0001", "[NIK]"),
        ("1771,0115,0190,0001 | 1771|0115|0190|0001", "[NIK] | [NIK]"),
        ("1771·0115·0190·0001 dan 1771•0115•0190•0001", "[NIK] dan [NIK]"),
        ("https://x.example/?e=wati%40contoh.example", "https://x.example/?e=[email]"),
        ("wati＠contoh.example", "[email]"),  # noqa: RUF001  as a phone of Asia types it
        ("0812\u200b3456\u200b7890", "[telepon]"),
        ("１７７１０１１５０１９０００01", "[NIK]"),  # noqa: RUF001  as a phone of Asia types them
        ("NIK 17710199019000011771011501900001", "NIK [NIK]"),
        (f"No. KK {MAN}", "No. KK [No. KK]"),
        (f"kartu keluarga: {MAN}, NIK: {WOMAN}", "kartu keluarga: [No. KK], NIK: [NIK]"),
        (f"KK {WOMAN}", "KK [NIK]"),  # the day of a card is never raised by 40
        (f"nik dan kk: {MAN}", "nik dan kk: [No. KK]"),
        ("1771011501060000", "[No. KK]"),  # serial 0000 is no NIK
        ("9999999999999999", "[NIK]"),
        ("KK 9999999999999999", "KK [No. KK]"),
        ("9999-9999-9999-9999", "[NIK]"),
        ("12345678901234567", "[NIK]"),
        (f"no 2 {MAN} 12", "no 2 [NIK] 12"),
        ("1771 0115 0190 1771 0115 0190 0001", "[NIK]"),  # two readings: both are covered
        (f"2026 {MAN[:4]} {MAN[4:8]} {MAN[8:12]} {MAN[12:]}", "2026 [NIK]"),
        ("NIP 19770312 200312 2 007", "NIP [NIP]"),
        ("197703122003122007", "[NIP]"),
        ("19900312 202121 1 003", "[NIP]"),  # PPPK
        ("19773312 200312 2 007", "[NIK]"),  # mistyped, in the printed form of a NIP
        ("NIP. 19773312 200312 2 007", "NIP. [NIP]"),
        ("NIP 197733122003122007", "NIP [NIP]"),
        ("WA 081234567890", "WA [telepon]"),
        ("0812-3456-7890 / 0813 5555 1234", "[telepon] / [telepon]"),
        ("+62 812-3456-7890", "[telepon]"),
        ("+62 (0)812 3456 7890", "[telepon]"),
        ("6281234567890", "[telepon]"),
        ("00628123456789", "[telepon]"),
        ("https://wa.me/6281234567890?text=halo", "https://wa.me/[telepon]?text=halo"),
        ("HP: 81234567890, WA-081234567890", "HP: [telepon], WA-[telepon]"),
        ("(0736) 21450 atau 0736-341234", "[telepon] atau [telepon]"),
        ("(0736 21450)", "([telepon])"),
        ("+60 12-345 6789", "[telepon]"),
        ("0812-3456-7890-0813-5555-1234", "[telepon]-[telepon]"),
        ("0 8 1 2 3 4 5 6 7 8 9 0", "[telepon]"),
        ("wati.contoh+1@mail.contoh.example.", "[email]."),
        ("Wati_C@Contoh.CO.ID", "[email]"),
        ("'wati@contoh.example'", "'[email]'"),
        ("12345678901234567@contoh.example", "[email]"),
        (f"https://x.example/?nik={MAN}&id=115000000000000001",
         "https://x.example/?nik=[NIK]&id=[NIK]"),
    ],
)  # fmt: skip
def test_personal_data_is_blanked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Hubungi 112, SMS 1708, Ombudsman 137, layanan 1500123",
        "0800-1-123456 bebas pulsa",
        "Rp 620.000, Rp1.250.000,00 dan Rp 5000000 atau 620.000 1.250.000 300.000 450.000",
        "Rp 15.000.000.000",
        "12-10-2026 s.d. 14/10/2026, 2026-10-12 dan 01.02.2026",
        "12-10-2026 - 12-11-2026 dan 12.10.2026-12.11.2026",
        "08-12-24 pukul 08.00-15.30, 07:30 - 16:00, 08.00-12.00 13.00-15.30",
        "tahun 2023 2024 2025 2026",
        "1500,2000,3500,4500 atau 1500/2000/3500/4500",
        "peraturan 14/2017, 16/2014, 62/2018; RT 01/02, 03/04",
        "http://172.16.254.101:8080 dan -3.7928456,102.2607641",
        "tiket BKL-2026-0812345678 dan #1234567, LPR-0812345678",
        "RT 02 RW 05 KM 12, 45 orang, 81234567890",
        "@wati@contoh.social dan @wati.contoh.example",
        "https://contoh.social/@wati/115000000000000001 dan https://x.example/9/1890123456789012345",
        "62 desa, 6281 rumah, 0736",
        "081 dan 0812",
        "+",
        "+0812345678 +999 1234 5678",
        "6273621450",
        "12 https://x.example/115000000000000001 12",
        "-3.7928456 102.2607641",
        "a@b @ x@ @y z@w wati@contoh",
        "",
    ],
)
def test_what_identifies_nobody_is_left_alone(text: str) -> None:
    assert find_personal(text) == []
    assert mask(text) == text


def test_the_agency_may_show_its_own_numbers_and_addresses() -> None:
    text = "Hubungi (0736) 21450, 0812 3456 7890 atau Dinsos@Contoh.example; warga: 081355551234"
    text += " mailto:dinsos%40contoh.example"
    allow = ["+62 736 21450", "081234567890", "dinsos@contoh.example"]
    assert mask(text, allow=allow) == text.replace("081355551234", "[telepon]")
    assert [found.kind for found in find_personal(text, allow=allow)] == ["phone"]


def test_a_find_says_where_and_not_what() -> None:
    text = f"NIK {MAN}, surel wati@contoh.example"
    found = find_personal(text)
    assert found == [Personal("nik", 4, 20), Personal("email", 28, 47)]
    assert MAN not in repr(found)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Sri Wahyuni", "Sri W."),
        ("Sri Wahyuni Putri", "Sri W. P."),
        ("🌸 Nur'aini  Contoh 🌸", "Nur'aini C."),
        ("H. Ahmad Contoh", "H. A. C."),
        ("Wati", "W***"),
        ("wati_contoh", "w***"),
        ("wati@contoh.social", "w***"),
        ("@wati@contoh.social", "w***"),
        ("wati.contoh Bengkulu", "w*** B."),
        ("Wati 08123", "W***"),
        ("08123 Wati", "W***"),
        ("12345", "***"),
        ("🌸", "***"),
        ("", ""),
    ],
)
def test_a_name_is_shortened(name: str, shown: str) -> None:
    assert mask_name(name) == shown
    assert mask_name(shown) == shown
