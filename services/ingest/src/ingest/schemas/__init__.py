"""HTTP shapes, a room for each part of the API."""
