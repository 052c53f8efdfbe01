"""Trains UnihanLM and ChineseBERT on a corpus. Imports schemas, never pipelines."""
