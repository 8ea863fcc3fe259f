"""The commands, one a module: each reads its words, calls the rooms below, and prints."""
