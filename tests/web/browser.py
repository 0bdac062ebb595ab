"""What the tests of the page need: a Chromium, and the page as `make web` builds it."""

import shutil
from pathlib import Path

from service.page import PAGE_FILES

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
MISSING = (
    "The page cannot be tested: that needs Chromium (on Debian: apt install chromium) and the built page "
    "(make web)."
)


def find_browser() -> str | None:
    """Path of an installed Chromium; Playwright's own download is not needed."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def can_test_page() -> bool:
    """Whether everything is there."""
    built = (PAGE_FILES / "index.html").is_file() and AXE.is_file()
    return built and find_browser() is not None
