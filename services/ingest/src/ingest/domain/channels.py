"""The channels ingest knows by name; any other is accepted, and counted together."""

KNOWN = frozenset(
    {
        "email",
        "facebook",
        "instagram",
        "mastodon",
        "open311",
        "telegram",
        "web",
        "whatsapp",
        "x",
    }
)


def channel_label(channel: str) -> str:
    """The channel as a metric's label, from a closed list."""
    return channel if channel in KNOWN else "other"
