"""What `redact` finds in 3,000 generated sentences, half of which it was never tuned on."""
