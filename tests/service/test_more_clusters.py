"""Clusters in files beside the settings."""

from pathlib import Path

import pytest

from autoscaler.errors import InvalidInput
from autoscaler.service.secrets import read_settings
from tests.cli.conftest import write

SHOP = "- {id: shop, policy: reactive, tags: {env: prod}, workload: {scenario: e-commerce}}"
LAB = "- {id: lab, policy: reactive, workload: {scenario: e-commerce}}"


def fleet_in(folder: Path, *lines: str) -> Path:
    team = write(folder / "team.yaml", "clusters:", SHOP, LAB)
    return write(folder / "fleet.yaml", f"clusters_from: [{team}]", *lines)


def test_clusters_of_other_files_join_those_of_the_settings(tmp_path: Path) -> None:
    own = SHOP.replace("id: shop", "id: own")
    settings = read_settings(fleet_in(tmp_path, "clusters:", own), {})

    assert [one.id for one in settings.clusters] == ["own", "shop", "lab"]


def test_the_share_of_a_release_is_taken_of_all_of_them(tmp_path: Path) -> None:
    settings = read_settings(fleet_in(tmp_path, "selector: env=prod"), {})

    assert [one.id for one in settings.clusters] == ["shop"]


def test_no_cluster_is_given_twice(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_settings(fleet_in(tmp_path, "clusters:", LAB), {})

    assert str(refused.value) == f"{tmp_path / 'fleet.yaml'}: these cluster ids are given more than once: lab"


def test_a_mistake_is_told_with_its_file_and_line(tmp_path: Path) -> None:
    fleet = fleet_in(tmp_path)
    write(tmp_path / "team.yaml", "clusters:", SHOP, LAB.replace("policy", "polizy"))

    with pytest.raises(InvalidInput) as refused:
        read_settings(fleet, {})

    assert f"{tmp_path / 'team.yaml'}:3:" in str(refused.value)
    assert "polizy" in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    fleet = write(tmp_path / "fleet.yaml", "clusters_from: [nowhere.yaml]")

    with pytest.raises(InvalidInput, match=r"no file nowhere\.yaml"):
        read_settings(fleet, {})
