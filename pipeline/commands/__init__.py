"""Verbs of ``sitesweep``, one per module; those that analyse results are in `analysis.commands`.

A verb parses its command line, calls the packages below, and prints.
"""
