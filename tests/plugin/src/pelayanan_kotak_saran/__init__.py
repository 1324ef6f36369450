"""Kotak Saran, the suggestion box of an invented city. Limit: 60 calls a minute for each key."""

from pydantic import AwareDatetime, BaseModel, SecretStr

from pelayanan.errors import AuthError, TooLongError
from pelayanan.models import Answer, Author, Check, Finding, Mention, Sent, as_secret
from pelayanan.protocol.capabilities import Capabilities, TextLimit
from pelayanan.protocol.flow import Steps, fetch, flow
from pelayanan.protocol.page import Items, Page, read, resume, sift
from pelayanan.protocol.request import Request
from pelayanan.protocol.throttle import Throttle, budget
from pelayanan.text.length import count

__all__ = ["KotakSaran"]

_MENTIONS = "kotak_saran/1"  # platform and format; a new format reads the old ones
_ANSWERS = "kotak_saran.answers/1"
_LIMIT = TextLimit("characters", 500)


class _Suggestion(BaseModel):  # wire shapes: private, named like the platform's
    id: int
    sender: str
    text: str
    at: AwareDatetime


class _Answer(BaseModel):
    id: int
    to: int
    text: str
    at: AwareDatetime
    key: str = ""


class KotakSaran:
    """The box of one agency."""

    name = "kotak_saran"
    capabilities = Capabilities(text=(_LIMIT,))

    def __init__(
        self, box: str, token: str | SecretStr, *, base_url: str = "https://kotak.example"
    ) -> None:
        self.handle = box
        self._token = as_secret(token)
        self._url = f"{base_url.rstrip('/')}/v1/boxes/{box}"
        self._throttle = Throttle(60, 60.0, name=budget(self._url, self._token))

    @flow
    def mentions(self, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List suggestions, oldest first, from `cursor` on."""
        seen = resume(_MENTIONS, cursor) or "0"
        request = self._request("mentions", f"/suggestions?after={seen}")
        found = yield from fetch(request, Items[_Suggestion])
        last = max([int(seen), *(one.id for one in found if isinstance(one, _Suggestion))])
        items, unreadable = sift(read(found, self._mention))
        return Page(items, f"{_MENTIONS}:{last}", more=last > int(seen), unreadable=unreadable)

    @flow
    def answers(self, cursor: str | None = None) -> Steps[Page[Answer]]:
        """List what the agency answered, in the box's own app too."""
        seen = resume(_ANSWERS, cursor) or "0"
        request = self._request("answers", f"/answers?after={seen}")
        found = yield from fetch(request, Items[_Answer])
        last = max([int(seen), *(one.id for one in found if isinstance(one, _Answer))])
        items, unreadable = sift(read(found, self._answer))
        return Page(items, f"{_ANSWERS}:{last}", more=last > int(seen), unreadable=unreadable)

    @flow
    def reply(self, mention: Mention, text: str, *, key: str) -> Steps[Sent]:
        """Answer a suggestion. The box drops repeats that carry the same `key`."""
        operation = f"{self.name}.reply"
        if count(_LIMIT.counter, text) > _LIMIT.limit:
            raise TooLongError(f"the box takes {_LIMIT.limit} characters", operation=operation)
        request = Request(
            operation=operation,
            method="POST",
            url=f"{self._url}/suggestions/{mention.id}/answers",
            headers={**self._headers(), "Idempotency-Key": key},
            json={"text": text},
            repeatable=True,  # because of the key
            throttle=self._throttle,
        )
        return self._sent((yield from fetch(request, _Answer)))

    @flow
    def find_reply(self, mention: Mention, *, key: str, text: str = "") -> Steps[Sent | None]:
        """Look whether the answer stands: the box shows the key of each."""
        request = self._request("find_reply", f"/suggestions/{mention.id}/answers")
        found = yield from fetch(request, list[_Answer])
        return next((self._sent(one) for one in found if one.key == key), None)

    @flow
    def check(self) -> Steps[Check]:
        """Tell whether the token works."""
        try:
            yield from fetch(self._request("check", "/suggestions?after=0"), Items[_Suggestion])
            finding = Finding(name="token", ok=True)
        except AuthError as error:
            finding = Finding(name="token", ok=False, detail=str(error), remedy=error.remedy)
        return Check(platform=self.name, handle=self.handle, findings=(finding,))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token.get_secret_value()}"}

    def _request(self, verb: str, path: str) -> Request:
        return Request(
            operation=f"{self.name}.{verb}",  # what logs and errors show instead of the URL
            url=self._url + path,
            headers=self._headers(),
            repeatable=True,  # reads
            throttle=self._throttle,
        )

    def _mention(self, found: _Suggestion) -> Mention:
        return Mention(
            platform=self.name,
            id=str(found.id),
            author=Author(id=found.sender, handle=found.sender),
            text=found.text,
            created_at=found.at,
        )

    def _answer(self, found: _Answer) -> Answer:
        return Answer(
            platform=self.name,
            id=str(found.id),
            to=str(found.to),
            text=found.text,
            created_at=found.at,
        )

    def _sent(self, found: _Answer) -> Sent:
        return Sent(id=str(found.id), at=found.at, confirmed=True)
