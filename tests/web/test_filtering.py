"""The form of the filters: what it takes over, and what it lets be."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.conftest import wait_for_answer

pytestmark = pytest.mark.browser


def questions(page: Page) -> list[str]:
    """What is asked from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/match?" in request.url else None)
    return asked


def find_nothing(page: Page) -> None:
    """Let no stem pass from now on."""

    def answer(route: Route) -> None:
        answered = route.fetch()
        route.fulfill(response=answered, json={**answered.json(), "matches": []})

    page.route("**/match?*", answer)


def test_clearing_takes_away_what_was_typed_and_not_applied(page: Page) -> None:
    asked = questions(page)
    page.get_by_text("Filter…").click()
    page.get_by_label("Tag").fill("dry")
    page.get_by_label("Tempo from").fill("90")
    page.get_by_label("half and double too").check()
    page.get_by_label("Kind").select_option("Loops")
    page.get_by_role("button", name="Clear all").click()
    page.get_by_text("Filter…").click()
    expect(page.get_by_label("Tag")).to_have_value("")
    expect(page.get_by_label("Tempo from")).to_have_value("")
    expect(page.get_by_label("half and double too")).not_to_be_checked()
    expect(page.get_by_label("Kind")).to_have_value("")
    page.wait_for_timeout(300)
    assert asked == []


def test_the_form_shows_what_was_applied_and_keeps_it_when_applied_again(page: Page) -> None:
    page.get_by_text("Filter…").click()
    page.get_by_label("Kind").select_option("Whole takes")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".chip")).to_have_text("Whole takes")
    page.get_by_text("Filter…").click()
    expect(page.get_by_label("Kind")).to_have_value("song")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".chip")).to_have_text("Whole takes")


def test_clearing_takes_away_what_was_applied_and_what_was_not(page: Page) -> None:
    page.get_by_text("Filter…").click()
    page.get_by_label("Kind").select_option("Whole takes")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".chip")).to_have_count(1)
    page.get_by_text("Filter…").click()
    expect(page.get_by_label("Kind")).to_have_value("song")
    page.get_by_label("Tag").fill("dry")
    page.get_by_role("button", name="Clear all").click()
    expect(page.locator(".chip")).to_have_count(0)
    page.get_by_text("Filter…").click()
    expect(page.get_by_label("Tag")).to_have_value("")
    expect(page.get_by_label("Kind")).to_have_value("")


def test_a_form_that_changes_nothing_asks_nothing(page: Page) -> None:
    asked = questions(page)
    page.get_by_text("Filter…").click()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_timeout(300)
    assert asked == []
    for _ in range(2):
        page.get_by_text("Filter…").click()
        page.get_by_label("Licence").fill("BSD-3-Clause")
        page.get_by_role("button", name="Apply").click()
        wait_for_answer(page)
    assert len(asked) == 1


def test_filters_that_are_gone_are_not_offered_to_be_removed(page: Page) -> None:
    page.get_by_role("button", name="goes with").click()
    wait_for_answer(page)
    find_nothing(page)
    page.get_by_role("button", name="Remove Goes with").click()
    expect(page.locator(".nothing")).to_have_text("Nothing in the library passes. Choose other types.")
    expect(page.get_by_role("button", name="Remove all filters")).to_have_count(0)
