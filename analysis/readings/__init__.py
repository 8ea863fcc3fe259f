"""Which reading of the paper's generator fits the paper's tables, and which labels C1 to C25.

The paper prints the standard deviation of a cluster only for one example, and the structures only
as a picture. Here, runs with different readings are held against Tables 3, 4 and 6. Each
replication of a run is a study with a single draw, as the paper's is; so the replications say how
far one draw may lie from their mean.
"""
