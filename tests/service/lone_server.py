"""A service over a fake embedder in a process of its own, for tests that take something away from it.

    python -m tests.service.lone_server DATA

The first line that it prints is its address.
"""

import sys
from pathlib import Path

from service.app import create_app
from service.resources import share_resources
from tests.fakes import FakeEmbedder
from tests.service.conftest import settings_for
from tests.service.servers import running_server


def main(data: Path) -> None:
    """Serve until standard input ends."""
    settings = settings_for(data, index_uploads=False)
    app = create_app(settings, open_resources=lambda chosen: share_resources(chosen, FakeEmbedder()))
    with running_server(app) as url:
        print(url, flush=True)  # noqa: T201 - what the test waits for
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
