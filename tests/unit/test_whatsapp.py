import json
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pelayanan.errors import (
    ConfigError,
    PelayananError,
    PolicyError,
    RateLimitError,
    ReauthRequiredError,
    TooLongError,
)
from pelayanan.models import Answer, Author, Mention
from pelayanan.platforms import WhatsApp
from pelayanan.protocol.capabilities import MentionSource, ReplyFinder, WebhookSource
from pelayanan.protocol.webhook import Delivery, WebhookEvents
from pelayanan.testing import answer, replay

NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
SENT_AT = datetime(2026, 11, 18, 15, 20, tzinfo=UTC)  # 1795015200
TOKEN = "EAArahasia"
WATI: dict[str, Any] = {
    "profile": {"name": "Wati Contoh"},
    "wa_id": "6281200000000",
    "user_id": "ID.1349000000000001",
}
BASE = "https://graph.facebook.com/v26.0"


def account(**options: Any) -> WhatsApp:
    known: dict[str, Any] = {"app_secret": "s", "verify_token": "kata", "clock": lambda: NOW}
    return WhatsApp("1060", TOKEN, **{**known, **options})


def message(kind: str = "text", content: Any = None, /, **more: Any) -> dict[str, Any]:
    known = {"from": WATI["wa_id"], "from_user_id": WATI["user_id"], "id": "wamid.1"}
    said = {"body": "Air PDAM mati"} if content is None else content
    return {**known, "timestamp": "1795015200", "type": kind, kind: said, **more}


def body(*messages: Any, field: str = "messages", number: str = "1060", **value: Any) -> bytes:
    known = {"metadata": {"phone_number_id": number}, "contacts": [WATI]}
    told = {**known, **({"messages": list(messages)} if messages else {}), **value}
    change = {"field": field, "value": told}
    entry = {"id": "1020", "changes": [change]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def parsed(*messages: Any, **value: Any) -> WebhookEvents:
    return account().parse(body(*messages, **value))


def mention(at: datetime = NOW - timedelta(hours=1), **ref: str) -> Mention:
    author = Author(id="ID.1349000000000001", handle="6281200000000", name="Wati Contoh")
    known = {"to": "6281200000000", "user_id": "ID.1349000000000001"}
    return Mention(
        platform="whatsapp",
        id="wamid.1",
        author=author,
        text="Air PDAM mati",
        created_at=at,
        private=True,
        ref={**known, **ref},
    )


TAKEN = {"messages": [{"id": "wamid.9"}]}


# --- what citizens write ----------------------------------------------------------------------


def test_a_message_is_read_with_its_author() -> None:
    (found,) = parsed(message(context={"id": "wamid.0"})).mentions
    assert found == Mention(
        platform="whatsapp",
        id="wamid.1",
        author=Author(id=WATI["user_id"], handle=WATI["wa_id"], name="Wati Contoh"),
        text="Air PDAM mati",
        created_at=SENT_AT,
        thread=WATI["wa_id"],
        reply_to="wamid.0",
        private=True,
        ref={"to": WATI["wa_id"], "user_id": WATI["user_id"]},
    )


def test_a_person_who_shows_no_number_is_known_by_the_user_id() -> None:
    who = {"profile": {"name": "Wati Contoh", "username": "wati.contoh"}, "user_id": "ID.7"}
    told = message(**{"from": None, "from_user_id": "ID.7"})
    (found,) = parsed(told, contacts=[who]).mentions
    assert found.author == Author(id="ID.7", handle="wati.contoh", name="Wati Contoh")
    assert found.ref == {"to": "", "user_id": "ID.7"}


def test_the_user_id_is_found_in_the_contact_where_the_message_has_none() -> None:
    told = {name: value for name, value in message().items() if name != "from_user_id"}
    assert parsed(told).mentions[0].author.id == WATI["user_id"]
    (found,) = parsed(told, contacts=[]).mentions
    assert found.author == Author(id=WATI["wa_id"], handle=WATI["wa_id"])


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        ("image", {"id": "5", "mime_type": "image/jpeg", "caption": " jalan "}, "jalan"),
        ("image", {"id": "5", "mime_type": "image/jpeg"}, ""),
        ("button", {"payload": "x", "text": "Ya"}, "Ya"),
        ("interactive", {"type": "list_reply", "list_reply": {"title": "KTP"}}, "KTP"),
        ("interactive", {"type": "button_reply", "button_reply": {"title": "Ya"}}, "Ya"),
        ("interactive", {"type": "nfm_reply"}, "[pilihan]"),
        ("interactive", {"type": "nfm_reply", "nfm_reply": {"response_json": "{"}}, "[pilihan]"),
        (
            "interactive",
            {
                "type": "nfm_reply",
                "nfm_reply": {
                    "body": "Sent",
                    "response_json": '{"flow_token":"x","keluhan":"air mati","rt":3,"n":[1]}',
                },
            },
            "keluhan: air mati\nrt: 3",
        ),
        (
            "location",
            {"name": "Pasar", "latitude": -3.8, "longitude": 102.2},
            "Lokasi: Pasar (-3.8, 102.2)",
        ),
        ("location", {}, "Lokasi: (?, ?)"),
        ("contacts", [{"name": {"formatted_name": "Budi"}}], "[kartu kontak]"),
        ("order", {"text": "", "product_items": []}, "[pesanan]"),
        ("unsupported", None, "[pesan jenis unsupported]"),
        ("masa_depan", {"x": 1}, "[pesan jenis masa_depan]"),
    ],
)
def test_every_kind_of_message_reaches_the_agency(kind: str, content: Any, text: str) -> None:
    (found,) = parsed({**message(kind), kind: content}).mentions
    assert found.text == text


def test_files_come_as_addresses_that_need_the_token() -> None:
    file = {"id": "77", "mime_type": "application/pdf", "filename": "ktp.pdf"}
    (found,) = parsed(message("document", file)).mentions
    (attached,) = found.attachments
    assert (attached.url, attached.name) == (f"{BASE}/77", "ktp.pdf")
    assert attached.media_type == "application/pdf"
    assert parsed(message("document", {"id": 7})).mentions[0].attachments == ()
    assert parsed(message("audio", {})).mentions[0].attachments[0].url == ""


@pytest.mark.parametrize("kind", ["reaction", "system", "request_welcome"])
def test_what_wants_no_answer_is_no_message(kind: str) -> None:
    assert parsed(message(kind, {})) == WebhookEvents()


def test_edits_and_deletions_name_the_message_they_had() -> None:
    inner = {"type": "text", "text": {"body": "Air PDAM mati, RT 02"}}
    edit = {"original_message_id": "wamid.1", "message": inner}
    found = parsed(
        message("edit", edit, id="wamid.2"),
        message("revoke", {"original_message_id": "wamid.3"}, id="wamid.4"),
        message("revoke", {}, id="wamid.5"),
        message("edit", {"message": inner}, id="wamid.6"),
    )
    assert [(each.id, each.text) for each in found.edits] == [("wamid.1", "Air PDAM mati, RT 02")]
    assert found.edits[0].author.id == WATI["user_id"]
    assert (found.deletions, found.mentions) == (("wamid.3",), ())
    assert [each.id for each in found.unreadable] == ["wamid.6"]
    nobody = message("edit", edit, id="wamid.2", **{"from": None, "from_user_id": None})
    assert parsed(nobody, contacts=[]).unreadable[0].id == "wamid.1"


@pytest.mark.parametrize(
    "value",
    [
        {"contacts": None},
        {"statuses": None},
        {"contacts": [{**WATI, "profile": None}]},
        {"contacts": [{**WATI, "profile": {"name": None, "username": None}}]},
        {"messages": [message("image", {"id": "5", "caption": None, "filename": None})]},
        {"messages": [message(context={"id": None})]},
    ],
)
def test_null_says_no_more_than_absence(value: dict[str, Any]) -> None:
    (found,) = parsed(message(), **value).mentions
    assert found.author.id == WATI["user_id"]
    assert len(found.attachments) == ("image" in json.dumps(value))


def test_a_status_without_a_key_is_a_status() -> None:
    told = {"id": "wamid.9", "status": "sent", "timestamp": "1795015200"}
    nothing = {"biz_opaque_callback_data": None, "errors": None}
    (found,) = parsed(statuses=[{**told, **nothing}]).deliveries
    assert (found.id, found.key, found.reason) == ("wamid.9", "", "")


def test_what_is_unreadable_is_set_aside_and_the_rest_goes_on() -> None:
    found = parsed(
        {"id": "wamid.7", "type": "text"},
        "rusak",
        message(id="wamid.8", timestamp="kemarin"),
        message(id="wamid.9", **{"from": None, "from_user_id": None}),
        message(),
        contacts=["rusak"],
    )
    assert [each.id for each in found.mentions] == ["wamid.1"]
    assert [each.id for each in found.unreadable] == ["wamid.7", "", "wamid.8", "wamid.9"]
    assert "Wati" not in repr(found.unreadable)


@pytest.mark.parametrize(
    "strange",
    [
        b"",
        b"[]",
        b'{"entry": 7}',
        b'{"entry": [7]}',
        b'{"entry": [{"changes": [7]}]}',
        b'{"entry": [{"changes": [{"field": "messages", "value": {}}]}]}',
    ],
)
def test_a_strange_body_is_one_unreadable_item(strange: bytes) -> None:
    found = account().parse(strange)
    assert len(found.unreadable) == 1
    assert found.mentions == ()


def test_other_fields_and_other_numbers_are_not_ours() -> None:
    assert account().parse(body(message(), field="account_update")) == WebhookEvents()
    found = account().parse(body(message(), number="2060"))
    assert found == WebhookEvents(elsewhere=("2060",))


# --- answers on the agency's phone, and what became of ours -----------------------------------


def test_an_answer_on_the_agencys_phone_is_an_answer() -> None:
    told = {**message(id="wamid.5"), "from": "62736000000", "to": WATI["wa_id"]}
    found = parsed(
        field="smb_message_echoes",
        message_echoes=[
            {**told, "context": {"id": "wamid.1"}},
            {**message("reaction", {}), "to": WATI["wa_id"]},
            {**message("revoke", {"original_message_id": "wamid.4"}), "to": WATI["wa_id"]},
            {**message("revoke", {}), "to": WATI["wa_id"]},
            7,
        ],
    )
    assert found.answers == (
        Answer(
            platform="whatsapp",
            id="wamid.5",
            to="wamid.1",
            text="Air PDAM mati",
            created_at=SENT_AT,
            thread=WATI["wa_id"],
            private=True,
        ),
    )
    assert (found.mentions, found.deletions, len(found.unreadable)) == ((), ("wamid.4",), 1)


def test_an_answer_to_somebody_unknown_keeps_the_number() -> None:
    told = {**message(id="wamid.5"), "to": "62999"}
    found = parsed(field="smb_message_echoes", message_echoes=[told], contacts=[])
    assert (found.answers[0].to, found.answers[0].thread) == ("", "62999")


@pytest.mark.parametrize(
    ("shown", "echoed"),
    [
        ({"from": "62812", "from_user_id": "ID.7"}, {"to": "62812"}),
        ({"from": "62812", "from_user_id": "ID.7"}, {"to": "62812", "to_user_id": "ID.7"}),
        ({"from": "62812"}, {"to": "62812", "to_user_id": "ID.7"}),
        ({"from": None, "from_user_id": "ID.7"}, {"to_user_id": "ID.7"}),
    ],
)
def test_question_and_answer_are_one_conversation_whatever_names_the_person(
    shown: dict[str, Any], echoed: dict[str, Any]
) -> None:
    (asked,) = parsed({**message(), "from_user_id": None, **shown}, contacts=[]).mentions
    echo = {"id": "wamid.5", "timestamp": "1795015200", "type": "text", "text": {"body": "ya"}}
    told = parsed(
        field="smb_message_echoes", message_echoes=[{**echo, **echoed}], contacts=[]
    ).answers
    assert [each.thread for each in told] == [asked.thread]


def status(state: str, **more: Any) -> dict[str, Any]:
    return {"id": "wamid.9", "status": state, "timestamp": "1795015200", **more}


def test_status_webhooks_bring_the_key_back() -> None:
    failed = status("failed", errors=[{"code": 131047, "title": "kata-kata Meta"}])
    found = parsed(
        statuses=[
            status("sent", biz_opaque_callback_data="kasus-1"),
            status("delivered"),
            status("read"),
            status("played"),
            failed,
            status("warning"),
            {"id": "wamid.9"},
        ]
    )
    assert found.deliveries[0] == Delivery(id="wamid.9", state="sent", at=SENT_AT, key="kasus-1")
    assert [each.state for each in found.deliveries[1:]] == ["delivered", "read", "read", "failed"]
    assert "131047" in found.deliveries[-1].reason
    assert found.deliveries[-1].remedy
    assert len(found.unreadable) == 1


# --- sending ----------------------------------------------------------------------------------


def test_an_answer_quotes_the_message_and_carries_the_key() -> None:
    run = replay(account().reply(mention(), "Tim kami ke sana.", key="kasus-1"), [answer(TAKEN)])
    (request,) = run.requests
    assert request.url == f"{BASE}/1060/messages"
    assert request.json == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "6281200000000",
        "type": "text",
        "text": {"body": "Tim kami ke sana.", "preview_url": False},
        "context": {"message_id": "wamid.1"},
        "biz_opaque_callback_data": "kasus-1",
    }
    assert (run.result.id, run.result.at, run.result.confirmed) == ("wamid.9", NOW, False)
    assert not request.repeatable
    assert request.cost is None


def test_a_person_without_a_number_is_addressed_by_the_user_id() -> None:
    def sent(**options: Any) -> Any:
        flow = account(**options).reply(mention(to=""), "Siap", key="k")
        return replay(flow, [answer(TAKEN)]).requests[0].json

    assert sent()["recipient"] == "ID.1349000000000001"
    assert sent(user_id_field="to")["to"] == "ID.1349000000000001"


def test_a_long_key_is_hashed_and_a_price_is_told() -> None:
    flow = account(price="0.0123").reply(mention(), "Siap", key="k" * 600)
    (request,) = replay(flow, [answer(TAKEN)]).requests
    assert isinstance(request.json, dict)
    assert len(request.json["biz_opaque_callback_data"]) == 64
    assert request.cost == Decimal("0.0123")


def test_outside_the_window_nothing_is_sent_and_the_remedy_is_told() -> None:
    late = mention(at=NOW - timedelta(hours=24))
    with pytest.raises(PolicyError, match="window is closed") as caught:
        replay(account().reply(late, "Siap", key="k"), [])
    assert "template" in caught.value.remedy
    assert pickle.loads(pickle.dumps(caught.value)).remedy == caught.value.remedy
    flow = account(window_hours=48).reply(late, "Siap", key="k")
    assert replay(flow, [answer(TAKEN)]).result.id == "wamid.9"


def test_a_template_reaches_a_citizen_outside_the_window() -> None:
    late = mention(at=NOW - timedelta(days=3))
    flow = account().template(late, "kabar_pengaduan", values=("17",), key="k")
    (request,) = replay(flow, [answer(TAKEN)]).requests
    assert isinstance(request.json, dict)
    assert request.json["type"] == "template"
    assert request.json["template"] == {
        "name": "kabar_pengaduan",
        "language": {"code": "id", "policy": "deterministic"},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": "17"}]}],
    }
    bare = replay(account().template(late, "kabar", key="k"), [answer(TAKEN)]).requests[0].json
    assert isinstance(bare, dict)
    assert bare["template"]["components"] == []


def test_a_text_that_is_too_long_is_not_sent() -> None:
    with pytest.raises(TooLongError, match="4097 of 4096"):
        replay(account().reply(mention(), "x" * 4097, key="k"), [])


def test_what_can_be_done_is_told() -> None:
    found = account()
    assert found.handle == "1060"
    assert account(handle="dinsos-wa").handle == "dinsos-wa"
    assert found.capabilities.push_only
    assert found.capabilities.reply_window == timedelta(hours=24)
    assert isinstance(found, WebhookSource)
    assert not isinstance(found, (MentionSource, ReplyFinder))


def test_wrong_settings_are_refused_before_anything_is_sent() -> None:
    with pytest.raises(ConfigError, match="phone_number_id"):
        WhatsApp("+62 736", TOKEN)
    with pytest.raises(ConfigError, match="https"):
        WhatsApp("1060", TOKEN, base_url="http://graph.example")


# --- check ------------------------------------------------------------------------------------

NUMBER = {
    "display_phone_number": "+62 736",
    "verified_name": "Dinas Contoh",
    "quality_rating": "GREEN",
    "name_status": "APPROVED",
    "code_verification_status": "VERIFIED",
}
SCOPES = ["whatsapp_business_messaging", "whatsapp_business_management"]


def debugged(days: float = 30, **more: Any) -> Any:
    until = int((NOW + timedelta(days=days)).timestamp())
    return answer({"data": {"is_valid": True, "expires_at": until, "scopes": SCOPES, **more}})


def checked(*answers: Any, **options: Any) -> dict[str, tuple[bool, str]]:
    found = replay(account(**options).check(), answers).result
    assert all(each.ok or each.remedy for each in found.findings)
    return {each.name: (each.ok, each.detail) for each in found.findings}


def test_a_sound_account_is_told_in_full() -> None:
    date = "Fri, 20 Nov 2026 05:00:30 GMT"
    tier = answer({"messaging_limit_tier": "TIER_2K"})
    found = checked(answer(NUMBER, date=date), debugged(data_access_expires_at=1), tier)
    assert found == {
        "token": (True, "berlaku 30 hari lagi"),
        "data_access": (False, "kedaluwarsa"),
        "scopes": (True, " ".join(SCOPES)),
        "number": (True, "+62 736 Dinas Contoh (APPROVED)"),
        "verification": (True, "VERIFIED"),
        "quality": (True, "GREEN"),
        "tier": (True, "TIER_2K"),
        "limits": (True, "Meta belum menyebut pemakaian"),
        "clock": (True, "selisih -30 detik"),
    }


def test_the_app_asks_about_the_token_where_it_is_known() -> None:
    flow = account(app_id="55").check()
    run = replay(flow, [answer(NUMBER), debugged(), answer({})])
    assert run.requests[1].headers["Authorization"] == "Bearer 55|s"
    assert run.requests[1].params["input_token"] == TOKEN


def test_what_is_wrong_has_its_remedy() -> None:
    poor = {**NUMBER, "quality_rating": "RED", "name_status": "DECLINED"}
    poor["code_verification_status"] = "UNVERIFIED"
    used = json.dumps({"call_count": 97})
    late = "Fri, 20 Nov 2026 04:00:00 GMT"
    found = checked(
        answer(poor, x_app_usage=used, date=late), debugged(2, scopes=[]), tier_field=""
    )
    assert [name for name, (ok, _) in found.items() if not ok] == [
        "token",
        "scopes",
        "number",
        "verification",
        "quality",
        "limits",
        "clock",
    ]
    assert found["limits"] == (False, "terpakai 97 %")
    assert found["tier"] == (True, "tidak disebut; lihat WhatsApp Manager")


def test_what_meta_does_not_tell_is_no_fault() -> None:
    refused = answer({"error": {"code": 100}}, status=400)
    found = checked(answer({}, x_app_usage='{"call_count": 3}'), refused, refused)
    assert all(ok for ok, _ in found.values())
    assert found["token"] == (True, "masuk; masa berlaku tidak diketahui")
    assert found["limits"] == (True, "terpakai 3 %")
    invalid = answer({"data": {"is_valid": False}})
    assert checked(answer({}), invalid, answer({}))["token"] == (False, "tidak berlaku")


def test_a_token_that_is_refused_is_told() -> None:
    refused = answer({"error": {"code": 190}}, status=401)
    assert checked(refused)["token"][0] is False


def test_a_number_that_the_token_does_not_see_and_a_missing_right_have_their_remedies() -> None:
    unseen = answer({"error": {"code": 100, "error_subcode": 33}}, status=400)
    (found,) = replay(account().check(), [unseen]).result.findings
    assert (found.name, found.ok, "konfigurasi" in found.remedy) == ("account", False, True)
    (found,) = replay(
        account().check(), [answer({"error": {"code": 10}}, status=403)]
    ).result.findings
    assert (found.name, found.ok, "izin" in found.remedy) == ("scopes", False, True)


# --- secrets ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind"), [(190, ReauthRequiredError), (131047, PolicyError), (131056, RateLimitError)]
)
def test_the_token_is_in_no_error(code: int, kind: type[PelayananError]) -> None:
    words = f"Malformed access token {TOKEN}"
    refused = answer({"error": {"code": code, "message": words}}, status=400)
    with pytest.raises(kind) as caught:
        replay(account().reply(mention(), "Siap", key="k"), [refused])
    assert TOKEN not in f"{caught.value} {caught.value!r} {vars(caught.value)}"


def test_the_token_is_in_no_repr() -> None:
    flow = account().reply(mention(), "Siap", key="k")
    run = replay(flow, [answer(TAKEN)])
    found = account()
    assert TOKEN not in f"{found!r} {vars(found)} {run.requests!r} {vars(found._graph)}"


def test_the_webhook_of_the_account_is_verified() -> None:
    with pytest.raises(PelayananError, match=r"whatsapp\.webhook"):
        account().verify(body(message()), {}, now=NOW)
    asked = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "kata"}
    assert account().handshake(asked) == "1"
    with pytest.raises(ConfigError, match="app_secret"):
        WhatsApp("1060", TOKEN).verify(b"{}", {}, now=NOW)
