"""What all platforms of Meta share: refusals, budgets, signatures."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from pelayanan.errors import (
    AccessTierError,
    AuthError,
    ConfigError,
    ContractError,
    DuplicateError,
    NotFoundError,
    PlatformError,
    PolicyError,
    QuotaError,
    RateLimitError,
    ReauthRequiredError,
    RejectedError,
    ServerError,
    TokenExpiredError,
)
from pelayanan.models import Secret
from pelayanan.platforms._meta import Graph, Made, appsecret_proof, identifier, secure
from pelayanan.platforms._meta_check import days_finding
from pelayanan.platforms._meta_errors import classifier, described
from pelayanan.platforms._meta_read import Instant, as_dict, as_text
from pelayanan.platforms._meta_usage import pause_s, regain_s, used_percent
from pelayanan.platforms._meta_webhook import Webhook, signature
from pelayanan.protocol.flow import Flow
from pelayanan.protocol.request import Response
from pelayanan.testing import answer, replay

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
TOKEN = "EAAcontohrahasia"


def refused(code: int, subcode: int = 0, status: int = 400, **more: Any) -> Response:
    error = {"code": code, "error_subcode": subcode, "message": f"Malformed token {TOKEN}", **more}
    return answer({"error": error}, status=status)


def judged(response: Response, codes: dict[str, str] | None = None) -> PlatformError:
    error = classifier(codes)("facebook.reply", response)
    assert error is not None
    assert TOKEN not in f"{error} {error!r} {error.remedy}"
    return error


# --- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "subcode", "kind"),
    [
        (1, 0, ServerError),
        (2, 0, ServerError),
        (131016, 0, ServerError),
        (4, 0, RateLimitError),
        (17, 0, RateLimitError),
        (32, 0, RateLimitError),
        (341, 0, RateLimitError),
        (613, 0, RateLimitError),
        (80001, 0, RateLimitError),
        (80002, 0, RateLimitError),
        (80006, 0, RateLimitError),
        (80007, 0, RateLimitError),
        (130429, 0, RateLimitError),
        (131056, 0, RateLimitError),
        (0, 0, ReauthRequiredError),
        (102, 0, ReauthRequiredError),
        (190, 0, ReauthRequiredError),
        (190, 458, ReauthRequiredError),
        (190, 460, ReauthRequiredError),
        (190, 467, ReauthRequiredError),
        (190, 463, TokenExpiredError),
        (3, 0, AuthError),
        (10, 0, AuthError),
        (200, 0, AuthError),
        (299, 0, AuthError),
        (368, 0, PolicyError),
        (131048, 0, PolicyError),
        (10, 2018278, PolicyError),
        (10, 2534022, PolicyError),
        (551, 0, PolicyError),
        (551, 1545041, PolicyError),
        (200, 1545041, PolicyError),  # this person, not a permission: others are answered
        (10, 2018108, PolicyError),
        (10, 2018065, PolicyError),
        (1200, 0, ServerError),
        (131042, 0, AccessTierError),  # no payment method: what waits is not refused for it
        (133010, 0, AccessTierError),
        (131031, 0, AccessTierError),
        (131047, 0, PolicyError),
        (131026, 0, PolicyError),
        (506, 0, DuplicateError),
        (10900, 0, DuplicateError),
        (100, 33, NotFoundError),
        (33, 0, NotFoundError),
        (803, 0, NotFoundError),
        (100, 0, RejectedError),
        (9, 2207042, QuotaError),
    ],
)
def test_the_code_decides_and_not_the_status(
    code: int, subcode: int, kind: type[PlatformError]
) -> None:
    for status in (400, 403, 500):
        error = judged(refused(code, subcode, status))
        assert type(error) is kind
        assert error.status == status
        assert str(code) in str(error)


def test_a_code_that_nobody_knows_is_judged_by_the_status() -> None:
    assert type(judged(refused(987654))) is RejectedError
    assert type(judged(refused(987654, status=403))) is AuthError
    assert type(judged(refused(987654, status=404))) is NotFoundError
    assert type(judged(refused(987654, status=500))) is ServerError
    assert type(judged(refused(987654, is_transient=True))) is ServerError
    assert "987654" in str(judged(refused(987654)))


def test_a_refusal_with_status_200_is_a_refusal() -> None:
    assert type(judged(refused(190, status=200))) is ReauthRequiredError
    assert classifier(None)("x", answer({"id": "1"})) is None
    assert type(judged(refused(987654, status=200))) is ServerError


def test_a_refusal_without_a_body_is_judged_by_the_status() -> None:
    assert type(judged(Response(503, {}, b"<html>"))) is ServerError
    assert type(judged(Response(429, {}, b""))) is RateLimitError


def test_too_many_links_are_named() -> None:
    body = json.dumps({"error": {"code": -1, "message": "THREADS_API__LINK_LIMIT_EXCEEDED"}})
    assert "links" in str(judged(Response(400, {}, body.encode())))


def test_what_is_from_memory_can_be_overruled() -> None:
    assert type(judged(refused(613), {"613": "permission"})) is AuthError
    assert type(judged(refused(190, 467), {"190.467": "expired"})) is TokenExpiredError
    with pytest.raises(ConfigError, match="'lambat' is none of"):
        classifier({"613": "lambat"})


def test_remedies_say_whose_task_it_is() -> None:
    assert judged(refused(190)).remedy.startswith("administrator:")
    assert judged(refused(190, 463)).remedy.startswith("administrator:")
    assert "citizen writes again" in judged(refused(10, 2018278)).remedy
    assert described(131047) == (
        "outside the time in which an answer is allowed (code 131047)",
        judged(refused(131047)).remedy,
    )
    told, remedy = described(999999)
    assert told == "it was not delivered (code 999999)"
    assert remedy.startswith("administrator:")
    assert "payment" in described(131042)[1]
    assert all(described(code)[1] for code in (131016, 131026, 131047, 131049, 368, 100))


# --- budgets ----------------------------------------------------------------------------------


def usage(percent: float, minutes: int = 0) -> dict[str, str]:
    use = {"type": "pages", "call_count": percent, "estimated_time_to_regain_access": minutes}
    return {"x-business-use-case-usage": json.dumps({"1": [{"call_count": 1}, use]})}


def test_the_wait_is_read_from_the_headers() -> None:
    limited = refused(80001)
    told = Response(limited.status, usage(100, 7), limited.body)
    assert judged(told).retry_after == 420.0
    assert judged(refused(80001)).retry_after == 300.0
    assert judged(refused(131056)).retry_after == 6.0
    assert judged(refused(130429)).retry_after == 1.0


@pytest.mark.parametrize(
    ("headers", "percent", "pause"),
    [
        ({}, None, 0.0),
        ({"x-app-usage": '{"call_count":10,"total_time":74}'}, 74.0, 0.0),
        ({"x-app-usage": '{"total_cputime":80}'}, 80.0, 2.0),
        (usage(95), 95.0, 20.0),
        ({"x-app-usage": "rusak"}, None, 0.0),
        ({"x-app-usage": '{"call_count":76}', "x-ad-account-usage": "[]"}, 76.0, 2.0),
    ],
)
def test_reads_slow_down_while_the_budget_runs_low(
    headers: dict[str, str], percent: float | None, pause: float
) -> None:
    assert (used_percent(headers), pause_s(headers)) == (percent, pause)
    assert regain_s(headers) is None


def graph(**options: Any) -> Graph:
    return Graph("facebook", "https://graph.facebook.com/v26.0", Secret(TOKEN), **options)


def test_only_reads_wait() -> None:
    told = Response(200, usage(80), b'{"id": "1"}')
    read = Flow("read", graph().read("mentions", "1/feed", Made))
    assert replay(read, [told]).slept == 2.0
    write = Flow("write", graph().fetch("reply", "1/comments", Made, method="POST"))
    assert replay(write, [told]).slept == 0.0


# --- calls ------------------------------------------------------------------------------------


def test_the_token_travels_in_a_header_and_is_shown_nowhere() -> None:
    request = graph().request("mentions", "1/feed", params={"limit": 5})
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.params == {"limit": 5}
    assert TOKEN not in repr(request)
    assert (request.repeatable, graph().request("reply", "1", method="POST").repeatable) == (
        True,
        False,
    )


def test_older_manuals_want_it_in_the_address() -> None:
    request = graph(auth_by="query").request("mentions", "1/feed")
    assert request.params == {"access_token": TOKEN}
    assert "Authorization" not in request.headers
    assert TOKEN not in repr(request)


def test_a_proof_is_added_where_the_secret_of_the_app_is_known() -> None:
    request = graph(app_secret=Secret("s")).request("mentions", "1/feed")
    assert request.params == {"appsecret_proof": appsecret_proof("s", TOKEN)}
    other = graph(app_secret=Secret("s")).request("check", "debug_token", as_app="1|s")
    assert other.params == {"appsecret_proof": appsecret_proof("s", "1|s")}
    assert other.headers["Authorization"] == "Bearer 1|s"


def test_an_id_cannot_lead_elsewhere() -> None:
    assert graph().request("reply", "1?x=../2").url.endswith("/v26.0/1%3Fx%3D../2")


def test_a_strange_answer_is_named_by_its_fields_only() -> None:
    for call in (graph().read, graph().fetch):
        with pytest.raises(ContractError, match=r"unexpected answer at id \(missing\)"):
            replay(Flow("x", call("mentions", "1", Made)), [answer({"nama": TOKEN})])


def test_addresses_and_ids_are_checked_before_anything_is_sent() -> None:
    assert secure("https://graph.facebook.com/") == "https://graph.facebook.com"
    assert secure("http://localhost:9") == "http://localhost:9"
    for wrong in ("http://graph.facebook.com", "https://x.example?a=b"):
        with pytest.raises(ConfigError, match="https"):
            secure(wrong)
    assert identifier(1060, "page_id") == "1060"
    for strange in ("", "me", "1/2", "\u0661"):
        with pytest.raises(ConfigError, match="page_id"):
            identifier(strange, "page_id")


# --- webhooks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "data", "wanted"),
    [  # RFC 4231, 4.2, 4.3 and 4.5: the cases whose keys are text
        (
            "\x0b" * 20,
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            "Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            "".join(map(chr, range(1, 26))),
            b"\xcd" * 50,
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
    ],
)
def test_signatures_are_those_of_rfc_4231(key: str, data: bytes, wanted: str) -> None:
    assert signature(key, data) == f"sha256={wanted}"
    assert appsecret_proof(key, "x") == signature(key, b"x").removeprefix("sha256=")
    hook = Webhook("facebook.webhook", Secret(key), None, 8)
    hook.verify(data, {"X-Hub-Signature-256": f"sha256={wanted}"}, NOW)


def webhook(**options: Any) -> Webhook:
    known = {"app_secret": Secret("s"), "verify_token": Secret("kata"), "oldest_days": 8.0}
    return Webhook("facebook.webhook", **{**known, **options})


def signed(body: bytes) -> dict[str, str]:
    return {"x-hub-signature-256": signature("s", body)}


@pytest.mark.parametrize("header", ["", "sha256=", "sha1=00", "sha256=" + "0" * 64, "\udcff", "é"])
def test_a_wrong_signature_is_refused(header: str) -> None:
    with pytest.raises(AuthError, match=r"facebook\.webhook: the signature is missing or wrong"):
        webhook().verify(b"{}", {"X-Hub-Signature-256": header}, NOW)


def test_one_that_is_missing_or_doubled_is_refused() -> None:
    right = signature("s", b"{}")
    webhook().verify(b"{}", {"X-HUB-SIGNATURE-256": right}, NOW)
    for headers in ({}, {"X-Hub-Signature-256": right, "x-hub-signature-256": right}):
        with pytest.raises(AuthError):
            webhook().verify(b"{}", headers, NOW)


def test_the_bytes_are_signed_and_not_what_they_mean() -> None:
    body = json.dumps({"text": "é"}).encode()
    webhook().verify(body, signed(body), NOW)
    with pytest.raises(AuthError):
        webhook().verify(json.dumps({"text": "é"}, ensure_ascii=False).encode(), signed(body), NOW)


@pytest.mark.parametrize("unit", [1, 1000])
@pytest.mark.parametrize("form", [int, str])
def test_what_is_too_old_is_somebody_elses_repetition(unit: int, form: type) -> None:
    at = NOW - timedelta(days=8)
    for seconds, fits in ((1, True), (-1, False)):
        stamp = form(int((at + timedelta(seconds=seconds)).timestamp()) * unit)
        body = json.dumps({"entry": [{"time": 1, "messaging": [{"timestamp": stamp}]}]}).encode()
        if fits:
            webhook().verify(body, signed(body), NOW)
        else:
            with pytest.raises(AuthError, match="too old"):
                webhook().verify(body, signed(body), NOW)


@pytest.mark.parametrize("body", [b"", b"[", b"7", b'{"time": true}', b'{"time": "x"}', b"[1e9]"])
def test_a_body_without_a_time_is_believed_by_its_signature(body: bytes) -> None:
    webhook().verify(body, signed(body), NOW)


def test_without_the_secret_nothing_is_believed() -> None:
    with pytest.raises(ConfigError, match="app_secret is missing"):
        webhook(app_secret=None).verify(b"{}", signed(b"{}"), NOW)


def test_the_handshake_gives_the_challenge_back() -> None:
    asked = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": "kata"}
    assert webhook().handshake(asked) == "42"
    for name, wrong in [
        ("hub.mode", "unsubscribe"),
        ("hub.verify_token", "kat"),
        ("hub.verify_token", ""),
        ("hub.verify_token", "é"),
        ("hub.challenge", ""),
    ]:
        assert webhook().handshake({**asked, name: wrong}) is None
    for none in (None, Secret("")):
        without = webhook(verify_token=none)
        assert without.handshake(asked) is None
        assert without.handshake({**asked, "hub.verify_token": ""}) is None


# --- small things -----------------------------------------------------------------------------


def test_days_are_counted_and_told() -> None:
    def found(days: float) -> tuple[bool, str]:
        until = int((NOW + timedelta(days=days)).timestamp())
        made = days_finding("token", until, NOW, "ganti")
        assert bool(made.remedy) is not made.ok
        return made.ok, made.detail

    assert found(60) == (True, "berlaku 60 hari lagi")
    assert found(9) == (False, "berlaku 9 hari lagi")
    assert found(-1) == (False, "kedaluwarsa")
    assert days_finding("token", 0, NOW, "ganti").detail == "tidak kedaluwarsa"


def test_a_time_has_a_zone_or_is_none() -> None:
    read = TypeAdapter[datetime](Instant).validate_python
    for form in (1795147200, "1795147200", "1795147200000", "2026-11-20T04:00:00+0000"):
        assert read(form) == datetime(2026, 11, 20, 4, tzinfo=UTC)
    for wrong in ("2026-11-20T04:00:00", "kemarin", None, 10**30, "9" * 40):
        with pytest.raises(ValidationError):
            read(wrong)


def test_what_has_another_shape_is_nothing() -> None:
    assert (as_dict([1]), as_dict({"a": 1})) == ({}, {"a": 1})
    assert (as_text(7), as_text(" a ")) == ("", "a")
