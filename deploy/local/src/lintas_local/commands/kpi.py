import os
from typing import Annotated

import typer

from lintas_local.client import Service
from lintas_local.demo.outcome import kpi_table
from lintas_local.output import AsJson, people, say_json, told


def kpi(
    *,
    metric: Annotated[
        str | None, typer.Option(help="One figure only, such as first_response.")
    ] = None,
    group_by: Annotated[
        str | None, typer.Option(help="agency, channel, category, kecamatan, ...")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="First moment (RFC 3339 with offset).")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Moment after the last (RFC 3339 with offset).")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="As they stood at that moment (RFC 3339 with offset).")
    ] = None,
    clock: Annotated[str | None, typer.Option(help="wall or working; both if left out.")] = None,
    percentiles: Annotated[str | None, typer.Option(help="linear or nearest_rank.")] = None,
    negative: Annotated[
        str | None, typer.Option(help="Durations below zero: flag them, or keep them.")
    ] = None,
    imported_answers: Annotated[
        bool, typer.Option("--imported-answers", help="Count answers given before, elsewhere.")
    ] = False,
    sla_variant: Annotated[
        str | None,
        typer.Option(help="as_promised, closed_with_target or published_all_rows."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the response-time figures, each with how many it counts and how many are open."""
    query = {"metric": metric, "group_by": group_by, "as_of": as_of, "clock": clock}
    query |= {"from": since, "to": until, "percentiles": percentiles, "negative": negative}
    query |= {"sla_variant": sla_variant, "imported_answers": "true" if imported_answers else None}
    with told(), Service.of("metrics", os.environ) as metrics:
        report = metrics.get("/v1/kpis", **query)
    if as_json:
        say_json(report)
    else:
        people.print(kpi_table(report["kpis"]))
        people.print(f"[dim]as of {report['as_of']}[/]")
