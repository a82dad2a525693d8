"""Statuses that were heard lately are looked at again."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # of one channel, so that no other one pays for it
    op.execute(
        "CREATE INDEX mention_lately ON mention (account, received_at DESC, mention_id DESC)"
        " WHERE channel = 'mastodon' AND withdrawn_at IS NULL"
    )
