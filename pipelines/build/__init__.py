"""A build: its stages, their addresses and tasks, the dry run, the finish."""
