"""A configuration that cannot be used says in which line, and what to do."""

from datetime import date
from pathlib import Path

import pytest

from pelayanan.desk import Config, Desk
from pelayanan.errors import ConfigError
from pelayanan.models import Agency, Kind, Secret
from pelayanan.platforms import Mastodon

GOOD = """\
[province]
name = "Provinsi Contoh"
timezone = "Asia/Jakarta"

[store]
url = "sqlite:///data/uji.db"

[[agencies]]
key = "dinsos"
name = "Dinas Sosial"

[[agencies]]
key = "dinkes"
name = "Dinas Kesehatan"

[[accounts]]
key = "dinsos-m"
agency = "dinsos"
platform = "mastodon"
server = "https://sosial.example"
token = "file:rahasia/token"

[[accounts]]   # the second
key = "dinkes-m"
agency = "dinkes"
platform = "mastodon"
server = "https://sosial.example"
since = 2026-01-31
token = "env:UJI_TOKEN_DINKES"
"""


def written(folder: Path, text: str = GOOD) -> Path:
    place = folder / "pelayanan.toml"
    place.write_text(text, "utf-8")
    return place


def test_a_file_is_read_into_values(tmp_path: Path) -> None:
    config = Config.read(written(tmp_path))
    assert (config.province.name, str(config.zone)) == ("Provinsi Contoh", "Asia/Jakarta")
    assert [agency.key for agency in config.agencies] == ["dinsos", "dinkes"]
    assert config.accounts[1].since == date(2026, 1, 31)
    assert config.accounts[0].fields == {
        "server": "https://sosial.example",
        "token": "file:rahasia/token",
    }
    assert config.place("media") == tmp_path / "media"


def test_an_editors_mark_before_the_first_letter_is_no_error(tmp_path: Path) -> None:
    assert Config.read(written(tmp_path, "\ufeff" + GOOD)).province.name == "Provinsi Contoh"


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ('"Asia/Jakarta"', '"Asia/Jakart"', 3, r"province, timezone: use Asia/Jakarta \(WIB\)"),
        ("timezone", "zona", 3, "province, zona: is not known here: there are name, timezone"),
        ('name = "Dinas Sosial"', 'nama = "X"', 10, "agencies 1, nama: is not known here"),
        ('name = "Dinas Kesehatan"', "", 12, "agencies 2, name: is missing: add it"),
        ('name = "Dinas Kesehatan"', "name = 7", 14, 'name: must be text: put it into "quotes"'),
        ('key = "dinkes"', 'key = "dinsos"', 13, "the key 'dinsos' is there twice: give each"),
        ('key = "dinkes"', 'key = "Dinas Kesehatan"', 13, "may have only a-z, 0-9, - and _"),
        ('key = "dinkes-m"', 'key = "dinsos-m"', 24, "the key 'dinsos-m' is there twice"),
        ('agency = "dinkes"', 'agency = "dinkess"', 25, "no agency has key 'dinkess'; there are"),
        ('platform = "mastodon"\n', "", 16, "accounts 1, platform: is missing"),
        ("2026-01-31", '"kemarin"', 28, "accounts 2, since: must be a date such as 2026-01-31"),
        ("2026-01-31", "2026-01-31T10:00:00", 28, "without a time"),
        ("url =", "uri =", 6, "store, uri: is not known here: there are url, schema, media"),
        ('"sqlite:///data/uji.db"', "7", 6, "store, url: must be text"),
        ("[store]", "[simpanan]", 5, "simpanan: is not known here: there are province, store"),
        ("[province]", "province = 7\n[lain]", 1, r"province: must be a table: write it as \[name"),
        ('url = "', 'url = "a"\nurl = "', 7, "this key is there twice"),
        ("[store]", "[province]", 5, "this table is there twice"),
        ('name = "Dinas Sosial"', "name = Dinas Sosial", 10, "text stands in"),
        ("[store]", "[store", 5, "Expected '.' at the end"),
        ("sqlite:///data", "postgresql://uji:sandi@db.example", 6, 'write url = "env:NAME"'),
        ("sqlite:///data", "postgresql://db.example/x?password=sandi", 6, "may not stand in"),
        ("sqlite:///data", "postgresql://uji:ge/sandi@db.example", 6, "may not stand in"),
        ("2026-01-31", "0001-01-01", 28, "accounts 2, since: no calendar knows this year"),
        ("[[accounts]]   #", "[watch]\nwords = ['x']\n[[accounts]]   #", 23, r"as \[\[watch\]\]"),
    ],
)
def test_an_error_names_line_and_remedy(
    tmp_path: Path, old: str, new: str, line: int, told: str
) -> None:
    text = GOOD.replace(old, new, 1)
    with pytest.raises(ConfigError, match=f"pelayanan.toml line {line}: .*{told}") as raised:
        Config.read(written(tmp_path, text))
    assert "sandi" not in str(raised.value)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('[reply]\ntwo_persons = ["aduan"]\n', "line 32: reply, two_persons 1: .*pengaduan"),
        ('[reply]\nown_contacts = "0736"\n', r"line 32: .*must be a list: put it into \[ \]"),
        ('[[agencies]]\nkey="x"\nname="x"\nsuccessor="y"\n', "line 34: .*no agency has key 'y'"),
        ('[[agencies]]\nkey="x"\nname="x"\nsuccessor="x"\n', "line 34: .*x → x goes round"),
        (
            "".join(
                f'[[agencies]]\nkey="{a}"\nname="X"\nsuccessor="{b}"\n' for a, b in ("xz", "zx")
            ),
            "line 34: .*x → z → x goes round",
        ),
        (
            '[[agencies]]\nkey="x"\nname="x"\nvalid_from=2026-02-01\nvalid_to=2026-01-01\n',
            "line 35: .*valid_to: lies before valid_from",
        ),
        ('[report]\naccount="y"\n', "line 32: report, account: no account has key 'y'"),
    ],
)
def test_what_stands_further_down_is_found_too(tmp_path: Path, more: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        Config.read(written(tmp_path, f"{GOOD}\n{more}"))


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ('"env:UJI_TOKEN_DINKES"', '"s3kali-rahasia"', 29, "token may not stand in the file: wri"),
        ("token = ", "tokn = ", 21, "mastodon has no field 'tokn'; it has server, token"),
        ('"env:UJI_TOKEN_DINKES"', '"env:"', 29, "may not stand in the file|is named"),
        ("UJI_TOKEN_DINKES", "TIDAK_ADA_INI", 29, "TIDAK_ADA_INI"),
        ('platform = "mastodon"', 'platform = "friendster"', 19, "known: bluesky, email, "),
        ("https://sosial", "http://sosial", 16, "https"),
        ('server = "https://sosial.example"\n', "", 16, "add server"),
    ],
)
def test_an_account_that_cannot_be_made_names_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, old: str, new: str, line: int, told: str
) -> None:
    monkeypatch.setenv("UJI_TOKEN_DINKES", "s3kali-rahasia")
    (tmp_path / "rahasia").mkdir()
    (tmp_path / "rahasia/token").write_text("s3kali-rahasia\n")
    (tmp_path / "rahasia/token").chmod(0o600)
    place = written(tmp_path, GOOD.replace(old, new, 1))
    with (
        Desk.open(place) as desk,
        pytest.raises(ConfigError, match=f"line {line}: account 'din...-m'.*{told}") as raised,
    ):
        for key in ("dinsos-m", "dinkes-m"):
            desk.account(key, Mastodon)
    assert "s3kali" not in str(raised.value)


def test_a_slip_in_the_file_is_told_before_a_secret_that_is_away(tmp_path: Path) -> None:
    place = written(tmp_path, f'{GOOD}servr = "x"\n')
    with (
        Desk.open(place) as desk,
        pytest.raises(ConfigError, match=r"line 30: .* no field 'servr'"),
    ):
        desk.account("dinkes-m", Mastodon)


def test_secrets_come_from_where_the_file_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UJI_TOKEN_DINKES", "dua")
    monkeypatch.setenv("UJI_STORE", "sqlite:///lain/uji.db")
    (tmp_path / "rahasia").mkdir()
    (tmp_path / "rahasia/token").write_text("satu\n")
    (tmp_path / "rahasia/token").chmod(0o600)
    place = written(tmp_path, GOOD.replace("sqlite:///data/uji.db", "env:UJI_STORE"))
    with Desk.open(place) as desk:
        assert desk.account("dinsos-m", Mastodon) is desk.accounts["dinsos-m"]
        assert "satu" not in repr(desk.config)
    assert (tmp_path / "lain/uji.db").exists()


def test_a_configuration_in_code_needs_no_file_and_may_hold_secrets(tmp_path: Path) -> None:
    config = Config.of(
        {
            "agencies": [Agency(key="dinsos", name="Dinas Sosial")],
            "accounts": [
                {
                    "key": "a",
                    "agency": "dinsos",
                    "platform": "mastodon",
                    "server": "https://sosial.example",
                    "token": Secret("rahasia"),
                }
            ],
        },
        folder=tmp_path,
    )
    assert config.reply.two_persons == (Kind.PENGADUAN_PENGAWASAN,)
    with Desk.open(config) as desk:
        assert desk.account("a", Mastodon).name == "mastodon"
    assert "rahasia" not in repr(config)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"agencies": "dinsos"}, "agencies: must be a list"),
        ({"agencies": 7}, "agencies: must be a list"),
        ({"agencies": [7]}, "agencies 1"),
        ({"accounts": [{"key": "a", "agency": "x", "platform": "email"}]}, r"add \[\[agencies\]\]"),
    ],
)
def test_values_in_code_are_checked_in_the_same_way(values: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        Config.of(values)


def test_a_file_that_cannot_be_read_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="pelayanan init"):
        Config.read(tmp_path / "pelayanan.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        Config.read(tmp_path)
    (tmp_path / "latin.toml").write_bytes("name = 'Provinsi Contoh é'".encode("latin-1"))
    with pytest.raises(ConfigError, match="save it as UTF-8"):
        Config.read(tmp_path / "latin.toml")


# ---- what is watched

WATCH = (
    GOOD
    + """
[[watch]]
account = "dinsos-m"
words = ["bansos", "beras bantuan"]
hashtags = ["#PKH", "blt"]
places = ["Bengkulu", "Curup"]

[[watch]]
feed = "https://berita.example/rss"
words = ["bansos"]
limit = 3
cost_usd = 0.25
"""
)


def test_a_watch_is_a_query_for_each_word_and_place(tmp_path: Path) -> None:
    first, second = Config.read(written(tmp_path, WATCH)).watch
    assert len(first.queries) == 8
    assert first.queries[:2] == ("bansos Bengkulu", "bansos Curup")
    assert first.queries[-1] == "#blt Curup"
    assert (second.queries, second.limit, str(second.cost_usd)) == (("bansos",), 3, "0.25")


def test_places_alone_are_watched_too(tmp_path: Path) -> None:
    text = GOOD + '\n[[watch]]\naccount = "dinsos-m"\nplaces = ["Curup"]\n'
    assert Config.read(written(tmp_path, text)).watch[0].queries == ("Curup",)


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ('"dinsos-m"\nwords', '"dinsos"\nwords', 32, "no account has key 'dinsos'; there are din"),
        ("places =", "tempat =", 35, "watch 1, tempat: is not known here: there are account, feed"),
        ('"beras bantuan"', '"@wati"', 33, "watch 1, words: nobody is searched for by person"),
        ('"beras bantuan"', '"0812-0000-0001"', 33, r"it holds a phone number"),
        ('"beras bantuan"', '"wati@contoh.example"', 33, r"it holds a mail address"),
        ('"beras bantuan"', '"1771014101900001"', 33, r"it holds a NIK"),
        ('"Curup"', '"from:wati"', 35, "watch 1, places: a search takes words and hashtags"),
        ('"blt"', '"blt dd"', 34, "watch 1, hashtags: a hashtag is one word"),
        ('"beras bantuan"', '""', 33, "nothing to search for"),
        ('account = "dinsos-m"\nwords', "words", 31, "say where: account = a key, or feed ="),
        ('rss"\n', 'rss"\naccount = "dinsos-m"\n', 37, "say where: account = a key, or feed ="),
        ('words = ["bansos"]\n', "", 37, "say what: add words, hashtags or places"),
        ("https://berita", "berita", 38, "watch 2, feed: url must be like"),
        ("limit = 3", "limit = 0", 40, "watch 2, limit: .*greater than or equal to 1"),
        ('"beras bantuan"', ", ".join(f'"k{n}"' for n in range(50)), 31, "makes 106 queries, at"),
        ('words = ["bansos"]', 'words = "bansos"', 39, r"watch 2, words: must be a list"),
    ],
)
def test_a_watch_that_cannot_be_used_names_line_and_remedy(
    tmp_path: Path, old: str, new: str, line: int, told: str
) -> None:
    text = WATCH.replace(old, new, 1)
    assert text != WATCH
    with pytest.raises(ConfigError, match=told) as caught:
        Config.read(written(tmp_path, text))
    assert f"line {line}:" in str(caught.value), str(caught.value)
    assert "wati" not in str(caught.value)
    assert "0812" not in str(caught.value)
