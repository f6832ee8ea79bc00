"""`autoscaler local`: what it makes of its options, what it tells, and the real thing."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from autoscaler.adapters.postgres.pgbench import Answers, drive, fill
from autoscaler.adapters.postgres.programs import find_programs
from autoscaler.cli import main
from autoscaler.cli.local_chart import draw
from autoscaler.cli.local_fleet import CLUSTER_ID, Wish
from autoscaler.cli.local_life import started
from autoscaler.cli.local_story import Chapter, Story
from autoscaler.core.capacity import Limits
from autoscaler.core.control import Mode
from autoscaler.core.samples import Sample
from autoscaler.errors import InvalidInput
from tests.fakes import MONDAY, later
from tests.postgres import free_port

WISH = Wish(folder=Path("/lab"), port=6000, max_acu=4, pause_after_seconds=30)
SVG = "{http://www.w3.org/2000/svg}"


def test_a_wish_becomes_a_service_with_one_cluster_that_is_steered() -> None:
    settings = WISH.settings()
    (cluster,) = settings.clusters

    assert settings.database == "sqlite+aiosqlite:////lab/autoscaler.db"
    assert (cluster.id, cluster.kind, cluster.mode, cluster.policy.policy) == (
        CLUSTER_ID,
        "postgres",
        Mode.ENFORCE,
        "native",
    )
    limits = cluster.cluster_document().build_limits()
    assert limits == Limits(
        min_acu=0.5,
        max_acu=4,
        may_pause=True,
        usual_pause_seconds=30,
        shortest_pause_seconds=1,
        consent=replace(limits.consent, low_floor=True),
    )
    assert WISH.url == "postgresql://app@127.0.0.1:6000/app?passfile=/lab/pgpass"


def test_without_a_pause_it_never_pauses() -> None:
    (cluster,) = replace(WISH, pause_after_seconds=0).settings().clusters

    assert cluster.cluster_document().build_limits().pause_after_seconds is None


@pytest.mark.parametrize(
    ("cpus", "cores", "ceiling"),
    [(0.25, 2, 8.0), (0.25, 64, 16.0), (1.0, 2, 2.0), (8.0, 2, 0.5)],
)
def test_the_largest_size_is_the_whole_machine_within_reason(
    cpus: float, cores: int, ceiling: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)

    assert replace(WISH, max_acu=None, cpus_per_acu=cpus).ceiling_acu == ceiling


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--min-acu", "0.3"], "a minimum of 0.3 ACU lies between two steps of 0.5 ACU; give a multiple"),
        (["--max-acu", "100000"], "take a maximum of"),
        (["--policy", "clairvoyant"], "no policy named 'clairvoyant'; there are:"),
        (["--cpus-per-acu", "0"], "0 processors an ACU are not above 0"),
        (["--memory-per-acu", "-1"], "memory_mib_per_acu"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    options: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["local", "up", "--data", str(tmp_path / "lab"), "--page-port", "0", "--seconds", "1", *options])

    assert code == 2
    assert told in capsys.readouterr().err


def test_the_chart_and_the_result_tell_the_story() -> None:
    story = a_story()

    drawing = ET.fromstring(draw(story))  # noqa: S314 - our own
    document = story.document(load_average=0.5)

    assert {path.get("class") for path in drawing.iter(f"{SVG}path")} >= {"paused", "demand", "capacity", "chapter"}
    assert [text.text for text in drawing.iter(f"{SVG}text") if text.text in ("rush", "nobody there")] == [
        "rush",
        "nobody there",
    ]
    assert {key: value for key, value in document.items() if key != "samples"} == {
        "load_average": 0.5,
        "transactions": 3,
        "failed": 0,
        "connections_lost": 0,
        "least_acu": 0.5,
        "most_acu": 2.0,
        "wake_seconds": 0.2,
        "chapters": [
            {
                "title": "rush",
                "begin_seconds": 2.0,
                "per_second": 100.0,
                "median_seconds": 0.02,
                "p99_seconds": 0.03,
            },
            {
                "title": "nobody there",
                "begin_seconds": 6.0,
                "per_second": 0.0,
                "median_seconds": None,
                "p99_seconds": None,
            },
        ],
    }
    json.dumps(document, allow_nan=False)


def a_story() -> Story:
    answers = Answers(answered_at=(2.1, 2.2, 2.3), latency_seconds=(0.03, 0.01, 0.02), failed=0, lost=0)
    samples = [
        Sample(at=later(2 * place), seconds=2.0, demand_acu=demand, capacity_acu=capacity)
        for place, (demand, capacity) in enumerate([(0.2, 0.5), (1.5, 2.0), (1.5, 2.0), (0.0, 0.0), (0.0, 0.0)])
    ]
    return Story(
        ceiling_acu=4.0,
        began=MONDAY,
        samples=samples,
        chapters=[
            Chapter(title="rush", per_second=100.0, begin=MONDAY + timedelta(seconds=2), answers=answers),
            Chapter(title="nobody there", per_second=0.0, begin=MONDAY + timedelta(seconds=6)),
        ],
        wake_seconds=0.2,
    )


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Path:
    """Of a cluster that was made before."""
    return Path(request.getfixturevalue("cluster_folder"))


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.xdist_group("local postgres")
async def test_pgbench_drives_a_cluster_of_the_service(folder: Path) -> None:
    wish = Wish(folder=folder, port=free_port(), min_acu=2, max_acu=4)
    programs = find_programs()
    async with started(wish, observers=[]) as fleet:
        await fill(programs, wish.url)
        answers = await drive(programs, wish.url, per_second=20, seconds=1, clients=2)
        with pytest.raises(InvalidInput, match=f"port {wish.port} of 127.0.0.1 cannot be used"):
            async with started(replace(wish, folder=folder / "other"), observers=[]):
                pass
        view = fleet.view(CLUSTER_ID)

    assert (answers.failed, answers.lost, view.kind) == (0, 0, "postgres")
    assert answers.count > 0


@pytest.mark.nightly
@pytest.mark.postgres
@pytest.mark.xdist_group("local postgres")
def test_the_demo_loses_no_connection(cluster_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chart = tmp_path / "demo.svg"

    code = main(["local", "demo", "--seconds", "20", "--chart", str(chart), "-o", "json"])
    document = json.loads(capsys.readouterr().out)

    assert code == 0
    assert (document["failed"], document["connections_lost"]) == (0, 0)
    assert document["transactions"] > 0
    assert 0.0 in [sample["capacity_acu"] for sample in document["samples"]]
    assert chart.read_text().startswith("<svg")
