"""Programs that train the embedded models; no build imports them."""
