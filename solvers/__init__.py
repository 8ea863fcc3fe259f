"""Solve one problem and certify the result. Knows nothing of sweeps, runs, Ray or storage."""
