"""A corpus in the browser of the person who built it: search, annotations, good and bad marks."""
