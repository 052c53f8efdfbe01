"""What the corpus builder and the trainer agree on: Arrow schemas, the manifest and the recipe."""
