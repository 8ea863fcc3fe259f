"""What all floors of the search share: the problem as arrays, the node, work arrays, compilation."""
