"""What is written where, in both versions; the kernel's side is a folder with the files it would have made."""

from pathlib import Path

import pytest

from autoscaler.adapters.postgres.cgroups import CgroupV1, CgroupV2, Usage, make_cgroup
from autoscaler.errors import InvalidInput

MIB = 2**20
# A real file takes each write as a whole; these begin empty, so that what was written is what is in them.
OF_V1 = {
    "cpu": {
        "cpu.shares": "",
        "cpu.cfs_period_us": "",
        "cpu.cfs_quota_us": "",
        "cpu.stat": "nr_periods 40\nnr_throttled 10\n",
    },
    "cpuacct": {"cpuacct.usage": "1500000000"},
    "memory": {"memory.limit_in_bytes": "", "memory.usage_in_bytes": "31457280"},
    "unified": {"cpu.pressure": "some avg10=1.00 avg60=0.50 avg300=0.10 total=2500000\nfull avg10=0.00 total=0\n"},
}
OF_V2 = {
    "cpu.weight": "",
    "cpu.max": "",
    "cpu.stat": "usage_usec 1500000\nuser_usec 1000000\nnr_periods 40\nnr_throttled 10\nthrottled_usec 9\n",
    "cpu.pressure": OF_V1["unified"]["cpu.pressure"],
    "memory.high": "",
    "memory.max": "",
    "memory.current": "31457280",
}
USED = Usage(cpu_seconds=1.5, throttled_periods=10, periods=40, memory_bytes=30 * MIB, waited_seconds=2.5)


def tree_of_v2(root: Path, *, offered: str = "cpuset cpu io memory pids", passed_on: str = "cpu memory") -> Path:
    root.mkdir(exist_ok=True)
    (root / "cgroup.controllers").write_text(offered)
    (root / "cgroup.subtree_control").write_text(passed_on)
    fill(root / "one", OF_V2)
    return root


def tree_of_v1(root: Path, *, below: str = "") -> Path:
    for controller, files in OF_V1.items():
        fill(root / controller / below / "one", files)
    (root / "unified" / "cgroup.procs").write_text("")
    (root.parent / "own").write_text(f"4:memory:/{below}\n3:cpu,cpuacct:/{below}\n0::/{below}\n")
    return root


def fill(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)


def test_version_2_gets_quota_and_memory_in_its_one_folder(tmp_path: Path) -> None:
    root = tree_of_v2(tmp_path / "root")

    group = make_cgroup("one", root=root)
    group.limit(cpus=0.125, memory_bytes=400 * MIB)

    assert isinstance(group, CgroupV2)
    assert group.join == (root / "one" / "cgroup.procs",)
    assert (root / "one" / "cpu.weight").read_text() == "800"
    assert (root / "one" / "cpu.max").read_text() == "2500 20000"
    assert (root / "one" / "memory.high").read_text() == f"{400 * MIB}"
    assert (root / "one" / "memory.max").read_text() == f"{500 * MIB}"
    assert group.usage() == USED


def test_version_2_asks_its_parent_for_the_controllers_it_does_not_pass_on(tmp_path: Path) -> None:
    root = tree_of_v2(tmp_path / "root", passed_on="memory")

    make_cgroup("one", root=root)

    assert (root / "cgroup.subtree_control").read_text() == "+cpu +memory"


def test_version_2_without_the_controllers_says_who_must_delegate_them(tmp_path: Path) -> None:
    root = tree_of_v2(tmp_path / "root", offered="hugetlb")

    with pytest.raises(InvalidInput, match=r"has no controller cpu and no memory: .*Delegate=cpu memory"):
        make_cgroup("one", root=root)


@pytest.mark.parametrize("below", ["", "docker/1234"])
def test_version_1_gets_quota_and_memory_in_a_folder_of_each_controller(below: str, tmp_path: Path) -> None:
    root = tree_of_v1(tmp_path / "root", below=below)

    group = make_cgroup("one", root=root, own_groups=tmp_path / "own")
    group.limit(cpus=2.0, memory_bytes=400 * MIB)

    folders = [root / controller / below / "one" for controller in ("cpu", "cpuacct", "memory", "unified")]
    assert isinstance(group, CgroupV1)
    assert group.join == tuple(folder / "cgroup.procs" for folder in folders)
    assert (folders[0] / "cpu.shares").read_text() == "8192"
    assert (folders[0] / "cpu.cfs_period_us").read_text() == "20000"
    assert (folders[0] / "cpu.cfs_quota_us").read_text() == "40000"
    assert (folders[2] / "memory.limit_in_bytes").read_text() == f"{400 * MIB}"
    assert group.usage() == USED


def test_a_quota_that_the_kernel_would_refuse_is_not_asked_for(tmp_path: Path) -> None:
    root = tree_of_v2(tmp_path / "root")

    make_cgroup("one", root=root).limit(cpus=0.001, memory_bytes=MIB)

    assert (root / "one" / "cpu.max").read_text() == "1000 20000"


def test_a_kernel_without_pressure_does_not_tell_it(tmp_path: Path) -> None:
    root = tree_of_v2(tmp_path / "root")
    (root / "one" / "cpu.pressure").unlink()

    assert make_cgroup("one", root=root).usage().waited_seconds is None


def test_without_a_tree_it_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("0::/\n")

    with pytest.raises(InvalidInput, match=r"no cgroup can be made under .*run as root, or name a folder"):
        make_cgroup("one", root=tmp_path / "nothing", own_groups=tmp_path / "own")
