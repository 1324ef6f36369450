"""What every platform that pushes must do, beside `pelayanan.testing.conformance`."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from pelayanan.errors import AuthError
from pelayanan.protocol.webhook import WebhookEvents
from pelayanan.testing.mutating import mutants
from pelayanan.testing.world import Conformance, World

__all__ = ["WebhookConformance"]


class WebhookConformance(Conformance):
    """For every `WebhookSource`: only the platform is believed, and nothing makes it fail."""

    proves: ClassVar[tuple[str, ...]] = ("WebhookSource",)

    def test_what_was_written_is_pushed_and_believed(self, world: World) -> None:
        wrote = [world.write(f"pesan nomor {number}") for number in range(3)]
        for headers, body in world.pushed():
            world.account.verify(body, headers, now=datetime.now(UTC))
            upper = {name.upper(): value for name, value in headers.items()}
            world.account.verify(body, upper, now=datetime.now(UTC))
        found = self.events(world).mentions
        assert list(dict.fromkeys(each.id for each in found)) == wrote
        assert all(f"pesan nomor {n}" in each.text for n, each in enumerate(found))
        assert all(each.created_at.tzinfo and each.author.id for each in found)

    def test_what_is_pushed_twice_has_the_same_id(self, world: World) -> None:
        world.fault("duplicate")
        wrote = world.write("halo")
        assert {each.id for each in self.events(world).mentions} == {wrote}

    def test_nobody_else_is_believed(self, world: World) -> None:
        world.write("halo")
        headers, body = world.pushed()[-1]
        proofs = [name for name in headers if name.lower() != "content-type"]
        for name in proofs:
            self.refused(world, {k: v for k, v in headers.items() if k != name}, body)
            for wrong in ("", headers[name][:-1], headers[name][:-1] + "é", "x" + headers[name]):
                self.refused(world, {**headers, name: wrong}, body)
        for place in range(len(body)) if world.signs_body else ():
            changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
            self.refused(world, headers, changed)
        if world.signs_body:
            self.refused(world, headers, body + b" ")

    def test_an_old_one_is_refused(self, world: World) -> None:
        if world.webhook_days is None:
            return
        world.write("halo")
        headers, body = world.pushed()[-1]
        late = datetime.now(UTC) + timedelta(days=world.webhook_days)
        world.account.verify(body, headers, now=late - timedelta(hours=1))
        self.refused(world, headers, body, late + timedelta(hours=1))

    def test_the_handshake_answers_only_who_knows_the_word(self, world: World) -> None:
        assert world.account.handshake({}) is None
        if world.handshake is None:
            return
        assert world.account.handshake(world.handshake)
        for name, value in world.handshake.items():
            without = {k: v for k, v in world.handshake.items() if k != name}
            assert world.account.handshake(without) is None
            if "challenge" not in name:
                assert world.account.handshake({**without, name: f"{value}x"}) is None

    def test_damaged_bodies_are_set_aside_and_never_fail(self, world: World) -> None:
        world.write("halo")
        for _, body in world.pushed():
            for damaged in mutants(body, 1000):
                found: WebhookEvents = world.account.parse(damaged)
                assert all(each.author.id for each in found.mentions)

    def refused(
        self, world: World, headers: Mapping[str, str], body: bytes, now: datetime | None = None
    ) -> None:
        try:
            world.account.verify(body, headers, now=now or datetime.now(UTC))
        except AuthError as refused:
            told = f"{refused!r} {refused} {refused.remedy}"
        else:
            raise AssertionError("a webhook of somebody else was believed")
        assert world.secret not in told
