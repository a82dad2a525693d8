"""Those outside that the gateway asks: one file each."""
