"""MIP solvers behind one interface: HiGHS and Gurobi, and the choice between them."""
