"""Stems are fetched before they are asked for, but not all that the pointer passes."""

import pytest
from playwright.sync_api import Page, Route

from tests.web.test_late_answers import hold_requests

pytestmark = pytest.mark.browser

# Longer than the pointer has to rest.
MOMENT_MS = 500


def watch_sounds(page: Page) -> list[Route]:
    """The stems that are asked for; none is answered."""
    return hold_requests(page, "**/stems/*/audio")


def point_at_row(page: Page, row: int) -> None:
    page.locator(".result .what").nth(row).hover()


def test_what_the_pointer_only_passes_is_not_fetched(page: Page) -> None:
    asked = watch_sounds(page)
    boxes = [row.bounding_box() for row in page.locator(".result").all()]
    for box in boxes[:3]:
        assert box is not None
        page.mouse.move(box["x"] + 400, box["y"] + 10)
    page.mouse.move(2, 2)
    page.wait_for_timeout(MOMENT_MS)
    assert asked == []


def test_where_the_pointer_rests_one_stem_is_fetched_at_a_time(page: Page) -> None:
    asked = watch_sounds(page)
    for row in range(3):
        point_at_row(page, row)
        page.wait_for_timeout(MOMENT_MS)
    assert len(asked) == 1
    asked[0].continue_()
    page.wait_for_timeout(MOMENT_MS)
    # The one in between is no longer pointed at.
    third = str(page.locator(".result").nth(2).get_attribute("id")).removeprefix("result-")
    assert len(asked) == 2
    assert f"/{third}/" in asked[1].request.url
