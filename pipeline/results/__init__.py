"""The results of a run: its rows, their table, the files beside it, and their verification."""
