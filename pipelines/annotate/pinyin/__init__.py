"""Pinyin, as pypinyin reads it and in context."""
