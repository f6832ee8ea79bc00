"""Services by name."""

from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Cli, write


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "some" / "contexts.yaml"
    monkeypatch.setenv("AUTOSCALER_CONTEXTS", str(file))
    return file


def test_services_are_kept_by_name_and_one_is_in_use(cli: Cli, file: Path, tmp_path: Path) -> None:
    token = write(tmp_path / "token", "secret")
    cli("contexts", "set", "production", "--address", "https://scaler.example.com", "--token-file", token)
    cli("contexts", "set", "here", "--address", "http://127.0.0.1:8080")
    first = cli("contexts")
    used = cli("contexts", "use", "here")

    lines = [line.split()[:3] for line in first.out.splitlines()]
    assert ["*", "production", "https://scaler.example.com"] in lines
    assert ["here", "http://127.0.0.1:8080", "none"] in lines
    assert used.code == 0
    assert yaml.safe_load(file.read_text()) == {
        "current": "here",
        "contexts": {
            "production": {"url": "https://scaler.example.com", "token_file": str(token)},
            "here": {"url": "http://127.0.0.1:8080"},
        },
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("use", "nothing"), "no context named 'nothing'"),
        (("set", "x", "--address", "nonsense"), "'nonsense' is no address of a service"),
        (("set", "x", "--address", "http://a.example", "--token-file", "t"), "everybody could read the token"),
    ],
)
def test_what_cannot_be_kept_is_refused(cli: Cli, file: Path, words: tuple[str, ...], told: str) -> None:
    done = cli("contexts", *words)

    assert (done.code, file.exists()) == (2, False)
    assert told in done.err
