"""Backtests are listed, the latest first; why one failed is a code."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_LISTED = """
CREATE INDEX backtest_listed ON backtest (requested_at DESC, id DESC);
UPDATE backtest
   SET problem = CASE WHEN problem LIKE '%process%' THEN 'process_ended' ELSE 'rules_unusable' END
 WHERE problem IS NOT NULL;
ALTER TABLE backtest ADD CHECK (problem IN
    ('rules_unusable', 'model_missing', 'model_unusable', 'process_ended'));
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda driver: driver.execute(_LISTED))
