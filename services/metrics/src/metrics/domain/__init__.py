"""What a complaint's facts add up to, and the numbers they give. Pure functions, no framework."""
