"""How the gateway keeps things in PostgreSQL: one module per question, sets on machine paths."""
