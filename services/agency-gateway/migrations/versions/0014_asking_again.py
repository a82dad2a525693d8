"""Notes that go along with a request for routing, and statements that may answer a complaint."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_NOTES = """
ALTER TABLE note ADD COLUMN round integer;
COMMENT ON COLUMN note.round IS 'the request for routing it was given along with';
"""
_SUGGESTIONS = """
CREATE TABLE suggestion (
    complaint_id uuid NOT NULL REFERENCES complaint,
    statement_id uuid NOT NULL,
    version integer NOT NULL,
    agency text NOT NULL,
    score double precision NOT NULL,
    -- the statement's own, yet they tell what the complaint says: erased with it
    words text[] NOT NULL,
    PRIMARY KEY (complaint_id, statement_id)
);
COMMENT ON TABLE suggestion IS 'Statements that the router thinks near a complaint; only advice.';
ALTER TABLE suggestion ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY agency_sees ON suggestion FOR SELECT USING (
    (SELECT app_role()) = 'officer' AND EXISTS (
        SELECT FROM access a WHERE a.complaint_id = suggestion.complaint_id
            AND a.agency = (SELECT app_agency()) AND a.ended_at IS NULL));
CREATE POLICY worker_all ON suggestion USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON suggestion USING ((SELECT app_role()) = 'coordinator');
REVOKE ALL ON suggestion FROM lintas_gateway;
GRANT SELECT, INSERT, DELETE ON suggestion TO lintas_gateway;

-- what an agency has published anybody may read; so may officers of the others, and nothing more
CREATE POLICY officer_published ON statement_version FOR SELECT
    USING ((SELECT app_role()) = 'officer' AND state = 'published');
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    for script in (_NOTES, _SUGGESTIONS):
        # a prepared statement, as op.execute makes one, holds a single command
        connection.run_async(lambda driver, script=script: driver.execute(script))
