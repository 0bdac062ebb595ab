"""Shows an answer on a terminal."""

from rich.markup import escape
from rich.table import Table

from service.schemas import MatchAnswer


def tabulate(answer: MatchAnswer) -> Table:
    """One row a match: how well it fits, what it is, where it goes."""
    table = Table(
        title=f"Stems that fit {escape(answer.query.filename)}",
        caption=f"{answer.model.name} {answer.model.version}, build {answer.build}, "
        f"{answer.timings_ms.total:.0f} ms",
    )
    for heading in ("Rank", "Fit"):
        table.add_column(heading, justify="right")
    for heading in ("Type", "Song", "File"):
        table.add_column(heading, overflow="fold")
    table.add_column("Tempo", justify="right")
    table.add_column("Key")
    table.add_column("Placement", no_wrap=True)
    for match in answer.matches:
        table.add_row(
            str(match.rank),
            f"{match.score:.0%}",
            match.stem.type,
            escape(match.stem.song),
            escape(match.stem.path),
            f"{match.stem.bpm:.1f}" if match.stem.bpm else "",
            match.stem.key or "",
            f"{clock(match.placement.stem_start)} of it at {clock(match.placement.mix_start)}",
        )
    return table


def clock(seconds: float) -> str:
    """Minutes and seconds, to a hundredth."""
    hundredths = round(seconds * 100)
    return f"{hundredths // 6000}:{hundredths // 100 % 60:02}.{hundredths % 100:02}"
