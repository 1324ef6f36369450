"""What every platform must do: one class per capability, for ours and for those of plug-ins.

Subclass the classes of the capabilities that your platform claims and give them a `World`::

    class TestMine(MentionConformance, ReplyConformance):
        @pytest.fixture
        def world(self):
            return MyWorld()

Every test runs on the sync client and on the async one on both loops if `mode` is parametrised
(``MODES``). `capabilities_of` names what an account claims, `unproven` what of it no class of yours
proves. ``pytest -p pelayanan.testing.table`` prints a table of what was proven.
"""

from collections.abc import Sequence
from typing import ClassVar

from pelayanan.errors import AuthError, ConfigError, NotFoundError, PelayananError, TooLongError
from pelayanan.models import Answer, Finding, Mention, Sent
from pelayanan.testing.asking import Mode
from pelayanan.testing.fake import Fault
from pelayanan.testing.webhook_conformance import WebhookConformance
from pelayanan.testing.world import Conformance, World, capabilities_of, unproven

__all__ = [
    "AnswerConformance",
    "CheckConformance",
    "FetchConformance",
    "MentionConformance",
    "PostConformance",
    "PrivateReplyConformance",
    "PublicationFinderConformance",
    "PublishConformance",
    "ReplyConformance",
    "ReplyFinderConformance",
    "SearchConformance",
    "SendConformance",
    "WebhookConformance",
    "World",
    "capabilities_of",
    "unproven",
]


class MentionConformance(Conformance):
    """For every `MentionSource` and `CommentSource`."""

    proves: ClassVar[tuple[str, ...]] = ("MentionSource", "CommentSource")

    def test_all_that_was_written_comes_once_and_oldest_first(
        self, world: World, mode: Mode
    ) -> None:
        wrote = [world.write(f"pesan nomor {number}") for number in range(5)]
        found: list[Mention] = self.mentions(world, mode=mode)
        assert [each.id for each in found] == wrote
        assert all(f"pesan nomor {n}" in each.text for n, each in enumerate(found))
        assert all(each.created_at.tzinfo and each.author.id for each in found)
        assert len({each.author.id for each in found}) == 5

    def test_it_goes_on_from_the_cursor_and_loses_nothing(self, world: World, mode: Mode) -> None:
        first = world.write("sebelum")
        pages = self.pages(world, mode=mode)
        later = world.write("sesudah")
        found: list[Mention] = self.mentions(world, pages[-1].cursor, mode)
        assert [each.id for each in found if each.id != first] == [later]

    def test_a_cursor_names_its_platform_and_a_strange_one_is_refused(
        self, world: World, mode: Mode
    ) -> None:
        world.write("halo")
        page = self.pages(world, mode=mode)[-1]
        assert page.cursor.startswith(f"{world.account.name}/")
        try:
            self.mentions(world, "lain/9:x", mode)
        except ConfigError:
            return
        raise AssertionError("a cursor of another platform was taken")

    def test_a_busy_or_broken_server_is_asked_again(self, world: World, mode: Mode) -> None:
        wrote = world.write("halo")
        faults: Sequence[Fault] = ("busy", "busy_silent", "broken", "dead")
        for name in faults:
            world.fault(name)
            assert [each.id for each in self.mentions(world, mode=mode)] == [wrote], name

    def test_what_the_listing_tells_twice_comes_with_the_same_id(
        self, world: World, mode: Mode
    ) -> None:
        wrote = {world.write("satu"), world.write("dua")}
        world.fault("duplicate")
        assert {each.id for each in self.mentions(world, mode=mode)} == wrote

    def test_the_secret_is_shown_nowhere(self, world: World, mode: Mode) -> None:
        world.write("halo")
        shown = f"{world.account!r} {vars(world.account)!r} {self.mentions(world, mode=mode)!r}"
        assert world.secret not in shown


class SearchConformance(Conformance):
    """For every `SearchSource`."""

    proves: ClassVar[tuple[str, ...]] = ("SearchSource",)

    def search(self, world: World, query: str, mode: Mode, since: str | None = None) -> list[str]:
        found: list[Mention] = self.ask(
            world, lambda c: c.search(world.account, query, since=since), mode
        )
        return [each.id for each in found]

    def cursor(self, world: World, query: str, mode: Mode) -> str:
        pages = self.ask(world, lambda c: c.search_pages(world.account, query), mode)
        cursor: str = pages[-1].cursor
        return cursor

    def test_what_has_all_the_words_is_found_once_and_oldest_first(
        self, world: World, mode: Mode
    ) -> None:
        said = [world.mutter(f"#jalanrusak lubang nomor {number} dalam") for number in range(3)]
        world.mutter("#jalanrusak sudah mulus")
        assert self.search(world, "#jalanrusak lubang", mode) == said

    def test_it_goes_on_from_the_cursor_and_fetching_twice_changes_nothing(
        self, world: World, mode: Mode
    ) -> None:
        first = world.mutter("#jalanrusak pertama")
        cursor = self.cursor(world, "#jalanrusak", mode)
        assert set(self.search(world, "#jalanrusak", mode, cursor)) <= {first}
        later = world.mutter("#jalanrusak kedua")
        for _ in range(2):
            found = self.search(world, "#jalanrusak", mode, cursor)
            assert [each for each in found if each != first] == [later]

    def test_a_cursor_of_another_query_or_platform_is_refused(
        self, world: World, mode: Mode
    ) -> None:
        world.mutter("#jalanrusak")
        cursor = self.cursor(world, "#jalanrusak", mode)
        assert cursor.startswith(f"{world.account.name}/search/")
        for query, since in (("#banjir", cursor), ("#jalanrusak", "lain/search/9:x")):
            try:
                self.search(world, query, mode, since)
            except ConfigError:
                continue
            raise AssertionError("a cursor of something else was taken")

    def test_a_search_for_nothing_or_for_a_person_is_refused(
        self, world: World, mode: Mode
    ) -> None:
        for query in ("  ", "@wati", "from:wati", "0812-0000-0001"):
            try:
                self.search(world, query, mode)
            except ConfigError:
                continue
            raise AssertionError("a person was searched for, or nothing")


class SendConformance(Conformance):
    """For every `Replier` whose messages are listed or pushed."""

    proves: ClassVar[tuple[str, ...]] = ("Replier",)

    def reply(self, world: World, text: str, key: str, mode: Mode) -> Sent:
        mention = self.mentions(world, mode=mode)[0]
        sent: Sent = self.ask(world, lambda c: c.reply(world.account, mention, text, key=key), mode)
        return sent

    def test_a_busy_server_gets_it_once(self, world: World, mode: Mode) -> None:
        world.write("kapan dibuka?")
        world.fault("busy")
        self.reply(world, "Besok pukul 09.00.", "k2", mode)
        assert sum("Besok pukul 09.00." in text for text in world.said()) == 1

    def test_a_text_that_is_too_long_is_refused_before_it_is_sent(
        self, world: World, mode: Mode
    ) -> None:
        world.write("kapan dibuka?")
        if not world.account.capabilities.text:
            return
        try:
            self.reply(world, "panjang " * 2000, "k3", mode)
        except TooLongError:
            assert world.said() == []
            return
        raise AssertionError("a text beyond the limit was sent")


class ReplyConformance(SendConformance):
    """For every `Replier` whose platform can tell what it has: all but a push-only one."""

    def test_the_same_key_is_the_same_answer(self, world: World, mode: Mode) -> None:
        world.write("kapan dibuka?")
        first = self.reply(world, "Besok pukul 08.00.", "k1", mode)
        second = self.reply(world, "Besok pukul 08.00.", "k1", mode)
        assert first.id == second.id
        assert sum("Besok pukul 08.00." in text for text in world.said()) == 1


class ReplyFinderConformance(Conformance):
    """For every `ReplyFinder`: an unknown outcome is looked up, never guessed."""

    proves: ClassVar[tuple[str, ...]] = ("ReplyFinder",)

    def test_nothing_is_found_before_and_the_answer_after(self, world: World, mode: Mode) -> None:
        world.write("bagaimana?")
        mention = self.mentions(world, mode=mode)[0]
        assert self.find(world, mention, "Sudah siap hari ini.", mode) is None
        sent = self.ask(
            world,
            lambda c: c.reply(world.account, mention, "Sudah siap hari ini.", key="cari"),
            mode,
        )
        found = self.find(world, mention, "Sudah siap hari ini.", mode)
        assert found is not None
        assert found.id == sent.id

    def test_an_answer_whose_receipt_was_lost_stands_once(self, world: World, mode: Mode) -> None:
        world.write("bagaimana?")
        mention = self.mentions(world, mode=mode)[0]
        world.fault("lost_reply")
        try:
            self.ask(
                world,
                lambda c: c.reply(world.account, mention, "Loket 2 buka.", key="cari"),
                mode,
            )
        except PelayananError:
            try:
                found = self.find(world, mention, "Loket 2 buka.", mode)
            except PelayananError:
                found = None  # a person decides: nothing may be sent again
            assert found is None or found.id
        assert sum("Loket 2 buka." in text for text in world.said()) == 1

    def find(self, world: World, mention: Mention, text: str, mode: Mode) -> Sent | None:
        found: Sent | None = self.ask(
            world,
            lambda c: c.find_reply(world.account, mention, key="cari", text=text),
            mode,
        )
        return found


class AnswerConformance(Conformance):
    """For every `AnswerSource`: what was typed in the app and what the library sent."""

    proves: ClassVar[tuple[str, ...]] = ("AnswerSource",)

    def test_both_kinds_of_answers_come_once_and_name_their_message(
        self, world: World, mode: Mode
    ) -> None:
        first, second = world.write("satu?"), world.write("dua?")
        mention = self.mentions(world, mode=mode)[0]
        sent = self.ask(
            world, lambda c: c.reply(world.account, mention, "Jawaban satu.", key="a"), mode
        )
        native = world.answer(second, "Jawaban dua.")
        found: list[Answer] = self.ask(world, lambda c: c.answers(world.account), mode)
        assert {(each.id, each.to) for each in found} == {(sent.id, first), (native, second)}
        assert len(found) == 2
        assert not any(each.automatic for each in found)


class PostConformance(Conformance):
    """For every `Publisher`."""

    proves: ClassVar[tuple[str, ...]] = ("Publisher",)

    def publish(self, world: World, text: str, key: str, mode: Mode) -> Sent:
        sent: Sent = self.ask(
            world,
            lambda c: c.publish(world.account, text, media=[world.photo()], key=key),
            mode,
        )
        return sent

    def test_a_busy_server_publishes_it_once(self, world: World, mode: Mode) -> None:
        world.fault("busy")
        assert self.publish(world, "ASN berbagi sepuluh paket.", "p0", mode).id
        assert sum("sepuluh paket" in text for text in world.said()) == 1


class PublishConformance(PostConformance):
    """For every `Publisher` whose platform can tell what it has."""

    def test_the_same_key_is_published_once(self, world: World, mode: Mode) -> None:
        first = self.publish(world, "ASN berbagi dua belas paket.", "p1", mode)
        assert self.publish(world, "ASN berbagi dua belas paket.", "p1", mode).id == first.id
        assert sum("dua belas paket" in text for text in world.said()) == 1


class PublicationFinderConformance(Conformance):
    """For every `PublicationFinder`."""

    proves: ClassVar[tuple[str, ...]] = ("PublicationFinder",)

    def test_nothing_is_found_before_and_the_publication_after(
        self, world: World, mode: Mode
    ) -> None:
        text = "ASN berbagi enam paket."
        assert self.find_own(world, text, mode) is None
        media = [world.photo()] if world.needs_media else []
        sent = self.ask(
            world, lambda c: c.publish(world.account, text, media=media, key="p2"), mode
        )
        found = self.find_own(world, text, mode)
        assert found is not None
        assert found.id == sent.id

    def find_own(self, world: World, text: str, mode: Mode) -> Sent | None:
        found: Sent | None = self.ask(
            world, lambda c: c.find_publication(world.account, key="p2", text=text), mode
        )
        return found


class PrivateReplyConformance(Conformance):
    """For every `PrivateReplier`."""

    proves: ClassVar[tuple[str, ...]] = ("PrivateReplier",)

    def test_a_public_message_is_answered_in_private_once(self, world: World, mode: Mode) -> None:
        world.write("boleh tanya di sini?")
        mention = self.mentions(world, mode=mode)[0]
        world.fault("busy")
        sent = [self.privately(world, mention, "Silakan sebut desa Bapak.", mode) for _ in range(2)]
        assert sent[0].id == sent[1].id
        assert sum("sebut desa" in text for text in world.said()) == 1

    def privately(self, world: World, mention: Mention, text: str, mode: Mode) -> Sent:
        account = world.account
        sent: Sent = self.ask(
            world, lambda c: c.run(account.reply_privately(mention, text, key="pribadi")), mode
        )
        return sent


class FetchConformance(Conformance):
    """For every `MentionFetcher`."""

    proves: ClassVar[tuple[str, ...]] = ("MentionFetcher",)

    def test_what_was_only_announced_is_fetched(self, world: World, mode: Mode) -> None:
        pointer, account = world.announce("jembatan putus"), world.account
        found: Mention = self.ask(world, lambda c: c.run(account.fetch_mention(pointer)), mode)
        assert found.id == pointer.id
        assert "jembatan putus" in found.text
        assert found.author.id

    def test_what_is_gone_is_said_to_be_gone(self, world: World, mode: Mode) -> None:
        pointer, account = world.announce("hapus saja"), world.account
        gone = pointer.model_copy(update={"id": f"{pointer.id}00"})
        try:
            self.ask(world, lambda c: c.run(account.fetch_mention(gone)), mode)
        except NotFoundError:
            return
        raise AssertionError("a message was fetched that is not there")


class CheckConformance(Conformance):
    """For every `Checkable`."""

    proves: ClassVar[tuple[str, ...]] = ("Checkable",)

    def test_an_account_that_works_is_said_to_work(self, world: World, mode: Mode) -> None:
        check = self.ask(world, lambda c: c.check(world.account), mode)
        assert check.ok, check
        assert check.findings

    def test_a_wrong_secret_is_told_with_its_remedy(self, world: World, mode: Mode) -> None:
        wrong = world.wrong_account()
        if wrong is None:
            return
        try:
            found = self.ask(world, lambda c: c.check(wrong), mode).findings
        except AuthError as error:
            found = (Finding(name="token", ok=False, remedy=error.remedy),)
        assert any(not each.ok and each.remedy for each in found)
