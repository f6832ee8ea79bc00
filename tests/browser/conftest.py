"""A real service of simulated clusters behind tokens, and a real browser to look at it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import which

import pytest
from playwright.async_api import Browser, Page, async_playwright

from autoscaler.api.access import Access
from autoscaler.api.app import make_app, serve_app
from autoscaler.observability.metrics import Metrics
from autoscaler.service.access import TokenBook, new_token
from autoscaler.service.clock import SystemClock
from autoscaler.service.wiring import assembled
from autoscaler.storage.access import Scope, Tokens
from autoscaler.storage.audit import Deed
from tests.fakes import MONDAY, ManualClock
from tests.service.builders import make_cluster, make_settings, run_for

CHROMIUM = which("chromium")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
TICKS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the service is, and what opens it."""

    url: str
    tokens: dict[Scope, str]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """Two clusters, looked at for forty minutes."""
    clock = ManualClock()
    settings = make_settings(tmp_path, make_cluster("shop"), make_cluster("games", scenario="online-gaming"))
    async with assembled(settings, clock=clock) as fleet:
        await run_for(fleet, clock, ticks=TICKS)
        assert fleet.desk is not None
        tokens = Tokens(fleet.desk.database)
        texts = {scope: await _token(tokens, scope) for scope in Scope}
        access = Access(book=TokenBook(tokens, now=SystemClock().now))
        app = make_app(fleet, metrics=Metrics(version="test"), desk=fleet.desk, access=access)
        async with serve_app(app, port=0) as address:
            yield Site(url=address.url, tokens=texts)


async def _token(tokens: Tokens, scope: Scope) -> str:
    at = SystemClock().now()
    token, text = new_token(name="ada", scope=scope, clusters="*", at=at, expires_at=at + timedelta(hours=1))
    await tokens.add(token, Deed(at=MONDAY, actor="test", request_id="test", action="token.create"))
    return text


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium; apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser, site: Site) -> AsyncIterator[Page]:
    """A page that must not complain: no script error, nothing that the policy forbids. It closes before the site."""
    complaints: list[str] = []
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield page
    await page.close()
    await asyncio.sleep(0)
    refused = "Failed to load resource: the server responded with a status of 40"  # told to people by the page itself
    assert [one for one in complaints if not one.startswith(refused)] == []
