"""The `lintas` command: what the operator can do, one file per command."""

import typer

from lintas_local.commands import (
    agency,
    demo,
    docs,
    doctor,
    environ,
    erase,
    hold,
    import_,
    kpi,
    pack,
    person,
    prepare,
    quarantine,
    rules,
    rules_backtest,
    rules_train,
    secrets,
    setup,
    up,
)

main = typer.Typer(
    name="lintas",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
    help="Cross-agency complaint handling: the operator's tool.",
    epilog="Ends with 0 when done, 1 when something is wrong, 2 on wrong usage, 130 when "
    "interrupted. Every command knows --json.",
)

main.command()(up.up)
main.command()(demo.demo)
main.command()(doctor.doctor)
main.command()(docs.docs)
main.command()(setup.setup)
main.command()(prepare.prepare)
main.command()(secrets.secrets)
main.command()(kpi.kpi)
main.command("import")(import_.import_)
main.command()(environ.environ)
main.command()(erase.erase)
main.add_typer(hold.commands, name="hold")
main.add_typer(pack.commands, name="pack")
rules.commands.command()(rules_train.train)
rules.commands.command()(rules_backtest.backtest)
main.add_typer(rules.commands, name="rules")
main.add_typer(person.commands, name="person")
main.add_typer(agency.commands, name="agency")
main.add_typer(quarantine.commands, name="quarantine")
