"""Backtests: a candidate held against the corpus."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BACKTEST = """
CREATE TABLE backtest (
    id uuid PRIMARY KEY,
    state text NOT NULL
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    requested_at timestamptz NOT NULL,
    requested_by text NOT NULL,
    candidate_version text NOT NULL,
    candidate jsonb NOT NULL,
    against_version text NOT NULL,
    against jsonb,
    since timestamptz,
    until timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    total bigint,
    done bigint NOT NULL DEFAULT 0,
    reached_at timestamptz,
    reached_id uuid,
    tally jsonb,
    problem text,
    runner uuid,
    held_until timestamptz
);
CREATE INDEX backtest_unfinished ON backtest (requested_at) WHERE state IN ('queued', 'running');
COMMENT ON COLUMN backtest.against IS 'NULL: the decisions as they were made.';
COMMENT ON COLUMN backtest.reached_id IS 'The last row that is in the tally: where to go on.';
COMMENT ON COLUMN backtest.tally IS 'Counts, and ids and positions of a sample; never a text.';
COMMENT ON COLUMN backtest.held_until IS 'Until when its runner need not be taken for dead.';
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda driver: driver.execute(_BACKTEST))
