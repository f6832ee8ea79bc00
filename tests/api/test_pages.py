"""The pages for people: what is sent, to whom, and what a browser may do with it."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from multidict import CIMultiDictProxy

from autoscaler.api.pages import POLICY
from tests.api.reader import Reader

OURS = Path(str(files("autoscaler.api") / "static"))
SCRIPTS = sorted(file.name for file in OURS.glob("*.js"))
MARKUP = sorted(file.name for file in OURS.glob("*.html"))
OWN_HOST = {"http://www.w3.org/2000/svg"}


async def fetch(api: Reader, path: str, **headers: str) -> tuple[int, CIMultiDictProxy[str], str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with api.client.session.get(api.client.make_url(path), headers=named) as response:
        return response.status, response.headers, await response.text()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/docs", "text/html"),
        ("/static/page.js", "text/javascript"),
        ("/static/look.css", "text/css"),
        ("/static/swagger-ui-bundle.js", "text/javascript"),
    ],
)
async def test_pages_are_sent_with_a_strict_policy(api: Reader, path: str, kind: str) -> None:
    status, headers, _ = await fetch(api, path)

    assert (status, headers["Content-Type"]) == (200, f"{kind}; charset=utf-8")
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Cache-Control"] == "no-cache"


async def test_a_browser_that_has_a_file_is_not_sent_it_again(api: Reader) -> None:
    _, headers, whole = await fetch(api, "/static/page.js", Accept_Encoding="identity")

    assert (await fetch(api, "/static/page.js", If_None_Match=headers["ETag"]))[0] == 304
    assert whole == (OURS / "page.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["index.htm", "..%2fapp.py", "%2e%2e%2fapp.py", "swagger-ui.js", "%00"])
async def test_nothing_else_is_sent(api: Reader, name: str) -> None:
    assert (await fetch(api, f"/static/{name}"))[0] == 404


def test_the_policy_lets_a_page_run_its_own_files_and_nothing_else() -> None:
    assert "unsafe" not in POLICY
    assert POLICY.startswith("default-src 'none'; script-src 'self'; style-src 'self'")


@pytest.mark.parametrize("name", [*SCRIPTS, *MARKUP])
def test_our_files_ask_nobody_else_and_hold_no_inline_code(name: str) -> None:
    text = (OURS / name).read_text(encoding="utf-8")

    assert set(re.findall(r"https?://[^\s\"'`]+", text)) <= OWN_HOST
    assert re.findall(r"\sstyle=|<script>|<style>|innerHTML|\bon\w+=\"|document\.cookie|eval\(", text) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_token_is_handled_in_one_file(name: str) -> None:
    text = (OURS / name).read_text(encoding="utf-8")

    assert ("sessionStorage" in text) == (name == "session.js")
    assert ("localStorage" in text) == (name == "theme.js")


def test_our_files_are_short() -> None:
    lengths = {file.name: len(file.read_text(encoding="utf-8").splitlines()) for file in OURS.iterdir()}

    assert {name for name, length in lengths.items() if length > 180} == set()
