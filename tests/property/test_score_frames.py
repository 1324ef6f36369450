"""One count whether the cases come as columns, frames or cases; frames in and out."""

import sys
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pelayanan.calendar import WorkCalendar
from pelayanan.cases import Case
from pelayanan.errors import ConfigError
from pelayanan.models import Author, Kind
from pelayanan.score import Tally, TallyKey, score_tally

pa = pytest.importorskip("pyarrow", reason="the extra frames")
pd = pytest.importorskip("pandas", reason="the extra frames")
pl = pytest.importorskip("polars", reason="the extra frames")

CALENDAR = WorkCalendar.indonesia("WITA")
AS_OF = datetime(2026, 10, 9, 3, 0, tzinfo=UTC)
KINDS = st.sampled_from([kind.value for kind in Kind])
OPENED = 1_790_700_000


def tally(cases: list[Case]) -> Tally:
    return Tally.from_cases(cases, calendar=CALENDAR, as_of=AS_OF, province="contoh")


def columns(**fields: Any) -> Tally:
    base: dict[str, Any] = {
        "opened": np.array([OPENED, OPENED + 60]),
        "answered": np.array([OPENED + 600, -1]),
        "agency": "dinsos",
        "kind": "informasi",
        "calendar": CALENDAR,
        "as_of": AS_OF,
    }
    return Tally.from_columns(**(base | fields))


Rows = st.lists(
    st.tuples(
        st.integers(1_790_000_000, 1_791_500_000),
        st.one_of(st.just(-1), st.integers(1_789_990_000, 1_793_000_000)),
        st.sampled_from(["dinsos", "dinkes", "pupr"]),
        KINDS,
        st.one_of(st.just(-1), st.integers(1_790_000_000, 1_792_000_000)),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=40)
@given(Rows)
def test_columns_frames_and_cases_give_the_same_digest(
    rows: list[tuple[int, int, str, str, int]],
) -> None:
    opened, answered, agency, kind, left = map(list, zip(*rows, strict=True))
    how = ["withdrawn" if at >= 0 else "" for at in left]
    base: dict[str, Any] = {"calendar": CALENDAR, "as_of": AS_OF, "province": "contoh"}
    arrays = Tally.from_columns(
        opened=np.array(opened),
        answered=np.array(answered),
        agency=np.array(agency),
        kind=np.array(kind),
        left=np.array(left),
        left_how=np.array(how),
        **base,
    )
    instants = {
        name: [None if at < 0 else datetime.fromtimestamp(at, UTC) for at in values]
        for name, values in (("opened", opened), ("answered", answered), ("left", left))
    }
    data: dict[str, Any] = {**instants, "agency": agency, "kind": kind, "left_how": how}
    stamp = pa.timestamp("us", "UTC")
    table = pa.table(
        {name: pa.array(v, stamp if name in instants else None) for name, v in data.items()}
    )
    frame = pl.DataFrame(data, schema_overrides=dict.fromkeys(instants, pl.Datetime("us", "UTC")))
    names: dict[str, Any] = {
        name: name for name in ("opened", "answered", "agency", "kind", "left", "left_how")
    }
    for each in (table, frame, frame.to_pandas()):
        assert Tally.from_columns(each, **names, **base).digest == arrays.digest
    assert from_cases(rows).digest == arrays.digest


def from_cases(rows: list[tuple[int, int, str, str, int]]) -> Tally:
    def at(second: int) -> datetime:
        return datetime.fromtimestamp(second, UTC)

    cases = [
        Case(
            id=f"case-{number}",
            agency=agency,
            account="",
            platform="",
            author=Author(id="w", handle="warga_contoh"),
            kind=Kind(kind),
            opened=at(opened),
            answered=None if answered < 0 else at(answered),
            left=None if left < 0 else at(left),
            left_how="" if left < 0 else "withdrawn",
        )
        for number, (opened, answered, agency, kind, left) in enumerate(rows)
    ]
    return tally(cases)


def test_naive_instants_in_a_frame_are_refused() -> None:
    frame = pl.DataFrame({"opened": [datetime(2026, 10, 6)]})  # noqa: DTZ001  that is the point
    with pytest.raises(ConfigError, match="naive"):
        columns(opened=frame["opened"], answered=np.array([-1]))


def test_series_of_pandas_with_categories_and_gaps_are_read() -> None:
    opened = pd.to_datetime(pd.Series([OPENED, OPENED + 60]), unit="s", utc=True)
    answered = pd.to_datetime(pd.Series([OPENED + 600, None]), unit="s", utc=True)
    agency = pd.Series(["dinsos", "dinsos"], dtype="category")
    assert columns(opened=opened, answered=answered, agency=agency).digest == columns().digest


GAPS = st.sampled_from(["email", "wa", None])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), KINDS, GAPS, GAPS), min_size=1))
def test_a_gap_in_a_column_of_texts_is_an_empty_text(rows: list[tuple[Any, ...]]) -> None:
    size = len(rows)
    fixed: dict[str, Any] = {
        "opened": np.full(size, OPENED),
        "answered": np.full(size, OPENED + 600),
        "calendar": CALENDAR,
        "as_of": AS_OF,
    }
    texts = dict(
        zip(("agency", "kind", "channel", "excluded"), zip(*rows, strict=True), strict=True)
    )
    full: dict[str, Any] = {
        name: np.array([each or "" for each in column]) for name, column in texts.items()
    }
    wanted = Tally.from_columns(**fixed, **full)
    frame = pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String))
    categories = frame.with_columns(pl.all().cast(pl.Categorical))
    for each in (frame, categories, frame.to_pandas(), frame.to_arrow()):
        parts: dict[str, Any] = {name: each[name] for name in texts}
        assert Tally.from_columns(**fixed, **parts) == wanted


def test_a_frame_without_the_column_says_so() -> None:
    frame = pd.DataFrame({"opened": [OPENED], "answered": [-1], "agency": ["dinsos"]})
    names: dict[str, Any] = {"opened": "opened", "answered": "answered", "agency": "agency"}
    found = Tally.from_columns(frame, **names, kind="informasi", calendar=CALENDAR, as_of=AS_OF)
    assert [counts["n"] for _, counts in found] == [1]
    names["agency"] = "opd"
    with pytest.raises(ConfigError, match="no column 'opd'"):
        Tally.from_columns(frame, **names, kind="informasi", calendar=CALENDAR, as_of=AS_OF)


def test_a_score_is_a_frame() -> None:
    key = TallyKey("contoh", "dinsos", "informasi", "email", "2026-09", "idt/1", "id", 0)
    found = score_tally(Tally.of([(key, {"n": 12, "answered_4": 12})]))
    width = len(found.to_dicts()[0])
    assert found.to_pandas().shape == found.to_polars().shape == (2, width)


def test_without_pyarrow_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({"opened": [OPENED]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigError, match="need pyarrow"):
        Tally.from_columns(
            frame,
            opened="opened",
            answered=[-1],
            agency="dinsos",
            kind="informasi",
            calendar=CALENDAR,
            as_of=AS_OF,
        )


def test_a_series_that_does_not_offer_arrow_is_read_all_the_same() -> None:
    class Old(pd.Series):  # type: ignore[misc, name-defined]  # pandas is untyped here
        """A Series as pandas 2.2 had it."""

        @property
        def __arrow_c_stream__(self) -> Any:
            raise AttributeError

    opened = Old([OPENED, OPENED + 60])
    assert columns(opened=opened).digest == columns().digest
