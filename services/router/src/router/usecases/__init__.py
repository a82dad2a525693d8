"""What the router does: keep rules, follow them, decide, explain."""
