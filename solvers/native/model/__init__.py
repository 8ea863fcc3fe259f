"""Shared by all layers: the problem as arrays, the node, work arrays, compilation."""
