"""Reads a results table and writes the paper's tables and figures from it."""
