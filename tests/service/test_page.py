"""The page is answered with a policy that lets nothing in, and its files are cached."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from service.page import NOT_BUILT, install_page
from service.security_headers import DEFAULTS, SecurityHeadersMiddleware

INDEX = '<meta nonce="CSP_NONCE"><script src="./assets/index-AbCd1234.js" nonce="CSP_NONCE"></script>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page as `make web` leaves it."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(INDEX)
    (tmp_path / "assets/index-AbCd1234.js").write_text("console.log('page');" * 200)
    (tmp_path / "assets/Stretch-AbCd1234.mjs").write_text("export default 1;")
    (tmp_path / "assets/licences.md").write_text("MIT")
    return tmp_path


@pytest.fixture
def client(folder: Path) -> TestClient:
    app = FastAPI()
    install_page(app, folder)
    return TestClient(app)


def test_the_page_is_at_the_root(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert client.head("/").status_code == 200


def test_nothing_but_this_service_may_be_asked_and_nothing_inline_may_run(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert rules["connect-src"] == "'self'"
    assert "unsafe-inline" not in policy
    assert "http" not in policy


def test_each_answer_has_a_nonce_of_its_own_wherever_one_belongs(client: TestClient) -> None:
    first, second = client.get("/"), client.get("/")
    nonces = re.findall(r'nonce="([^"]+)"', first.text)
    assert len(set(nonces)) == 1
    assert len(nonces) == 2
    assert f"'nonce-{nonces[0]}'" in first.headers["content-security-policy"]
    assert nonces[0] not in second.text
    assert first.headers["cache-control"] == "no-store"


def test_files_with_a_hash_are_cached_for_long_and_others_are_asked_for_again(client: TestClient) -> None:
    assert "immutable" in client.get("/assets/index-AbCd1234.js").headers["cache-control"]
    assert client.get("/assets/licences.md").headers["cache-control"] == "no-cache"


def test_modules_have_a_type_that_browsers_run(client: TestClient) -> None:
    for name in ("index-AbCd1234.js", "Stretch-AbCd1234.mjs"):
        assert client.get(f"/assets/{name}").headers["content-type"].startswith("text/javascript")


def test_files_are_compressed(client: TestClient) -> None:
    answer = client.get("/assets/index-AbCd1234.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(answer.content)


def test_a_copy_that_is_current_is_not_sent_again(client: TestClient) -> None:
    etag = client.get("/assets/licences.md").headers["etag"]
    assert client.get("/assets/licences.md", headers={"If-None-Match": etag}).status_code == 304


def test_nothing_outside_the_assets_is_served(client: TestClient) -> None:
    assert client.get("/assets/../index.html").status_code == 404
    assert client.get("/assets/%2e%2e/index.html").status_code == 404


def test_a_page_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    app = FastAPI()
    install_page(app, tmp_path)
    answer = TestClient(app).get("/")
    assert answer.status_code == 404
    assert answer.text == NOT_BUILT
    assert "make web" in answer.text


def test_a_page_that_is_built_while_the_service_runs_is_shown(tmp_path: Path) -> None:
    app = FastAPI()
    install_page(app, tmp_path)
    client = TestClient(app)
    (tmp_path / "index.html").write_text(INDEX)
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/index-AbCd1234.js").write_text("1")
    assert client.get("/").status_code == 200
    assert client.get("/assets/index-AbCd1234.js").status_code == 200


def test_in_the_service_the_page_keeps_its_own_policy_and_the_rest_gets_the_services(
    folder: Path,
) -> None:
    app = FastAPI()
    install_page(app, folder)
    app.add_middleware(SecurityHeadersMiddleware)
    client = TestClient(app)
    page, script = client.get("/"), client.get("/assets/index-AbCd1234.js")
    assert "'nonce-" in page.headers["content-security-policy"]
    assert script.headers["content-security-policy"] == DEFAULTS["Content-Security-Policy"]
    for answer in (page, script):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers.get_list("referrer-policy") == ["no-referrer"]
