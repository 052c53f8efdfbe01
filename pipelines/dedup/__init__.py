"""Keys, links and clusters of documents that are alike."""
