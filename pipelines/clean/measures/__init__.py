"""What filter rules measure, a family a file."""
