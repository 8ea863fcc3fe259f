"""Solve one problem and certify the result. Knows nothing of sweeps, Ray or files."""
