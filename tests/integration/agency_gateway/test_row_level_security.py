import asyncio
import random

import asyncpg
import pytest
from sqlalchemy import text

from lintas.testing.builders import complaint_id, complaint_routed, decision

pytestmark = pytest.mark.stack

#: what says whose a row is
OWNED_BY = ("agency", "complaint_id", "statement_id")
#: tables of the kit and of public reference data: no agency's
UNOWNED = {"inbox", "outbox", "parked_event", "directory_document", "alembic_version"}


async def test_every_table_of_an_agency_forces_row_level_security(owner):
    tables = await owner.fetch(
        "SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,"
        " (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies"
        " FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
    )
    found = {row["name"]: row for row in tables}
    assert found.keys() >= {"complaint", "assignment", "access", "history", "note", "person"}
    bare = {name for name, row in found.items() if not (row["forced"] and row["policies"])}
    assert bare == UNOWNED


async def test_no_table_without_row_level_security_says_whose_a_row_is(owner):
    columns = await owner.fetch(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND column_name = ANY($1::text[])",
        list(OWNED_BY),
    )
    assert not {row["table_name"] for row in columns} & UNOWNED


async def test_every_table_of_an_agency_has_an_index_that_begins_with_its_owner(owner):
    missing = await owner.fetch(
        "SELECT c.table_name, c.column_name FROM information_schema.columns c"
        " JOIN pg_class t ON t.oid = ('public.' || c.table_name)::regclass AND t.relkind = 'r'"
        " WHERE c.table_schema = 'public' AND c.column_name = ANY($1::text[]) AND NOT EXISTS ("
        "  SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
        "  AND a.attnum = i.indkey[0] WHERE i.indrelid = t.oid AND a.attname = ANY($1::text[]))",
        list(OWNED_BY),
    )
    assert [tuple(row) for row in missing] == []


async def test_views_look_with_the_readers_eyes(owner):
    blind = await owner.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace"
        " AND NOT coalesce(reloptions::text, '') LIKE '%security_invoker=true%'"
    )
    assert blind == []


async def test_the_runtime_role_owns_nothing_bypasses_nothing_and_truncates_nothing(owner):
    role = await owner.fetchrow(
        "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'lintas_gateway'"
    )
    assert tuple(role) == (False, False)
    owned = await owner.fetchval(
        "SELECT count(*) FROM pg_class WHERE relowner = 'lintas_gateway'::regrole"
    )
    assert owned == 0
    rights = await owner.fetch(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee = 'lintas_gateway'"
    )
    granted = {(row["table_name"], row["privilege_type"]) for row in rights}
    assert not {name for name, right in granted if right == "TRUNCATE"}
    assert {right for name, right in granted if name == "history"} == {"SELECT", "INSERT"}
    assert {right for name, right in granted if name == "statement_author"} == {"SELECT", "INSERT"}


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="nobody"),
        pytest.param({"app.role": "officer"}, id="no agency"),
        pytest.param({"app.role": "officer", "app.agency": ""}, id="empty agency"),
        pytest.param({"app.role": "", "app.agency": "dpupr"}, id="no role"),
        pytest.param({"app.role": "postgres", "app.agency": "dpupr"}, id="unknown role"),
        pytest.param({"app.role": "public"}, id="the public"),
        pytest.param({"app.role": "officer", "app.agency": "dlh"}, id="another agency"),
    ],
)
async def test_nobody_sees_what_is_not_theirs(registrar, work, settings):
    await registrar.apply([complaint_routed(1)])
    for table in ("complaint", "assignment", "access", "history", "queue_item", "person"):
        async with work.begin(settings) as tx:
            seen = await tx.connection.scalar(text(f"SELECT count(*) FROM {table}"))
        assert seen == 0, table


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE history SET body = ''", id="edit"),
        pytest.param("DELETE FROM history", id="delete"),
        pytest.param("TRUNCATE history CASCADE", id="truncate"),
    ],
)
async def test_history_is_append_only_even_for_its_owner(registrar, addresses, statement):
    await registrar.apply([complaint_routed(1)])
    for url in (addresses.role, addresses.owner, addresses.admin):
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        await connection.execute("SELECT set_config('app.role', 'worker', false)")
        with pytest.raises((asyncpg.RestrictViolationError, asyncpg.InsufficientPrivilegeError)):
            await connection.execute(statement)
        await connection.close()


async def test_an_agency_cannot_write_itself_into_another_ones_complaint(registrar, work):
    await registrar.apply([complaint_routed(1)])
    sight = {"app.role": "officer", "app.agency": "dlh"}
    id_ = complaint_id(1)
    for attempt in (
        "INSERT INTO access (agency, complaint_id, granted_at) VALUES ('dlh', :id, now())",
        (
            "INSERT INTO assignment (id, agency, complaint_id, place, role, state, round, assigned_at,"
            " deadlines, due_at, channel) VALUES (gen_random_uuid(), 'dlh', :id, 9, 'lead', 'queued',"
            " 0, now(), '[]', now(), 'x')"
        ),
        (
            "INSERT INTO note (id, complaint_id, agency, author, text, shared, written_at)"
            " VALUES (gen_random_uuid(), :id, 'dlh', 'x', 'x', true, now())"
        ),
    ):
        with pytest.raises(Exception, match="row-level security"):
            async with work.begin(sight) as tx:
                await tx.connection.execute(text(attempt), {"id": id_})


async def test_interleaved_agencies_over_a_small_pool_see_their_own_canaries_only(
    gateway, registrar
):
    agencies = ("dpupr", "dlh", "dishub", "dinkes", "tirta")
    await registrar.apply(
        [
            complaint_routed(
                10 * place + n, decision(lead=agency), text=f"kanari-{agency}-{n} di jalan"
            )
            for place, agency in enumerate(agencies)
            for n in range(4)
        ]
    )
    keys = {agency: await gateway.key(agency) for agency in agencies}
    dice = random.Random(20_260_317)  # which request comes when is no secret
    numbers = [10 * place + n for place in range(len(agencies)) for n in range(4)]

    async def ask(_: int) -> None:
        agency = dice.choice(agencies)
        path = dice.choice(
            [
                f"/v1/agencies/{dice.choice(agencies)}/queue",
                f"/v1/complaints/{complaint_id(dice.choice(numbers))}",
                f"/v1/complaints/BGR-{dice.choice(numbers):08d}-0/timeline",
                f"/v1/audit/{complaint_id(dice.choice(numbers))}",
            ]
        )
        answer = await gateway.get(path, keys[agency])
        assert answer.status_code in {200, 404}
        for other in agencies:
            assert other == agency or f"kanari-{other}" not in answer.text

    for _ in range(20):
        await asyncio.gather(*map(ask, range(50)))
