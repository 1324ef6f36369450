"""Whatever is heard, how often and by whom, a signal is there once, or a message instead of it."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from pelayanan.models import Mention
from pelayanan.store.signals import Signals
from pelayanan.store.store import Store
from stores import NOW, keep, mention

MINUTE = timedelta(minutes=1)
ACCOUNTS = {"uji": ["dinsos-uji", "dinkes-uji"]}
SAID = [mention(f"m{n}", f"warga{n % 3}", after=n // 2 * MINUTE) for n in range(8)]
HEARD = st.lists(st.sampled_from(SAID), max_size=6)


@contextmanager
def fresh() -> Generator[Store, None, None]:
    with tempfile.TemporaryDirectory() as folder, Store(f"sqlite:///{folder}/uji.db") as store:
        yield store


def hear(store: Store, found: list[Mention], watch: str = "w") -> int:
    with store.writing() as connection:
        return Signals(connection, store.keys, ACCOUNTS).hear(found, watch=watch, now=NOW)


def listed(store: Store) -> list[Mention]:
    with store.reading() as connection:
        found, last = Signals(connection, store.keys, ACCOUNTS).part(since=None, taken=False)
    assert last is None
    return [each.mention for each in found]


@settings(max_examples=15)
@given(pages=st.lists(HEARD, max_size=6), addressed=HEARD)
def test_pages_in_any_order_and_number_leave_the_same_signals(
    pages: list[list[Mention]], addressed: list[Mention]
) -> None:
    wanted = {each.id for page in pages for each in page} - {each.id for each in addressed}
    with fresh() as store:
        for number, page in enumerate(pages):
            hear(store, page, watch=f"w{number % 2}")
            if number == len(pages) // 2:
                keep(store, addressed)
        if not pages:
            keep(store, addressed)
        assert sorted(each.id for each in listed(store)) == sorted(wanted)
        assert sum(hear(store, page) for page in pages) == 0


@settings(max_examples=15)
@given(before=HEARD, after=HEARD, person=st.integers(0, 2))
def test_what_was_forgotten_is_not_heard_anew(
    before: list[Mention], after: list[Mention], person: int
) -> None:
    gone = {each.id for each in before if each.author.handle == f"warga{person}_contoh"}
    with fresh() as store:
        hear(store, before)
        assert store.forget("uji", f"@Warga{person}_Contoh", known=["uji"]) == len(gone)
        hear(store, [*before, *after])
        shown = {each.id for each in listed(store)}
    assert shown == {each.id for each in (*before, *after)} - gone
