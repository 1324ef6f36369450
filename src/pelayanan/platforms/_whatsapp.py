"""What WhatsApp sends and takes: wire shapes.

Source: contract `business-messaging-api_v23.0.yaml`; business-scoped user ids, echoes, edits and
deletions: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/.
"""

from typing import Any

from pydantic import ConfigDict, Field

from pelayanan.platforms._meta_read import Instant, Told, as_dict
from pelayanan.protocol.page import Items

__all__ = ["Accepted", "Body", "Change", "Contact", "File", "Message", "Number", "Status", "Value"]


class File(Told):
    id: str = ""
    mime_type: str = "application/octet-stream"
    filename: str = ""
    caption: str = ""


class Context(Told):
    id: str | None = None


class Message(Told):
    model_config = ConfigDict(extra="allow")  # the content stands under the name of the type

    id: str
    timestamp: Instant
    type: str = "unknown"
    sender: str | None = Field(default=None, alias="from")
    from_user_id: str | None = None
    to: str | None = None
    to_user_id: str | None = None
    context: Context | None = None

    def part(self, name: str) -> dict[str, Any]:
        """The content of one type; empty where there is none."""
        return as_dict((self.model_extra or {}).get(name))


class Profile(Told):
    name: str = ""
    username: str = ""


class Contact(Told):
    wa_id: str | None = None
    user_id: str | None = None
    profile: Profile = Profile()


class Failure(Told):
    code: int = -1


class Status(Told):
    id: str
    status: str
    timestamp: Instant
    biz_opaque_callback_data: str = ""
    errors: list[Failure] = Field(default=[])


class Metadata(Told):
    phone_number_id: str


class Value(Told):
    metadata: Metadata
    contacts: Items[Contact] = Field(default=[])
    messages: Items[Message] = Field(default=[])
    message_echoes: Items[Message] = Field(default=[])
    statuses: Items[Status] = Field(default=[])


class Change(Told):
    field: str = ""
    value: dict[str, Any] = Field(default={})


class Entry(Told):
    id: str = ""
    changes: Items[Change] = Field(default=[])


class Body(Told):
    entry: Items[Entry]


class Accepted(Told):
    """The answer to a message: taken, which is not yet delivered."""

    class _Taken(Told):
        id: str

    messages: list[_Taken] = Field(min_length=1)


class Number(Told):
    """What the platform tells about the agency's number."""

    display_phone_number: str = ""
    verified_name: str = ""
    quality_rating: str = ""
    name_status: str = ""
    code_verification_status: str = ""
