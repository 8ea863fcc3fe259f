"""The experiment: coordinates, networks, chunks, engine, store."""
