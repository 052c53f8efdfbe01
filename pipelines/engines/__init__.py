"""Who runs a stage: local processes, or a Beam runner."""
