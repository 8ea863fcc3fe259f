"""The experiment: configuration, sweep, networks, results, engines and commands."""
