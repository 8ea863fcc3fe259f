"""Networks: drawn by the paper's generator, and written to files."""
