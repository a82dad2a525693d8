"""What Open311 GeoReport v2 makes of the city's categories and complaints."""
