"""Lower bounds of a node: knapsacks, Lagrangian relaxation, subgradient ascent, penalties."""
