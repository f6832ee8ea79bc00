"""The web page as people use it, in a real browser."""

import re

import pytest
from playwright.async_api import Page, expect

from autoscaler.storage.access import Scope
from tests.browser.conftest import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]


async def signed_in(page: Page, site: Site, scope: Scope, place: str = "") -> None:
    await page.goto(f"{site.url}/{place}")
    await page.get_by_label("Access token").fill(site.tokens[scope])
    await page.get_by_role("button", name="Sign in").click()


async def test_a_token_opens_the_fleet_and_stays_in_the_tab(page: Page, site: Site) -> None:
    await page.goto(site.url)
    await page.get_by_label("Access token").fill("autoscaler_wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("not good")

    await signed_in(page, site, Scope.READ)
    await expect(page.locator("tbody tr")).to_have_count(2)
    kept = await page.evaluate("[document.cookie, JSON.stringify(localStorage), location.href]")
    assert not any(site.tokens[Scope.READ] in one for one in kept)

    await page.reload()
    await expect(page.locator("tbody tr")).to_have_count(2)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("Access token")).to_be_visible()
    assert await page.evaluate("sessionStorage.length") == 0


async def test_the_fleet_is_filtered_and_sorted(page: Page, site: Site) -> None:
    await signed_in(page, site, Scope.READ)
    names = page.locator("tbody th a")
    await expect(names).to_have_text(["games", "shop"])

    await page.get_by_role("button", name="Cluster").click()
    await expect(names).to_have_text(["shop", "games"])
    await expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    await page.get_by_label("Filter").fill("gam")
    await expect(names).to_have_text(["games"])
    await expect(page.locator("tbody")).to_contain_text("enforce")


async def test_a_decision_is_explained_on_a_click(page: Page, site: Site) -> None:
    await signed_in(page, site, Scope.READ, "#/clusters/shop")
    first = page.locator(".decisions button").first
    await first.click()

    await expect(page.locator(".told")).to_contain_text("stay within limits")
    await expect(first).to_have_attribute("aria-expanded", "true")
    await expect(page.get_by_text("Your token may look, and order nothing.")).to_be_visible()
    await expect(page.get_by_role("button", name="Override…")).to_have_count(0)


async def test_the_chart_shows_demand_range_and_capacity_and_speaks(page: Page, site: Site) -> None:
    await signed_in(page, site, Scope.READ, "#/clusters/shop")
    chart = page.get_by_role("img", name=re.compile("Chart. Demand was between"))
    await expect(chart.locator(".line.demand")).to_have_attribute("d", re.compile("^M.*L"))
    await expect(chart.locator(".band").first).to_be_visible()

    await chart.press("ArrowLeft")
    await expect(page.locator(".tip")).to_have_text(re.compile("demand .* ACU, ready .* range .* to 64 ACU"))


async def test_an_order_is_confirmed_and_shown(page: Page, site: Site) -> None:
    await signed_in(page, site, Scope.OPERATE, "#/clusters/shop")
    await page.get_by_role("button", name="Override…").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Floor, ACU").fill("8")
    await expect(dialog).to_contain_text("shop gets 8 to 64 ACU and stays awake, for 2 h")
    await dialog.get_by_role("button", name="Order this range").click()

    await expect(page.get_by_text(re.compile("override: 8 to 64 ACU, until .*, by ada"))).to_be_visible()
    await page.get_by_role("button", name="End the override…").click()
    await page.get_by_role("dialog").get_by_role("button", name="End it").click()
    await expect(page.get_by_text("no override")).to_be_visible()


async def test_a_refused_order_says_why(page: Page, site: Site) -> None:
    await signed_in(page, site, Scope.ADMIN, "#/clusters/shop")
    await page.get_by_role("button", name="Override…").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Floor, ACU").fill("32")
    await dialog.get_by_label("Ceiling, ACU").fill("16")
    await dialog.get_by_role("button", name="Order this range").click()

    await expect(dialog.get_by_role("alert")).to_contain_text("floor_acu is 32, above ceiling_acu, 16")


async def test_the_mode_is_for_administrators(page: Page, site: Site) -> None:
    await signed_in(page, site, Scope.ADMIN, "#/clusters/shop")
    await page.get_by_role("button", name="Mode…").click()
    await page.get_by_label("What becomes of decisions").select_option("observe")
    await page.get_by_role("button", name="Change the mode").click()

    await expect(page.get_by_text("mode observe")).to_be_visible()


async def test_it_fits_a_narrow_screen_and_the_theme_is_kept(page: Page, site: Site) -> None:
    await page.set_viewport_size({"width": 380, "height": 800})
    await signed_in(page, site, Scope.READ)
    await expect(page.locator("tbody tr")).to_have_count(2)
    assert await page.evaluate("document.documentElement.scrollWidth <= 380")

    await page.get_by_role("button", name="Theme: system").click()
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_the_documentation_is_read_and_tried_with_the_token(page: Page, site: Site) -> None:
    await signed_in(page, site, Scope.READ, "docs")
    await page.locator("#operations-me-read_me").click()
    await page.get_by_role("button", name="Try it out").click()
    await page.get_by_role("button", name="Execute").click()

    await expect(page.locator(".live-responses-table")).to_contain_text('"scope": "read"')
