"""Containers of a fake Instagram or Threads: made, looked at, published once."""

from typing import Any

from pelayanan.testing._meta import GraphFake, Json, RefusedError, part

__all__ = ["ContainerFake"]

_DAY_S = 86_400


class ContainerFake(GraphFake):
    """A server on which things are published in two steps, and tokens are renewed.

    Attributes:
        polls: How often a video answers that it is still being processed.
        broken: Addresses that the server cannot fetch.
    """

    polls = 1

    @property
    def broken(self) -> list[str]:
        """Addresses that cannot be fetched; add to it with `breaks`."""
        with self.world() as state:
            return list(part(state, "broken"))

    def breaks(self, url: str) -> None:
        """Let an address be one that cannot be fetched."""
        with self.world() as state:
            part(state, "broken")[url] = True

    def container(self, account: str, given: Json) -> Json:
        """Make one."""
        urls = [str(given[name]) for name in ("image_url", "video_url") if name in given]
        if any(not url.startswith("https://") for url in urls):
            raise RefusedError(9004)
        known = {**given, "account": account, "at": self.now_s(), "published": ""}
        waits = self.polls if "video_url" in given else 0
        with self.world() as state:
            made = f"18{self.number():013d}"
            failed = any(url in part(state, "broken") for url in urls)
            part(state, "containers")[made] = {**known, "polls": waits, "failed": failed}
            return {"id": made}

    def state(self, container: str) -> str:
        """How one stands."""
        with self.world() as state:
            found = part(state, "containers")[container]
            if found["published"]:
                return "PUBLISHED"
            if found["failed"]:
                return "ERROR"
            if self.now_s() - found["at"] >= _DAY_S:
                return "EXPIRED"
            if found["polls"] > 0:
                found["polls"] -= 1
                return "IN_PROGRESS"
            return "FINISHED"

    def is_container(self, name: str) -> bool:
        """Whether this is the id of one."""
        with self.world() as state:
            return name in part(state, "containers")

    def take(self, account: str, given: Json) -> Json:
        """A container that is published now; one that was, or is not ready, is refused."""
        with self.world() as state:
            found: Json | None = part(state, "containers").get(str(given.get("creation_id")))
            if found is None or found["account"] != account:
                raise RefusedError(24)
            if found["published"] or found["failed"] or found["polls"] > 0:
                raise RefusedError(9007)
            return found

    def renewed(self, token: str) -> Json:
        """A token for 60 more days; one of today is too young."""
        with self.world() as state:
            tokens = part(state, "tokens")
            known: Any = tokens.get(token)
            if known is None:
                raise RefusedError(190, status=401)
            if known["until"] <= self.now_s():
                raise RefusedError(190, 463, status=401)
            if self.now_s() - known["since"] < _DAY_S:
                raise RefusedError(100)
            fresh = f"{token.partition('.')[0]}.{self.number()}"
            now = self.now_s()
            tokens[fresh] = {**known, "since": now, "until": now + 60 * _DAY_S}
            return {"access_token": fresh, "token_type": "bearer", "expires_in": 60 * _DAY_S}
