"""What an ACU is, and what a machine has room for."""

from pathlib import Path

import pytest

from autoscaler.adapters.postgres.governing import Governor
from autoscaler.adapters.postgres.programs import find_programs
from autoscaler.adapters.postgres.sizes import Unit
from autoscaler.errors import InvalidInput
from autoscaler.simulator.profiles import Resizing
from tests.fakes import make_range

MIB = 2**20
QUICK = Resizing(resize_seconds=0.1, shrink_after_seconds=10.0, shrink_spacing_seconds=5.0)


def test_memory_follows_the_size_but_never_below_what_the_server_needs() -> None:
    unit = Unit(memory_mib=512, shared_buffers_mib=64)

    assert [unit.memory_bytes(acu) / MIB for acu in (0.25, 0.5, 4)] == [214, 256, 2048]


@pytest.mark.parametrize(
    ("floor", "ceiling", "told"),
    [
        (0.5, 9, "9 ACU are 2.25 processors at 0.25 each, and this machine has 2; take a maximum of 8 ACU"),
        (0.1, 8, "0.1 ACU are 0.025 processors, .* no less than 0.05; take a minimum of 0.2 ACU or more"),
    ],
)
def test_a_range_that_the_machine_has_no_room_for_is_refused(floor: float, ceiling: float, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        Unit(cpus=0.25).demand_possible(make_range(floor, ceiling), machine_cpus=2)


def test_the_whole_machine_may_be_used() -> None:
    Unit(cpus=0.25).demand_possible(make_range(0.5, 8), machine_cpus=2)


def test_programs_that_are_missing_are_told_by_their_packages(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"not installed here: postgresql pgbouncer util-linux; .*: apt-get install"):
        find_programs(tmp_path, path=str(tmp_path))


def test_of_several_servers_the_newest_is_taken(tmp_path: Path) -> None:
    for name in ("9.6/bin/postgres", "15/bin/postgres", "bin/pgbouncer", "bin/setpriv"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o755)

    programs = find_programs(tmp_path, path=str(tmp_path / "bin"))

    assert programs.initdb == tmp_path / "15/bin/initdb"
    assert programs.pgbench == tmp_path / "15/bin/pgbench"


def test_the_size_climbs_by_doubling_what_is_seen_until_it_is_enough_and_comes_down_after_a_while() -> None:
    governor = Governor(QUICK, step_acu=0.5, size_acu=0.5)
    within = make_range(0.5, 8)

    def look(used: float, *, short: bool = False) -> float:
        return governor.look(used, short=short, seconds=1.0, within=within)

    climbing = [look(0.5, short=True), look(1.5, short=True), look(3.0)]
    falling = [look(0.3) for _ in range(16)]

    assert climbing == [1.5, 4.0, 4.0]
    assert falling == [4.0] * 13 + [0.5] * 3  # the busiest of the last five seconds, for ten seconds


def test_a_quiet_second_by_chance_takes_nothing_away() -> None:
    governor = Governor(QUICK, step_acu=0.5, size_acu=4.0)

    sizes = [governor.look(used, short=False, seconds=1.0, within=make_range(0.5, 8)) for used in (1.4, 0.2, 1.1) * 6]

    assert sizes == [4.0] * 9 + [2.0] * 9


def test_a_new_range_holds_at_once() -> None:
    governor = Governor(QUICK, step_acu=0.5, size_acu=4.0)

    assert governor.obey(make_range(0.5, 2)) == 2
    assert governor.obey(make_range(3, 8)) == 3
