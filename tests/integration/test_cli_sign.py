"""A tally that is signed: whoever adds files can tell who counted, and that nobody changed it."""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pelayanan.calendar import WorkCalendar
from pelayanan.cli.main import main
from pelayanan.errors import ConfigError
from pelayanan.score import Tally, _tallyfile
from pelayanan.score.signing import public_key, read_trusted

pytest.importorskip("cryptography")
ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")

# RFC 8032, 7.1, TEST 1: a published pair of keys, and so no secret
SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
PUBLIC = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="  # pragma: allowlist secret


def pem(seed: str, passphrase: bytes = b"") -> str:
    made = ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
    lock = (
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption()
    )
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock
    return str(made.private_bytes(*form).decode())


KEY, OTHER = pem(SEED), pem("00" * 32)


def tally(province: str = "Bengkulu", count: int = 3) -> Tally:
    calendar = WorkCalendar.indonesia("WIB")
    opened = 1_790_000_000 + 3600 * np.arange(count)
    return Tally.from_columns(
        opened=opened,
        answered=opened + 60,
        agency="dinsos",
        kind="informasi",
        calendar=calendar,
        as_of=datetime(2026, 11, 1, tzinfo=calendar.zone),
        province=province,
    )


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    tally().save(tmp_path / "a.json", key=KEY)
    return tmp_path / "a.json"


def change(place: Path, how: Callable[[dict[str, Any]], None]) -> None:
    body = json.loads(place.read_text())
    how(body)
    place.write_text(json.dumps(body))


def recount(body: dict[str, Any]) -> None:
    """More answers, and a digest that fits them: only the signature can tell."""
    body["rows"][0]["counts"]["answered_1"] += 5
    body["rows"][0]["counts"]["n"] += 5
    rows: list[Any] = [
        ({k: v for k, v in row.items() if k != "counts"}, row["counts"]) for row in body["rows"]
    ]
    body["digest"] = _tallyfile._digest(rows)


def test_the_key_of_the_standard_gives_the_public_key_of_the_standard() -> None:
    assert public_key(KEY) == PUBLIC


def test_what_is_signed_is_read_and_holds_the_same_counts(signed: Path, tmp_path: Path) -> None:
    trusted = read_trusted(f"# provinsi\n\n{PUBLIC} Bengkulu\n")
    assert Tally.load(signed, trusted=trusted) == tally()
    assert Tally.load(signed) == tally()  # who does not ask reads it as any other
    change(signed, lambda _: None)  # other blanks and line breaks change nothing
    assert Tally.load(signed, trusted={PUBLIC: ""}) == tally()
    tally().save(tmp_path / "tanpa.json")
    assert "signature" not in (tmp_path / "tanpa.json").read_text()
    assert Tally.load(tmp_path / "tanpa.json") == tally()


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a count": (recount, "was changed after it was signed"),
    "the chain heads": (lambda b: b["heads"].append("x"), "was changed after it was signed"),
    "a letter of the signature": (
        lambda b: b["signature"].update(value="A" + b["signature"]["value"][1:]),
        "was changed after it was signed",
    ),
    "no base64": (lambda b: b["signature"].update(value="?"), "was changed after it was signed"),
    "another's key beside it": (
        lambda b: b["signature"].update(key=public_key(OTHER)),
        "was changed after it was signed",
    ),
    "another form": (lambda b: b["signature"].update(algorithm="rsa"), "of another form"),
    "no object": (lambda b: b.update(signature="ya"), "of another form"),
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("trusted", [{PUBLIC: ""}, None], ids=["trusted", "not asked"])
def test_a_signature_that_does_not_fit_is_refused_also_unasked(
    signed: Path, what: str, trusted: dict[str, str] | None
) -> None:
    how, reason = CHANGES[what]
    change(signed, how)
    with pytest.raises(ConfigError, match=reason) as caught:
        Tally.load(signed, trusted=trusted)
    assert str(signed) in str(caught.value)


def test_a_signature_taken_off_or_by_somebody_else_is_not_trusted(signed: Path) -> None:
    trusted = {PUBLIC: ""}
    change(signed, lambda body: body.pop("signature"))
    with pytest.raises(ConfigError, match="is not signed"):
        Tally.load(signed, trusted=trusted)
    tally().save(signed, key=OTHER)
    with pytest.raises(ConfigError, match="by a key that is not trusted"):
        Tally.load(signed, trusted=trusted)


def test_a_province_speaks_for_itself_only(tmp_path: Path) -> None:
    tally("Jambi").save(tmp_path / "palsu.json", key=KEY)
    with pytest.raises(ConfigError, match="counts of Jambi, but its key speaks for Bengkulu only"):
        Tally.load(tmp_path / "palsu.json", trusted={PUBLIC: "Bengkulu"})


@pytest.mark.parametrize("key", ["", "bukan kunci", pem(SEED, b"sandi"), PUBLIC])
def test_what_is_no_private_key_signs_nothing_and_is_not_shown(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigError, match="no Ed25519 key in PEM without a passphrase") as caught:
        tally().save(tmp_path / "a.json", key=key)
    assert not (tmp_path / "a.json").exists()
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize("text", ["", "# tidak ada\n", "pendek Bengkulu", KEY])
def test_a_list_of_keys_without_a_key_trusts_nobody(text: str) -> None:
    with pytest.raises(ConfigError, match="trusted keys"):
        read_trusted(text)


def test_a_missing_extra_is_named_where_it_is_needed(
    signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    assert Tally.load(signed) == tally()
    with pytest.raises(ConfigError, match=r"pelayanan\[sign\]"):
        Tally.load(signed, trusted={PUBLIC: ""})
    with pytest.raises(ConfigError, match=r"pelayanan\[sign\]"):
        tally().save(signed, key=KEY)


def test_provinces_sign_and_the_nation_adds_what_it_trusts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init"]) == 0
    capsys.readouterr()
    assert main(["tally", "--new-key", "kunci.pem", "--json"]) == 0
    public = json.loads(capsys.readouterr().out)["public"]
    assert (tmp_path / "kunci.pem").stat().st_mode & 0o777 == 0o600
    assert main(["tally", "--new-key", "kunci.pem"]) == 2
    assert main(["tally", "--month", "2026-10", "--sign", "file:kunci.pem", "-o", "a.json"]) == 0
    (tmp_path / "dipercaya").write_text(f"{public} Provinsi Contoh\n")
    tally("Jambi").save("b.json")
    assert main(["merge", "a.json", "--trusted", "dipercaya", "-o", "c.json"]) == 0
    capsys.readouterr()
    both = ["merge", "a.json", "b.json", "-o", "semua.json"]
    assert main([*both, "--trusted", "dipercaya"]) == 2
    assert "b.json is not signed" in capsys.readouterr().err
    assert not (tmp_path / "semua.json").exists()  # nothing is half added
    assert main([*both, "--sign", "file:kunci.pem"]) == 0
    assert Tally.load("semua.json", trusted={public: ""}).counts
    assert main([*both, "--sign", "kunci.pem"]) == 2
    assert "env:NAME, file:PATH" in capsys.readouterr().err
    assert main([*both, "--trusted", "a.json"]) == 2
    assert main([*both, "--trusted", "tidak-ada"]) == 2
