"""A linear scorer of how much a text reads like one written to be read: features, model file, scores."""
