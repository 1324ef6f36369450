import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from office import CONFIG, Office
from pelayanan import Desk
from pelayanan.store import Store
from towns import Clock, FakeTown, config


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose store is made already: copied, it spares each test the migrations."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "pelayanan.toml").write_text(CONFIG, "utf-8")
    (folder / "sandi").write_text("rahasia-contoh", "utf-8")
    Desk.open(folder / "pelayanan.toml").close()
    return folder


@pytest.fixture
def office(
    workspace: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Office:
    shutil.copytree(workspace, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return Office(tmp_path, capsys)


@pytest.fixture
def foto(tmp_path: Path) -> Path:
    image = pytest.importorskip("PIL.Image")
    place = tmp_path / "foto.jpg"
    image.new("RGB", (64, 48), "teal").save(place)
    return place


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for module in ("work", "fetching"):
        monkeypatch.setattr(f"pelayanan.cli.{module}.is_watched", lambda: True)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a fresh store: the same tests on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'uji.db'}"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store(url) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def town(clock: Clock) -> FakeTown:
    return FakeTown(clock=clock)


@pytest.fixture
def desk(town: FakeTown, clock: Clock, tmp_path: Path) -> Iterator[Desk]:
    made = config(town, tmp_path)
    with Desk.open(made, transport=town.transport, clock=clock) as opened:
        yield opened
