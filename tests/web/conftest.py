"""The page in a real browser, over the demo library, the shipped model and a real server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from indexer.cli import index
from service.app import create_app
from service.settings import ServiceSettings
from tests.web.browser import find_browser
from tests.web.heard import LISTEN
from tests.web.served import serve

DEMO = Path(__file__).parents[2] / "demo"
MIX = DEMO / "mixes/black-mountain-mix-no-drums.ogg"
PATIENCE_MS = 20_000

PageOpener = Callable[..., Page]


def settings_for(data: Path, **changes: object) -> ServiceSettings:
    """Settings that no environment file of the developer's changes."""
    return ServiceSettings.model_validate({"data": data, **changes})


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an index over the demo library."""
    data = tmp_path_factory.mktemp("demo")
    CliRunner().invoke(index, [str(DEMO), "--data", str(data)], catch_exceptions=False)
    return data


@pytest.fixture(scope="session")
def address(demo_data: Path) -> Iterator[str]:
    """A server over the demo library."""
    with serve(create_app(settings_for(demo_data))) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed after each file: until then its event loop runs in this thread, where others start their own."""
    with sync_playwright() as started:
        chromium = started.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--mute-audio"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[PageOpener]:
    """Opens the page; complaints of the browser (a broken policy, an exception) fail the test."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def open_one(
        width: int = 1280,
        theme: str = "light",
        url: str = address,
        *,
        strict: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 860},
            color_scheme=theme,  # type: ignore[arg-type]  # a Literal, given by name
            reduced_motion="reduce",
            accept_downloads=True,
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(LISTEN)
        contexts.append(context)
        page = context.new_page()
        if strict:
            page.on(
                "console",
                lambda said: complaints.append(said.text) if said.type == "error" else None,
            )
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on(
                "request",
                lambda asked: complaints.append(asked.url) if not is_own(asked.url, url) else None,
            )
        page.goto(url)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def is_own(asked: str, own: str) -> bool:
    """Whether a request stays with the service."""
    return asked.startswith((own, "blob:", "data:"))


@pytest.fixture
def page(open_page: PageOpener) -> Page:
    """The page with the demo's mix of Black Mountain dropped on it, and drums asked for."""
    opened = open_page()
    choose_mix(opened)
    type_button(opened, "drums").click()
    opened.wait_for_selector(".result-list:not(.is-stale) .result:first-child .stem-type:text('drums')")
    return opened


def choose_mix(page: Page, mix: Path = MIX) -> None:
    """Choose the file, as with the button, and wait for what fits."""
    page.set_input_files("input[type=file]", mix)
    page.wait_for_selector(".result-list:not(.is-stale) .result")


def type_button(page: Page, name: str) -> Locator:
    """The button that asks for a stem type."""
    return page.get_by_role("group", name="Stem types").get_by_role("button", name=name)


def wait_until(page: Page, script: str) -> None:
    """Until `script` gives true. Playwright's own way of waiting is forbidden by the page's policy."""
    for _ in range(PATIENCE_MS // 50):
        if page.evaluate(script):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"It has not become true: {script}")


def titles(page: Page) -> list[str]:
    """Names of the results, in their order."""
    return page.locator(".result .song").all_inner_texts()


def wait_for_answer(page: Page) -> None:
    """Until what is shown answers what was asked."""
    page.wait_for_timeout(200)  # the page waits a moment for more clicks
    page.wait_for_selector(".results[aria-busy=false]")
