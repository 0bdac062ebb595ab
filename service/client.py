"""A small client of the HTTP API, typed as the answers are. Needs the extra `client`.

Example:
    with Counterpart("http://127.0.0.1:8000") as counterpart:
        for match in counterpart.match(Path("mix.wav"), ["bass"]).matches:
            print(match.score, match.stem.path)
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from service.problems import Problem
from service.schemas import (
    MatchAnswer,
    PeaksAnswer,
    ReadyAnswer,
    StemsAnswer,
    StemView,
    TypesAnswer,
    VersionAnswer,
)
from service.stem_schemas import AcceptedStem, CompatibilityAnswer, SimilarAnswer

Answer = TypeVar("Answer", bound=BaseModel)
Parameters = Mapping[str, Any]

PATIENCE_SECONDS = 180.0


class ProblemError(RuntimeError):
    """The server answered with a problem."""

    def __init__(self, problem: Problem, retry_after_seconds: int | None) -> None:
        super().__init__(f"{problem.detail} ({problem.status}, request {problem.request_id})")
        self.problem = problem
        self.retry_after_seconds = retry_after_seconds

    @property
    def kind(self) -> str:
        """The stable name of the problem, such as `unusable-audio`."""
        return self.problem.type.rpartition(":")[2]


class NoAnswerError(RuntimeError):
    """The server cannot be reached, or what answers is something else."""


class Counterpart:
    """One server; close it, or use it in a `with`. Safe to use from several threads."""

    def __init__(
        self, url: str, key: str | None = None, *, timeout_seconds: float = PATIENCE_SECONDS
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def match(self, mix: Path, types: Iterable[str], **parameters: Any) -> MatchAnswer:
        """The stems that fit `mix`; `parameters` are those of `POST /match`.

        Raises:
            ProblemError, NoAnswerError: as every method here.
            OSError: the file cannot be read.
        """
        asked = {"type": list(types), **parameters}
        return self._read(MatchAnswer, self._send("POST", "/match", {"mix": mix}, params=asked))

    def match_again(self, sha256: str, types: Iterable[str], **parameters: Any) -> MatchAnswer:
        """As `match`, about a mix that was sent lately: `sha256` is that of the answer's `query`.

        Raises:
            ProblemError: of kind `mix-not-remembered` where the file has to be sent again.
        """
        asked = {"type": list(types), "sha256": sha256, **parameters}
        return self._read(MatchAnswer, self._send("POST", "/match", params=asked))

    def compatibility(self, mix: Path, stem: Path, stem_type: str) -> CompatibilityAnswer:
        """How well `stem` fits `mix`."""
        sent = self._send("POST", "/compatibility", {"mix": mix, "stem": stem}, params={"type": stem_type})
        return self._read(CompatibilityAnswer, sent)

    def types(self) -> TypesAnswer:
        """The stem types, with what the library holds of each."""
        return self._read(TypesAnswer, self._send("GET", "/types"))

    def stems(self, **parameters: Any) -> Iterator[StemView]:
        """All stems that pass the filters of `GET /stems`, page after page."""
        after: int | None = 0
        while after is not None:
            asked = {**parameters, "after": after}
            page = self._read(StemsAnswer, self._send("GET", "/stems", params=asked))
            yield from page.stems
            after = page.next

    def stem(self, stem_id: str) -> StemView:
        """One stem."""
        return self._read(StemView, self._send("GET", f"/stems/{stem_id}"))

    def similar(self, stem_id: str, limit: int = 10) -> SimilarAnswer:
        """Stems that sound like it."""
        return self._read(
            SimilarAnswer, self._send("GET", f"/stems/{stem_id}/similar", params={"limit": limit})
        )

    def peaks(self, stem_id: str) -> PeaksAnswer:
        """Its outline."""
        return self._read(PeaksAnswer, self._send("GET", f"/stems/{stem_id}/peaks"))

    def audio(self, stem_id: str) -> bytes:
        """Its file."""
        return self._send("GET", f"/stems/{stem_id}/audio").content

    def add_stem(
        self, stem: Path, stem_type: str, **facts: str | float | Sequence[str] | None
    ) -> AcceptedStem:
        """Send a stem to the library; `facts` are `song`, `licence`, `tag`, `bpm` and `key`. Needs a key."""
        form = {
            "type": stem_type,
            **{name: _form_value(value) for name, value in facts.items() if value is not None},
        }
        return self._read(AcceptedStem, self._send("POST", "/stems", {"stem": stem}, data=form))

    def remove_stem(self, stem_id: str) -> None:
        """Take a stem out of the library. Needs a key."""
        self._send("DELETE", f"/stems/{stem_id}")

    def version(self) -> VersionAnswer:
        """What runs there."""
        return self._read(VersionAnswer, self._send("GET", "/version"))

    def readiness(self) -> ReadyAnswer:
        """Whether it can answer, and if not, why; no error where it cannot."""
        try:
            response = self._client.get("/readyz")
        except httpx.TransportError as error:
            raise _no_answer(error) from error
        return self._read(ReadyAnswer, response)

    def _send(
        self,
        method: str,
        path: str,
        files: Mapping[str, Path] | None = None,
        *,
        params: Parameters | None = None,
        data: Parameters | None = None,
    ) -> httpx.Response:
        with ExitStack() as stack:
            opened = {
                name: (file.name, stack.enter_context(file.open("rb")))
                for name, file in (files or {}).items()
            }
            asked = {name: value for name, value in (params or {}).items() if value is not None}
            try:
                response = self._client.request(method, path, params=asked, data=data, files=opened or None)
            except httpx.TransportError as error:
                raise _no_answer(error) from error
        if response.is_error:
            raise read_problem(response)
        return response

    def _read(self, kind: type[Answer], response: httpx.Response) -> Answer:
        try:
            return kind.model_validate_json(response.content)
        except ValidationError as error:
            raise _no_answer(error) from error


def _form_value(value: str | float | Sequence[str]) -> str | list[str]:
    return str(value) if isinstance(value, str | int | float) else list(value)


def read_problem(response: httpx.Response) -> ProblemError | NoAnswerError:
    """The error that an answer is."""
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError as error:
        return _no_answer(error)
    after = response.headers.get("retry-after", "")
    return ProblemError(problem, int(after) if after.isdigit() else None)


def _no_answer(error: Exception) -> NoAnswerError:
    return NoAnswerError(f"There is no Counterpart that answers ({type(error).__name__}). Check the address.")
