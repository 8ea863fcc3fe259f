"""The sweep: coordinates, jobs, and the chunks of pending work."""
