"""Verbs of ``sitesweep`` that read tables of results: one module per verb."""
