"""Code points, scripts, normalisation and conversion with their offsets: what every later room knows of characters."""
