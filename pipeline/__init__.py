"""The experiment: configuration, sweep, networks, results, engine and commands."""
