"""The commands, one per module: each parses its command line, calls other packages, and prints."""
