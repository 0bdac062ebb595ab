"""One getter for each thing that a request needs, so that a test can replace exactly one."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated

from fastapi import Depends, Request

from library.builds import StemIndexes
from library.catalogue import Catalogue
from service.desk import Desk
from service.resources import Resources
from service.stem_inbox import StemInbox


def get_resources(request: Request) -> Resources:
    resources = request.state.resources
    if not isinstance(resources, Resources):
        raise TypeError("The application was started without its lifespan.")
    return resources


def get_desk(request: Request) -> Desk:
    desk = request.state.desk
    if not isinstance(desk, Desk):
        raise TypeError("The application was started without its lifespan.")
    return desk


ResourcesDep = Annotated[Resources, Depends(get_resources)]


def get_indexes(resources: ResourcesDep) -> StemIndexes:
    return resources.build.indexes()


def get_catalogue(resources: ResourcesDep) -> Iterator[Catalogue]:
    with resources.catalogues.open() as catalogue:
        yield catalogue


def get_inbox(resources: ResourcesDep) -> StemInbox:
    return resources.inbox


def get_until_sent() -> Iterator[ExitStack]:
    with ExitStack() as until_sent:  # closed when the answer has been sent: a file is read as it goes
        yield until_sent


InboxDep = Annotated[StemInbox, Depends(get_inbox)]
DeskDep = Annotated[Desk, Depends(get_desk)]
IndexesDep = Annotated[StemIndexes, Depends(get_indexes)]
UntilSentDep = Annotated[ExitStack, Depends(get_until_sent, scope="request")]
CatalogueDep = Annotated[Catalogue, Depends(get_catalogue, scope="function")]
