"""What the router keeps in its own database; none of it is on the way from mention to decision."""
