"""WhatsApp's Cloud API in memory or in a folder, with citizens, an officer's phone and faults."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pelayanan.protocol.request import Request, Response
from pelayanan.testing._meta import GraphFake, Json, RefusedError, part
from pelayanan.testing.fake import json_answer

__all__ = ["FakeWhatsApp"]

_WINDOW_S = timedelta(hours=24).total_seconds()
_LONGEST = 4096
NUMBER = "62736000000"  # of the agency


@dataclass(frozen=True, slots=True)
class _Citizen:
    server: "FakeWhatsApp"
    name: str
    to: str

    def post(self, text: str, *, reply_to: str = "") -> str:
        """Write to the agency and return the message's id."""
        more = {"context": {"from": NUMBER, "id": reply_to}} if reply_to else {}
        return self.send("text", {"body": text}, **more)

    def send(self, kind: str, content: Any, **more: Any) -> str:
        """Send a message of any type."""
        return self.server.incoming(self, {"type": kind, kind: content, **more})

    def photo(self, caption: str = "") -> str:
        """Send a photo."""
        file = {"id": str(self.server.number()), "mime_type": "image/jpeg", "sha256": "x"}
        return self.send("image", {**file, **({"caption": caption} if caption else {})})

    def edit(self, message_id: str, text: str) -> str:
        """Change a message."""
        inner = {"type": "text", "text": {"body": text}}
        return self.send("edit", {"original_message_id": message_id, "message": inner})

    def revoke(self, message_id: str) -> str:
        """Take a message away."""
        return self.send("revoke", {"original_message_id": message_id})


@dataclass(frozen=True, slots=True)
class _Officer:
    server: "FakeWhatsApp"
    agency: str

    def reply(self, message_id: str, text: str) -> str:
        """Answer in the WhatsApp Business app on the agency's phone."""
        return self.server.echo(self.agency, message_id, text)


class FakeWhatsApp(GraphFake):
    """One app with the numbers of agencies: the transport of a client, and a source of webhooks.

    A message that is written outside the window is taken and fails afterwards, by webhook.
    """

    scopes = ("whatsapp_business_messaging", "whatsapp_business_management")

    def citizen(
        self, name: str, *, number: str = "", hidden: bool = False, agency: str = ""
    ) -> _Citizen:
        """Somebody who writes to an agency; `hidden` shows a user name in place of the number."""
        with self.world() as state:
            people, account = part(state, "people"), agency or self.default()
            if name not in people:
                order = len(people) + 1
                people[name] = {
                    "user_id": f"ID.{1349000000000000 + order}",
                    "wa_id": number or f"62812{order:08d}",
                    "hidden": hidden,
                }
            return _Citizen(self, name, account)

    def officer(self, agency: str = "") -> _Officer:
        """Somebody who answers on the agency's phone."""
        return _Officer(self, agency or self.default())

    def approve(self, template: str) -> None:
        """Approve a template."""
        with self.world() as state:
            part(state, "templates")[template] = True

    @property
    def sent(self) -> list[Json]:
        """All messages that agencies sent, as they were taken."""
        with self.world() as state:
            return [one for one in part(state, "messages").values() if one["out"]]

    def incoming(self, citizen: _Citizen, content: Json) -> str:
        """A citizen's message arrives, and is pushed."""
        name = citizen.name
        with self.world() as state:
            who = part(state, "people")[name]
            message_id, at = f"wamid.CONTOH{self.number()}", self.now_s()
            message = {"id": message_id, "timestamp": str(at), "from_user_id": who["user_id"]}
            profile = {"name": name}
            contact: Json = {"profile": profile, "user_id": who["user_id"]}
            if who["hidden"]:
                contact["profile"] = {**profile, "username": name.lower().replace(" ", ".")}
            else:
                message["from"] = contact["wa_id"] = who["wa_id"]
            known = {"agency": citizen.to, "who": name, "at": at, "out": False}
            part(state, "messages")[message_id] = known
            self._tell(citizen.to, contacts=[contact], messages=[{**message, **content}])
            return message_id

    def echo(self, agency: str, message_id: str, text: str) -> str:
        """An answer from the agency's phone is pushed."""
        with self.world() as state:
            who = part(state, "people")[part(state, "messages")[message_id]["who"]]
            echo_id = f"wamid.GEMA{self.number()}"
            echo = {
                "from": NUMBER,
                "to": who["wa_id"],
                "to_user_id": who["user_id"],
                "id": echo_id,
                "timestamp": str(self.now_s()),
                "type": "text",
                "text": {"body": text},
                "context": {"id": message_id},
            }
            self._tell(agency, field="smb_message_echoes", message_echoes=[echo])
            return echo_id

    def status(self, message_id: str, state_: str, code: int = 0) -> None:
        """Tell what became of a message."""
        with self.world() as state:
            message = part(state, "messages")[message_id]
            told: Json = {
                "id": message_id,
                "status": state_,
                "timestamp": str(self.now_s()),
                "recipient_id": message["who"],
            }
            if message["key"]:
                told["biz_opaque_callback_data"] = message["key"]
            if code:
                told["errors"] = [{"code": code, "title": "kata-kata Meta"}]
            self._tell(message["agency"], statuses=[told])

    def route(self, account: str, path: str, request: Request) -> Response:
        """Number and messages."""
        if path == account and request.method == "GET":
            return json_answer(self._number(account, str(request.params.get("fields", ""))))
        if path == f"{account}/messages" and request.method == "POST":
            return json_answer(self._take(account, self.given(request)))
        raise RefusedError(100, 33)

    def _number(self, account: str, fields: str) -> Json:
        known = {
            "id": account,
            "display_phone_number": "+62 736-000000",
            "verified_name": "Dinas Contoh",
            "quality_rating": "GREEN",
            "name_status": "APPROVED",
            "code_verification_status": "VERIFIED",
            "messaging_limit_tier": "TIER_2K",
        }
        wanted = ["id", *fields.split(",")] if fields else list(known)
        if unknown := [name for name in wanted if name not in known]:
            raise RefusedError(100, len(unknown))
        return {name: known[name] for name in wanted}

    def _take(self, account: str, body: Json) -> Json:
        whom, code = self._recipient(body), self._must_be_valid(body)
        with self.world() as state:
            message_id = f"wamid.JAWAB{self.number()}"
            last = max(
                (
                    one["at"]
                    for one in part(state, "messages").values()
                    if one["who"] == whom and not one["out"] and one["agency"] == account
                ),
                default=0,
            )
            part(state, "messages")[message_id] = {
                "agency": account,
                "who": whom,
                "at": self.now_s(),
                "out": True,
                "text": body.get("text", {}).get("body", ""),
                "key": body.get("biz_opaque_callback_data", ""),
                "body": body,
            }
            closed = code == "text" and self.now_s() - last >= _WINDOW_S
            self.status(message_id, "failed" if closed else "sent", 131047 if closed else 0)
            wa_id = part(state, "people")[whom]["wa_id"]
            contact = {"input": body.get("to", body.get("recipient", "")), "wa_id": wa_id}
        return {
            "messaging_product": "whatsapp",
            "contacts": [contact],
            "messages": [{"id": message_id}],
        }

    def _recipient(self, body: Json) -> str:
        with self.world() as state:
            for name, who in part(state, "people").items():
                by_number = body.get("to") == who["wa_id"] and not who["hidden"]
                if by_number or body.get("recipient") == who["user_id"]:
                    return str(name)
        raise RefusedError(131026)

    def _must_be_valid(self, body: Json) -> str:
        kind = str(body.get("type", ""))
        if body.get("messaging_product") != "whatsapp" or kind not in {"text", "template"}:
            raise RefusedError(131009)
        if kind == "text" and not 0 < len(body["text"]["body"]) <= _LONGEST:
            raise RefusedError(100)
        with self.world() as state:
            approved = part(state, "templates")
        if kind == "template" and body["template"]["name"] not in approved:
            raise RefusedError(132001, status=404)
        return kind

    def _tell(self, account: str, *, field: str = "messages", **told: Any) -> None:
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": NUMBER, "phone_number_id": account},
            **told,
        }
        changes = [{"field": field, "value": value}]
        entry = {"id": "1020", "changes": changes}
        self.push({"object": "whatsapp_business_account", "entry": [entry]})
