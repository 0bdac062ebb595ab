"""A click group of which `index PATH…` works without the name of a command."""

import click


class PathsFirstGroup(click.Group):
    """Takes a first argument that is no command (and no --help) as the start of `add`'s arguments."""

    default_command = "add"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `add` where it was left out."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [self.default_command, *args]
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click passes it
        """What follows the name in the line of usage."""
        return ["PATH… | COMMAND [ARGS]…"]
