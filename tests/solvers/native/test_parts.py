"""The parts of the native search, each against enumeration."""

import itertools

import numpy as np
import pytest

from solvers.native import partition
from solvers.native.bound.knapsack import (
    backtrack,
    fill,
    fill_backward,
    init_at_most,
    init_exactly,
    optimum_without,
)
from solvers.native.bound.lagrangian import lagrangian_bound
from solvers.native.bound.lower_bound import lower_bound
from solvers.native.bound.min_knapsack import forced_bounds, min_knapsack
from solvers.native.bound.penalties import compute_penalties
from solvers.native.bound.surplus_capacity import (
    max_plus_convolve,
    surplus_capacity_bound,
    surplus_is_small,
)
from solvers.native.large_neighbourhood_search import free_neighbourhood
from solvers.native.local_search.tabu_search import tabu_search
from solvers.native.model.incumbent import VALUE, Incumbent, cost_of
from solvers.native.model.node import propagate
from solvers.native.model.problem_data import CLOSED, FREE, OPEN, ProblemData
from solvers.native.tree.node_queue import (
    SIZE,
    dual_bound,
    grow,
    has_room,
    make_queue,
    pop,
    push,
)
from solvers.native.tree.node_workspace import NodeWorkspace, make_node_workspace

SEEDS = range(40)


def best_subset(profit: np.ndarray, weight: np.ndarray, room: int) -> float:
    """Enumerate the subsets of a knapsack; -inf if not even the empty one fits."""
    subsets = itertools.product([0, 1], repeat=len(profit))
    values = [profit @ x for x in map(np.array, subsets) if weight @ x <= room]
    return float(max(values, default=-np.inf))


@pytest.mark.parametrize("seed", SEEDS)
def test_knapsack_is_enumeration(seed: int) -> None:
    """The table's last entry, its items, and the optimum without each item."""
    random = np.random.default_rng(seed)
    n, room = int(random.integers(1, 8)), int(random.integers(0, 30))
    profit, weight = random.uniform(0.1, 9, n), random.integers(1, 15, n)
    table, back = np.full((n + 1, room + 1), np.nan), np.full((n + 1, room + 1), np.nan)
    take = np.zeros(n, np.uint8)
    init_at_most(table[0], room)
    init_at_most(back[n], room)
    best = fill(profit, weight, n, room, table)
    fill_backward(profit, weight, n, room, back)
    backtrack(weight, n, room, table, take)
    assert best == pytest.approx(best_subset(profit, weight, room), abs=1e-12)
    assert weight @ take <= room
    assert profit @ take == pytest.approx(best, abs=1e-12)
    for i in range(n):
        others = np.arange(n) != i
        for less in (room, room - int(weight[i])):
            expected = best_subset(profit[others], weight[others], less)
            assert optimum_without(table, back, i, less) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_knapsack_that_is_filled_exactly_is_enumeration(seed: int) -> None:
    """Every room has its own optimum among the subsets of just that weight, losses included."""
    random = np.random.default_rng(seed)
    n, room = int(random.integers(1, 8)), int(random.integers(0, 30))
    profit, weight = random.uniform(-9, 9, n), random.integers(1, 15, n)
    table = np.full((n + 1, room + 1), np.nan)
    init_exactly(table[0], room)
    fill(profit, weight, n, room, table)
    for c in range(room + 1):
        subsets = map(np.array, itertools.product([0, 1], repeat=n))
        best = max((float(profit @ x) for x in subsets if weight @ x == c), default=-np.inf)
        assert table[n, c] == pytest.approx(best, abs=1e-12)


def cheapest_cover(value: np.ndarray, size: np.ndarray, state: np.ndarray, need: int) -> float:
    """Enumerate the sets of open sites; inf if none covers the need."""
    least = np.inf
    for chosen in itertools.product([0, 1], repeat=len(value)):
        y = np.array(chosen)
        if ((state == FREE) | (state == y)).all() and size @ y >= need:
            least = min(least, value @ y)
    return float(least)


@pytest.mark.parametrize("seed", SEEDS)
def test_cover_and_its_flips_are_enumeration(seed: int) -> None:
    """The cheapest cover, and the cheapest with each site forced open and closed."""
    random = np.random.default_rng(seed)
    sites = int(random.integers(1, 7))
    value, size = random.uniform(-5, 10, sites), random.integers(0, 12, sites)
    state = random.choice([OPEN, CLOSED, FREE, FREE, FREE], sites).astype(np.int8)
    need = int(random.integers(0, max(1, size.sum()) + 1))
    choice = np.zeros(sites, np.uint8)
    pick = np.zeros((sites, need + 1), np.uint8)
    least = min_knapsack(value, size, state, need, choice, np.zeros(need + 1), pick)
    assert least == pytest.approx(cheapest_cover(value, size, state, need), abs=1e-12)
    if not np.isfinite(least):
        return
    assert value @ choice == pytest.approx(least, abs=1e-12)
    assert size @ choice >= need
    opened, closed = np.zeros(sites), np.zeros(sites)
    tables = (np.full((sites + 1, need + 13), np.nan) for _ in range(2))
    forced_bounds(value, size, state, need, choice, least, opened, closed, *tables)
    for j in range(sites):
        for forced, penalties in ((OPEN, opened[j]), (CLOSED, closed[j])):
            if state[j] not in (FREE, forced):
                assert penalties == np.inf
                continue
            other = state.copy()
            other[j] = forced
            expected = cheapest_cover(value, size, other, need)
            assert penalties == pytest.approx(expected, abs=1e-12)


def draw_data(seed: int) -> ProblemData:
    """Draw a small problem."""
    random = np.random.default_rng(seed)
    sites, customers = int(random.integers(1, 5)), int(random.integers(1, 6))
    demand = random.integers(1, 10, customers)
    total = int(demand.sum())
    capacity = np.minimum(random.integers(3, 25, sites), total)
    cost = random.uniform(0, 50, (sites, customers))
    return ProblemData(cost, capacity, demand, random.uniform(0, 40, sites), total)


def solutions(data: ProblemData, workspace: NodeWorkspace) -> dict[tuple[int, ...], float]:
    """Enumerate the feasible assignments of a node with their cost; sites forced open cost."""
    penalties = {}
    for assign in itertools.product(range(len(data.capacity)), repeat=len(data.demand)):
        a = np.array(assign)
        cost = cost_of(data, a)
        fits = (
            workspace.allowed[a, np.arange(len(a))].all()
            and not (workspace.state[a] == CLOSED).any()
        )
        if fits and np.isfinite(cost):
            idle = np.setdiff1d(np.flatnonzero(workspace.state == OPEN), a)
            penalties[assign] = cost + float(data.fixed[idle].sum())
    return penalties


@pytest.mark.parametrize("seed", range(100))
def test_joint_programme_is_enumeration(seed: int) -> None:
    """L' is the least over all ways to fill the sites that waste exactly T tonnes together."""
    data, random = draw_data(seed), np.random.default_rng(seed)
    workspace = make_node_workspace(data)
    workspace.state[random.random(len(workspace.state)) < 0.3] = OPEN
    feasible = propagate(data, workspace.allowed, workspace.state, workspace.node)
    if not feasible or not surplus_is_small(workspace.node, workspace.work):
        return
    node, sites = workspace.node, range(len(data.capacity))
    multiplier = random.uniform(0, 60, len(data.demand))
    options = []  # of each site: what it adds to the cost, and what it wastes
    for j in sites:
        items = node.item[node.start[j] : node.start[j + 1]]
        ways = [(0.0, int(node.residual[j]))] if node.state[j] == FREE else []
        for x in itertools.product([0, 1], repeat=len(items)):
            taken = items[np.array(x, bool)]
            left = int(node.residual[j] - data.demand[taken].sum())
            ways.append((node.base_cost[j] - (multiplier[taken] - data.cost[j, taken]).sum(), left))
        options.append(ways if node.state[j] != CLOSED else [(0.0, 0)])
    least = min(
        (
            sum(cost for cost, _ in chosen)
            for chosen in itertools.product(*options)
            if sum(left for _, left in chosen) == node.surplus[0] and min(c[1] for c in chosen) >= 0
        ),
        default=np.inf,
    )
    penalties = surplus_capacity_bound(data, node, workspace.work, multiplier)
    assert penalties == pytest.approx(multiplier[node.unassigned == 1].sum() + least, rel=1e-9)
    assert penalties >= lagrangian_bound(data, node, workspace.work, multiplier) - 1e-9


@pytest.mark.parametrize("widest", [0, 2, 3, 4, 7, 8, 12])
def test_waste_is_shared_out_as_by_enumeration(widest: int) -> None:
    """All ways of sharing out, whether or not the wastes come in fours."""
    random = np.random.default_rng(widest)
    for waste in (widest, widest + 1, widest + 9):
        first, second = random.uniform(-9, 9, waste + 1), random.uniform(-9, 9, waste + 1)
        first[random.random(waste + 1) < 0.3] = -np.inf
        out = np.full(waste + 1, np.nan)
        max_plus_convolve(first, second, widest, waste, out)
        for t in range(waste + 1):
            assert out[t] == max(first[t - q] + second[q] for q in range(min(t, widest) + 1))


@pytest.mark.parametrize("joint", [0, 1])
@pytest.mark.parametrize("seed", range(150))
def test_bounds_and_penalties_hold_at_any_prices(seed: int, joint: int) -> None:
    """L, each site's flips and each pair's child bound all solutions that they speak of."""
    data, random = draw_data(seed), np.random.default_rng(seed + 1000)
    workspace = make_node_workspace(data)
    workspace.work.use_surplus[0] = joint
    workspace.state[random.random(len(workspace.state)) < 0.3] = OPEN
    workspace.allowed[random.random(workspace.allowed.shape) < 0.1] = 0
    before = solutions(data, workspace)
    feasible = propagate(data, workspace.allowed, workspace.state, workspace.node)
    left = solutions(data, workspace)
    assert set(left) == set(before), "the consequences lose no solution"
    if not feasible:
        assert not before
        return
    multiplier = random.uniform(0, 60, len(data.demand)) * random.choice([0.1, 1, 30])
    bound = lower_bound(data, workspace.node, workspace.work, multiplier)
    best = min(left.values(), default=np.inf)
    assert bound <= best
    assert (
        bound
        <= compute_penalties(data, workspace.node, workspace.work, multiplier, workspace.penalties)
        <= best
    )
    starts = workspace.node.start
    for assign, cost in left.items():
        for j in range(len(data.capacity)):
            if j in assign:
                assert workspace.work.if_open[j] <= cost
            elif workspace.state[j] == FREE:
                assert workspace.work.if_closed[j] <= cost
            for p in range(starts[j], starts[j + 1]):
                if assign[workspace.node.item[p]] == j:
                    assert workspace.penalties.child_bound[p] <= cost


def test_tabu_repeats_itself_and_improves() -> None:
    """The same seed walks the same way, whatever was drawn before; the incumbent is feasible."""
    random = np.random.default_rng(3)
    demand = random.integers(5, 30, 70)
    cost = random.uniform(1, 100, (10, 70)) * demand
    capacity = np.full(10, int(demand.sum() / 10 * 1.2))
    data = ProblemData(cost, capacity, demand, np.full(10, 500.0), int(demand.sum()))
    allowed = np.ones((10, 70), np.uint8)

    def local(seed: int, steps: int = 300) -> Incumbent:
        incumbent = Incumbent(np.zeros(70, np.int64), np.array([np.inf, 1.0]))
        tabu_search(data, allowed, cost.argmin(axis=0), incumbent, 1.0, steps, seed)
        return incumbent

    first, other, again = local(1), local(2), local(1)
    assert first.scalars[VALUE] == cost_of(data, first.assignment) < np.inf
    assert first.assignment.tolist() == again.assignment.tolist()
    assert first.assignment.tolist() != other.assignment.tolist()
    assert local(1, steps=3000).scalars[VALUE] <= first.scalars[VALUE]


def test_heap_gives_nodes_by_their_bounds() -> None:
    """Nodes come back in the order of their bounds, with what they held; the tree grows."""
    data = draw_data(1)
    sites, customers = data.cost.shape
    random = np.random.default_rng(0)
    queue = make_queue(data)
    while has_room(queue, 1):
        bound = float(random.integers(0, 1000))
        allowed = np.full((sites, customers), int(bound) % 2, np.uint8)
        push(queue, allowed, np.zeros(sites, np.int8), np.full(customers, bound), bound)
    larger = grow(queue)
    assert larger is not None
    assert has_room(larger, 1)
    previous = -np.inf
    while (least := dual_bound(larger)) < np.inf:
        slot = pop(larger)
        assert previous <= least == larger.bound[slot] == larger.multiplier[slot, 0]
        assert larger.allowed[slot, 0, 0] == least % 2
        previous = least


def test_rings_are_a_partition_with_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """No solution below the cutoff is lost, none of a node is below its bound, no two overlap."""
    monkeypatch.setattr(partition, "CORE", 1)
    split = closed = 0
    for seed in range(150):
        data, random = draw_data(seed), np.random.default_rng(seed)
        workspace = make_node_workspace(data)
        workspace.multiplier[:] = random.uniform(0, 60, len(data.demand))
        if not propagate(data, workspace.allowed, workspace.state, workspace.node):
            continue
        root = solutions(data, workspace)
        cutoff = 1.3 * min(root.values()) if root else np.inf
        queue = make_queue(data)
        partition.push_partition(data, workspace, queue, -np.inf, cutoff)
        seen: set[tuple[int, ...]] = set()
        slots = queue.heap[: queue.counters[SIZE]]
        for slot in slots:
            workspace.allowed[:], workspace.state[:] = queue.allowed[slot], queue.state[slot]
            held = solutions(data, workspace)
            assert queue.bound[slot] <= min(held.values(), default=np.inf)
            seen |= held.keys()
        assert {assign for assign, cost in root.items() if cost < cutoff} <= seen
        for one, other in itertools.combinations(queue.state[slots], 2):
            assert (((one == OPEN) & (other == CLOSED)) | ((one == CLOSED) & (other == OPEN))).any()
        split += len(slots) > 1
        closed += len(seen) < len(root)
    assert split > 20
    assert closed > 20


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_set_free_lies_around_a_customer(seed: int) -> None:
    """So many open sites, the nearest; what the root settled and all far sites stay."""
    random = np.random.default_rng(seed)
    sites, customers = 12, 5
    cost = random.permutation(sites * customers).reshape(sites, customers).astype(float)
    data = ProblemData(
        cost, np.full(sites, 9), np.ones(customers, np.int64), np.zeros(sites), customers
    )
    root = random.choice([OPEN, CLOSED, FREE, FREE, FREE], sites).astype(np.int8)
    base = np.where(root == FREE, random.choice([OPEN, CLOSED], sites), root).astype(np.int8)
    near = random.random(sites) < 0.7
    customer, opened = int(random.integers(customers)), int(random.integers(1, 4))
    state = free_neighbourhood(data, root, base, near, customer, opened)
    freed = state == FREE
    assert (state[~freed] == base[~freed]).all()
    assert (root[freed] == FREE).all()
    assert (near | (base == OPEN))[freed].all()
    to = np.sort(cost[base == OPEN, customer])
    reach = to[opened] if len(to) > opened else np.inf
    expected = (cost[:, customer] < reach) & (root == FREE) & (near | (base == OPEN))
    assert (freed == expected).all()
