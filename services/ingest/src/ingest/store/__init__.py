"""How ingest's database is read and written: sets in, sets out."""
