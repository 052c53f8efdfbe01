"""Wikipedia dumps."""
