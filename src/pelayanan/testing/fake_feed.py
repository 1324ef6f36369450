"""A news site with a feed, in memory or in a folder, with faults."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from pelayanan.protocol.request import Request, Response
from pelayanan.testing.fake import Fake

__all__ = ["FakeFeed"]


class FakeFeed(Fake):
    """One site whose feed is at any address of its host.

    Args:
        folder: As in `Fake`.
        seed: As in `Fake`.
        clock: As in `Fake`.
        host: Name of the site.
        listed: How many articles the feed lists; older ones fall out of it.
    """

    host = "berita.example"

    def __init__(
        self,
        *,
        folder: Path | str | None = None,
        seed: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        host: str = "berita.example",
        listed: int = 50,
    ) -> None:
        super().__init__(folder=folder, seed=seed, clock=clock)
        self.host = host
        self._listed = listed

    def publish(self, title: str, summary: str = "", *, at: datetime | None = None) -> str:
        """Publish an article; returns its id."""
        with self.world() as state:
            identity = f"https://{self.host}/?p={self.number()}"
            stamp = format_datetime((at or self.clock()).astimezone(UTC))
            article = {"id": identity, "title": title, "summary": summary, "at": stamp}
            state.setdefault("articles", []).append(article)
            return identity

    def respond(self, request: Request) -> Response:
        """The feed, newest first, or word that it is as it was."""
        with self.world() as state:
            articles: list[dict[str, Any]] = state.get("articles", [])[-self._listed :][::-1]
        if articles and self.strikes("duplicate"):
            articles = [articles[0], *articles]
        body = self._rss(articles).encode()
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == etag:
            return Response(304, {"etag": etag})
        headers = {"etag": etag, "content-type": "application/rss+xml; charset=utf-8"}
        return Response(200, headers, body)

    def _rss(self, articles: list[dict[str, Any]]) -> str:
        items = "".join(
            f"<item><guid isPermaLink='false'>{escape(one['id'])}</guid>"
            f"<link>{escape(one['id'])}</link><title>{escape(one['title'])}</title>"
            f"<description>{escape(one['summary'])}</description>"
            f"<pubDate>{one['at']}</pubDate></item>"
            for one in articles
        )
        head = "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
        return f"{head}<title>Berita Contoh</title>{items}</channel></rss>"
