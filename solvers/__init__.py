"""Mathematics: a problem in, a certified solution out. Knows nothing of sweeps, Ray or files."""
