"""Files at public addresses, which no account of ours is asked for."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE awaited_media ALTER COLUMN account DROP NOT NULL")
    op.execute(
        "COMMENT ON COLUMN awaited_media.account IS"
        " 'With whose token its files are asked for; NULL: their addresses are public.'"
    )
