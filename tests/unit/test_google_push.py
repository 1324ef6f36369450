"""Google pushes: a token of Google's for this account is believed, and of the body only a name."""

import hmac
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pelayanan import Client, Desk
from pelayanan.desk import Config
from pelayanan.errors import AuthError, ConfigError
from pelayanan.platforms import GoogleReviews
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.webhook import KeysMissingError, NoMessageError, Pointer
from pelayanan.testing import FakeGoogleReviews, answer, replay
from pelayanan.testing._google_push import ACCOUNT, AUDIENCE, certificates, delivery, new_key

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
KEY = new_key()
OFFICE = "accounts/1/locations/2"
NOTICE = {
    "type": "NEW_REVIEW",
    "location_name": OFFICE,
    "review_name": f"{OFFICE}/reviews/AbC",
}


def reviews(**more: Any) -> GoogleReviews:
    fields: dict[str, Any] = {
        "client_id": "klien",
        "client_secret": "rahasia-klien",
        "refresh_token": "rahasia-segar",
        "push_audience": AUDIENCE,
        "push_account": ACCOUNT,
        "clock": lambda: NOW,
    }
    return GoogleReviews("1", ["2"], **fields | more)


def keyed(account: GoogleReviews | None = None) -> GoogleReviews:
    """An account that has fetched the keys."""
    made = account or reviews()
    replay(made.fetch_keys(), [answer(certificates({"k1": KEY}), cache_control="max-age=19000")])
    return made


def pushed(notice: Mapping[str, str] = NOTICE, **claims: Any) -> tuple[dict[str, str], bytes]:
    return delivery(notice, 1, kid="k1", key=KEY, now=NOW, **claims)


def test_a_token_for_this_account_of_now_is_believed() -> None:
    headers, body = pushed()
    keyed().verify(body, headers, now=NOW)
    keyed().verify(body, headers, now=NOW + timedelta(hours=1, minutes=4))


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://lain.example"},
        {"email": "lain@contoh.iam.example"},
        {"email_verified": False},
        {"iss": "https://lain.example"},
        {"iat": NOW.timestamp() - 7200, "exp": NOW.timestamp() - 3600},
        {"iat": NOW.timestamp() + 3600, "exp": NOW.timestamp() + 7200},
        {"exp": "besok"},
    ],
)
def test_a_token_for_others_or_of_another_time_is_refused(claims: dict[str, Any]) -> None:
    headers, body = pushed(**claims)
    with pytest.raises(AuthError) as caught:
        keyed().verify(body, headers, now=NOW)
    assert "push_audience" in caught.value.remedy
    assert headers["Authorization"][7:] not in f"{caught.value!r}"


def encoded(part: Any) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_tricks_with_the_algorithm_are_refused() -> None:
    headers, body = pushed()
    _, claims, signature = headers["Authorization"][7:].split(".")
    modulus = certificates({"k1": KEY})["keys"][0]["n"]
    for algorithm in ("none", "HS256", "RS512"):
        head = encoded({"alg": algorithm, "kid": "k1"})
        mac = hmac.new(modulus.encode(), f"{head}.{claims}".encode(), sha256).digest()
        for end in (signature, "", urlsafe_b64encode(mac).rstrip(b"=").decode()):
            with pytest.raises(AuthError):
                keyed().verify(body, {"Authorization": f"Bearer {head}.{claims}.{end}"}, now=NOW)


def test_a_header_nested_without_end_is_refused_like_any_other() -> None:
    head = urlsafe_b64encode(b"[" * 3_000).decode()
    with pytest.raises(AuthError, match="missing or none"):
        keyed().verify(b"{}", {"Authorization": f"Bearer {head}.e30.e30"}, now=NOW)


def test_a_changed_byte_anywhere_in_the_token_is_refused() -> None:
    headers, body = pushed()
    token = headers["Authorization"]
    account = keyed()
    for place in range(7, len(token), 7):
        other = "A" if token[place] != "A" else "B"
        if place == len(token) - 1:
            continue  # of the last sign some bits are none of the signature's
        changed = token[:place] + other + token[place + 1 :]
        with pytest.raises((AuthError, KeysMissingError)):
            account.verify(body, {"Authorization": changed}, now=NOW)


def test_unknown_and_old_keys_are_said_to_be_missing() -> None:
    headers, body = pushed()
    with pytest.raises(KeysMissingError):
        reviews().verify(body, headers, now=NOW)
    with pytest.raises(KeysMissingError):  # the answer said for how long they hold
        keyed().verify(body, headers, now=NOW + timedelta(seconds=19_000))
    with pytest.raises(ConfigError, match="push_audience"):
        keyed(reviews(push_audience="")).verify(body, headers, now=NOW)
    with pytest.raises(AuthError, match="unlike"):
        replay(reviews().fetch_keys(), [answer({"kunci": []})])


def test_of_the_body_a_name_is_taken_and_only_of_an_own_office() -> None:
    account = reviews()
    (pointer,) = account.parse(pushed()[1]).pointers
    assert pointer.id == "2/AbC"
    camel = {"reviewName": NOTICE["review_name"]}
    assert account.parse(pushed(camel)[1]).pointers == (pointer,)
    for other in ("accounts/1/locations/3/reviews/AbC", f"{OFFICE}/reviews/../x", "", OFFICE):
        found = account.parse(pushed({"review_name": other})[1])
        assert (found.pointers, found.unreadable) == ((), ())
    for bad in (b"", b"{}", b'{"message": {"data": "%"}}', json.dumps({"message": {}}).encode()):
        assert len(account.parse(bad).unreadable) == 1
    strange = json.dumps({"message": {"data": b64encode(b"[1]").decode()}}).encode()
    assert len(account.parse(strange).unreadable) == 1


def test_a_review_of_a_strange_office_or_without_words_is_no_message() -> None:
    with pytest.raises(NoMessageError, match="no office"):
        replay(reviews().fetch_mention(Pointer(id="9/AbC", ref={})), [])
    bare = {"reviewId": "AbC", "updateTime": "2026-11-19T08:00:00Z", "starRating": "ONE"}
    token = answer({"access_token": "rahasia-akses"})
    with pytest.raises(NoMessageError, match="without words"):
        replay(reviews().fetch_mention(Pointer(id="2/AbC", ref={})), [token, answer(bare)])


class Counting(FakeGoogleReviews):
    """Counts how often somebody asks for the keys, and for one review."""

    asked = fetched = 0

    def respond(self, request: Request) -> Response:
        self.asked += request.url.endswith("/certs")
        self.fetched += "/reviews/" in request.url
        return super().respond(request)


def settings(folder: Path, host: str) -> Config:
    for name in ("klien", "segar"):
        (folder / name).write_text(f"rahasia-{name}")
    account = {
        "key": "dinsos-ulasan",
        "agency": "dinsos",
        "platform": "google_reviews",
        "account": "1",
        "locations": ["2"],
        "client_id": "klien",
        "client_secret": "file:klien",
        "refresh_token": "file:segar",
        "push_audience": AUDIENCE,
        "push_account": ACCOUNT,
        "base_url": f"https://{host}",
        "token_url": f"https://{host}/token",
        "notifications_url": f"https://{host}",
        "keys_url": f"https://{host}/oauth2/v3/certs",
        "since": "2026-01-01",
    }
    agencies = [{"key": "dinsos", "name": "Dinas Sosial"}]
    return Config.of({"agencies": agencies, "accounts": [account]}, folder=folder)


@contextmanager
def notified(folder: Path) -> Iterator[tuple[Counting, Desk, list[datetime]]]:
    """A desk that Google tells of reviews, and the clock of both."""
    times = [NOW]
    google = Counting(clock=lambda: times[0])
    google.consent("rahasia-segar", "1")
    google.office("1", "2")
    with (
        Client(transport=google, sleep=lambda _: None) as client,
        Desk.open(settings(folder, google.host), client=client, clock=lambda: times[0]) as desk,
    ):
        account = desk.account("dinsos-ulasan", GoogleReviews)
        assert desk.client.run(account.set_notifications("projects/contoh/topics/ulasan"))
        yield google, desk, times


def test_from_the_push_to_the_case_through_a_change_of_keys(tmp_path: Path) -> None:
    with notified(tmp_path) as (google, desk, times):
        review = google.citizen("wati").review("2", "Antre empat jam")
        for headers, body in google.webhooks():
            assert desk.receive("dinsos-ulasan", headers, body).status == 200
        case = desk.case_of("dinsos-ulasan", review)
        assert case is not None
        google.edit(review, "Antre lima jam")
        google.rotate()
        times[0] += timedelta(minutes=2)
        for headers, body in google.webhooks(1):
            assert desk.receive("dinsos-ulasan", headers, body).status == 200
        assert [item.text for item in desk.case(case).thread] == [
            "Antre empat jam",
            "Antre lima jam",
        ]
        assert google.asked == 2
        stranger = delivery(NOTICE, 9, kid="asing", key=KEY, now=times[0])
        for _ in range(50):  # a stranger cannot make us call Google without end
            assert desk.receive("dinsos-ulasan", *stranger).status == 503
        assert google.asked == 2
        times[0] += timedelta(minutes=2)
        assert desk.receive("dinsos-ulasan", *stranger).status == 503
        assert google.asked == 3


def test_stars_without_words_are_asked_for_once_and_reported_to_nobody(tmp_path: Path) -> None:
    """Most reviews are stars alone: looked for again, they would keep others from being fetched."""
    with notified(tmp_path) as (google, desk, times):
        for name in "abc":
            google.citizen(name).review("2", "")
        for headers, body in google.webhooks():
            assert desk.receive("dinsos-ulasan", headers, body).status == 200
        for _ in range(3):
            times[0] += timedelta(hours=20)
            report = desk.sync()
            assert [each.unreadable for each in report.accounts] == [0]
        assert google.fetched == 3
        assert list(desk.cases()) == []
