"""The results of a run: rows, their table, the files beside it, and their verification."""
