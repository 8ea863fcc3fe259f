"""The problem as a mixed-integer program: the direct model and the collapsed model."""
