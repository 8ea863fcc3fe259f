"""Local search over assignments: tabu search, and the repair of a Lagrangian solution."""
