"""One module for each figure: a function that takes a frame and returns the figure."""
