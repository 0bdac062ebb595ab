"""The options of `counterpart match` that narrow the library down, named as the query parameters are."""

from collections.abc import Callable

import click

from library.records import KINDS

Command = Callable[..., None]

_OPTIONS = (
    click.option("--min-bpm", type=float, help="Slowest tempo that is wanted."),
    click.option("--max-bpm", type=float, help="Fastest tempo that is wanted."),
    click.option("--any-octave", is_flag=True, help="Half or double a tempo in that range will do as well."),
    click.option("--key", multiple=True, metavar="KEY", help='Wanted key, "A minor", Am or 8A; repeatable.'),
    click.option("--key-compatible", is_flag=True, help="Keys that go with --key will do as well."),
    click.option("--licence", multiple=True, metavar="LICENCE", help="Wanted licence; repeatable."),
    click.option("--tag", multiple=True, metavar="TAG", help="Wanted tag; repeat for all of several."),
    click.option("--song", multiple=True, metavar="SONG", help="Song whose stems are wanted; repeatable."),
    click.option("--kind", multiple=True, type=click.Choice(KINDS), help="Wanted kind; repeatable."),
    click.option("--min-type-confidence", type=float, help="Leave out types that were guessed with less."),
)


def filter_options(command: Command) -> Command:
    """Add the options of `service.filter_query.FilterQuery`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
