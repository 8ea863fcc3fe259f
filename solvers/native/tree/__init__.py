"""The branch-and-bound tree: node queue, node processing and branching."""
