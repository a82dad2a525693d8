"""What services tell each other: events, how they travel, and the topics that carry them."""
