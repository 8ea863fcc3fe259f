"""The commands, one per module, and `plan`, the text of ``dry_run=true``.

A command parses its command line, calls the packages below, and prints.
"""
