"""The style of all figures, and the map of a network."""
