"""The configuration: types and ranges of every key, composed by Hydra; errors and exit codes."""
