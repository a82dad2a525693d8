"""Complaints that began in private are on no public list; erased ones are found by their time."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE complaint ADD COLUMN unlisted boolean NOT NULL DEFAULT false")
    op.execute(
        "COMMENT ON COLUMN complaint.unlisted IS"
        " 'It began in private and its reporter did not choose open: on no public list.'"
    )
    # of the other channels nothing tells any more which of their messages were private
    op.execute(
        "UPDATE complaint c SET unlisted = true FROM mention m"
        " WHERE m.complaint_id = c.complaint_id AND m.joined IS NULL AND c.anonymity <> 'open'"
        "  AND m.channel IN ('email', 'telegram', 'whatsapp')"
    )
    op.execute("CREATE INDEX complaint_erased ON complaint (erased_at) WHERE erased_at IS NOT NULL")
    op.execute(
        "UPDATE open311_request r SET hidden = 'private' FROM complaint c"
        " WHERE c.complaint_id = r.complaint_id AND c.unlisted AND r.hidden IS NULL"
    )
