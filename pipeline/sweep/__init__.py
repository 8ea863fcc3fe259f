"""The sweep: coordinates, jobs, and the chunks of work that are still to be done."""
