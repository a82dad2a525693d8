"""PostgreSQL: one transaction for inbox, effect and outbox."""
