"""The configuration: types and ranges of every key, composed with Hydra; errors and exit codes."""
