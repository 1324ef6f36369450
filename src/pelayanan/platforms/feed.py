"""RSS and Atom feeds of news sites. One call brings what the site lists; nothing is ever written.

Formats: https://www.rssboard.org/rss-specification and RFC 4287, read by the library `feedparser`
(`pip install 'pelayanan[feeds]'`), which gets bytes only and calls nobody.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import urlsplit

from pydantic import Field

from pelayanan.errors import ConfigError, ContractError
from pelayanan.models import Mention
from pelayanan.platforms import _feed as wire
from pelayanan.protocol.capabilities import Capabilities
from pelayanan.protocol.flow import Steps, flow, send
from pelayanan.protocol.page import Cursor, Page, Unreadable, sift
from pelayanan.protocol.request import Request, Response
from pelayanan.protocol.search import Query
from pelayanan.protocol.throttle import Throttle, budget

__all__ = ["Feed"]

_ENTRIES = "feed/1"
_LARGEST = 2 * 1024 * 1024  # bytes; the feeds of large news sites have a tenth of it
_REMEMBERED = 1000  # entries; what an old one may tell twice changes nothing


class Feed:
    """One feed, such as ``Feed("https://berita.example/rss")``.

    Args:
        url: Its address.
        handle: What logs and reports call it; the host where it is left out.
        clock: The present; aware.

    Raises:
        ConfigError: The address is not http or https, or holds a password.
    """

    name = "feed"
    capabilities = Capabilities()

    def __init__(
        self,
        url: str,
        *,
        handle: str = "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: TID251  the default
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise ConfigError('url must be like "https://berita.example/rss"')
        self._url = url
        self._host = parts.hostname
        self._handle = handle or self._host
        self._clock = clock
        self._throttle = Throttle(6, 60.0, name=budget("feed", self._url))

    @property
    def handle(self) -> str:
        """What logs and reports call the feed."""
        return self._handle

    @flow
    def entries(self, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List what the site published, oldest first, new since `cursor`."""
        return (yield from self._page(_ENTRIES, cursor, Query()))

    @flow
    def search(self, query: str, cursor: str | None = None) -> Steps[Page[Mention]]:
        """List what the site published with all words of `query`, new since `cursor`."""
        asked = Query.of(query)
        return (yield from self._page(asked.form(self.name), cursor, asked))

    def _page(self, form: str, cursor: str | None, query: Query) -> Steps[Page[Mention]]:
        known = _Known.resume(form, cursor)
        response = yield from send(self._request(known))
        if response.status == 304:
            return Page((), known.to_text(form))
        if len(response.body) > _LARGEST:
            size = f"a feed of more than {_LARGEST >> 20} MiB"
            raise ContractError(size, operation=self._operation)
        found = wire.entries(response, self._host, self._clock(), self._operation)
        fresh, rest = known.tell(found, response)
        items, unreadable = sift(fresh)
        fits = tuple(item for item in items if query.fits(item.text))
        cursor = rest.to_text(form)
        return Page(fits, cursor, unreadable=unreadable)

    @property
    def _operation(self) -> str:
        return f"{self.name}.entries"

    def _request(self, known: "_Known") -> Request:
        headers = {"Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9"}
        headers |= {"If-None-Match": known.etag} if known.etag else {}
        headers |= {"If-Modified-Since": known.modified} if known.modified else {}
        return Request(
            operation=self._operation,
            url=self._url,
            headers=headers,
            repeatable=True,
            throttle=self._throttle,
        )


class _Known(Cursor):
    """What a feed told before.

    Attributes:
        etag: Of its last state, as the server named it.
        modified: The same by time.
        told: Short names of the entries that it still listed then.
    """

    etag: str = ""
    modified: str = ""
    told: list[str] = Field(default=[])

    def tell(
        self, found: Iterable[Mention | Unreadable], response: Response
    ) -> tuple[list[Mention | Unreadable], "_Known"]:
        """Part what is new from what was told, and remember."""
        fresh: dict[str, Mention | Unreadable] = {}
        names: list[str] = []
        for each in found:
            told = each.id if isinstance(each, Mention) else f"?{each.id}"  # it may get words yet
            name = sha256(told.encode()).hexdigest()[:10]
            names.append(name)
            if name not in self.told:
                fresh.setdefault(name, each)
        headers = response.headers
        etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
        rest = _Known(
            etag=etag if etag.isascii() and len(etag) < 500 else "",
            modified=modified if modified.isascii() and len(modified) < 100 else "",
            told=list(dict.fromkeys(names))[-_REMEMBERED:],
        )
        return list(fresh.values()), rest
