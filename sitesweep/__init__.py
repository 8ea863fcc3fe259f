"""Sweeps of facility-siting problems, each solved to a certified optimum."""
