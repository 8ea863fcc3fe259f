"""The parts of the native search, each against enumeration."""

import itertools

import numpy as np
import pytest

from solvers.native import rings
from solvers.native.bound import evaluate
from solvers.native.cover import cover, flips
from solvers.native.joint import evaluate_joint, is_cheap, share
from solvers.native.knapsack import backtrack, exactly, fill, fill_back, within, without
from solvers.native.lagrangian import evaluate_apart
from solvers.native.node import CLOSED, FREE, OPEN, Data, compress
from solvers.native.penalties import penalise
from solvers.native.process import Space, make_space
from solvers.native.sets import reopen
from solvers.native.tabu import tabu
from solvers.native.tree import SIZE, grow, has_room, least_bound, make_tree, pop, push
from solvers.native.walk import VALUE, Incumbent, price_of

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
    within(table[0], room)
    within(back[n], room)
    best = fill(profit, weight, n, room, table)
    fill_back(profit, weight, n, room, back)
    backtrack(weight, n, room, table, take)
    assert best == pytest.approx(best_subset(profit, weight, room), abs=1e-12)
    assert weight @ take <= room
    assert profit @ take == pytest.approx(best, abs=1e-12)
    for i in range(n):
        others = np.arange(n) != i
        for less in (room, room - int(weight[i])):
            expected = best_subset(profit[others], weight[others], less)
            assert without(table, back, i, less) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_knapsack_that_is_filled_exactly_is_enumeration(seed: int) -> None:
    """Every room has its own optimum among the subsets of just that weight, losses included."""
    random = np.random.default_rng(seed)
    n, room = int(random.integers(1, 8)), int(random.integers(0, 30))
    profit, weight = random.uniform(-9, 9, n), random.integers(1, 15, n)
    table = np.full((n + 1, room + 1), np.nan)
    exactly(table[0], room)
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
    least = cover(value, size, state, need, choice, np.zeros(need + 1), pick)
    assert least == pytest.approx(cheapest_cover(value, size, state, need), abs=1e-12)
    if not np.isfinite(least):
        return
    assert value @ choice == pytest.approx(least, abs=1e-12)
    assert size @ choice >= need
    opened, closed = np.zeros(sites), np.zeros(sites)
    tables = (np.full((sites + 1, need + 13), np.nan) for _ in range(2))
    flips(value, size, state, need, choice, least, opened, closed, *tables)
    for j in range(sites):
        for forced, found in ((OPEN, opened[j]), (CLOSED, closed[j])):
            if state[j] not in (FREE, forced):
                assert found == np.inf
                continue
            other = state.copy()
            other[j] = forced
            expected = cheapest_cover(value, size, other, need)
            assert found == pytest.approx(expected, abs=1e-12)


def draw_data(seed: int) -> Data:
    """Draw a small problem."""
    random = np.random.default_rng(seed)
    sites, customers = int(random.integers(1, 5)), int(random.integers(1, 6))
    demand = random.integers(1, 10, customers)
    total = int(demand.sum())
    capacity = np.minimum(random.integers(3, 25, sites), total)
    cost = random.uniform(0, 50, (sites, customers))
    return Data(cost, capacity, demand, random.uniform(0, 40, sites), total)


def solutions(data: Data, space: Space) -> dict[tuple[int, ...], float]:
    """Enumerate the feasible assignments of a node with their cost; sites forced open cost."""
    found = {}
    for assign in itertools.product(range(len(data.capacity)), repeat=len(data.demand)):
        a = np.array(assign)
        cost = price_of(data, a)
        fits = space.allowed[a, np.arange(len(a))].all() and not (space.state[a] == CLOSED).any()
        if fits and np.isfinite(cost):
            idle = np.setdiff1d(np.flatnonzero(space.state == OPEN), a)
            found[assign] = cost + float(data.fixed[idle].sum())
    return found


@pytest.mark.parametrize("seed", range(100))
def test_joint_programme_is_enumeration(seed: int) -> None:
    """L' is the least over all ways to fill the sites that waste exactly T tonnes together."""
    data, random = draw_data(seed), np.random.default_rng(seed)
    space = make_space(data)
    space.state[random.random(len(space.state)) < 0.3] = OPEN
    feasible = compress(data, space.allowed, space.state, space.node)
    if not feasible or not is_cheap(space.node, space.work):
        return
    view, sites = space.node, range(len(data.capacity))
    price = random.uniform(0, 60, len(data.demand))
    options = []  # of each site: what it adds to the cost, and what it wastes
    for j in sites:
        items = view.item[view.start[j] : view.start[j + 1]]
        ways = [(0.0, int(view.room[j]))] if view.state[j] == FREE else []
        for x in itertools.product([0, 1], repeat=len(items)):
            taken = items[np.array(x, bool)]
            left = int(view.room[j] - data.demand[taken].sum())
            ways.append((view.base[j] - (price[taken] - data.cost[j, taken]).sum(), left))
        options.append(ways if view.state[j] != CLOSED else [(0.0, 0)])
    least = min(
        (
            sum(cost for cost, _ in chosen)
            for chosen in itertools.product(*options)
            if sum(left for _, left in chosen) == view.waste[0] and min(c[1] for c in chosen) >= 0
        ),
        default=np.inf,
    )
    found = evaluate_joint(data, view, space.work, price)
    assert found == pytest.approx(price[view.free == 1].sum() + least, rel=1e-9)
    assert found >= evaluate_apart(data, view, space.work, price) - 1e-9


@pytest.mark.parametrize("widest", [0, 2, 3, 4, 7, 8, 12])
def test_waste_is_shared_out_as_by_enumeration(widest: int) -> None:
    """All ways of sharing out, whether or not the wastes come in fours."""
    random = np.random.default_rng(widest)
    for waste in (widest, widest + 1, widest + 9):
        first, second = random.uniform(-9, 9, waste + 1), random.uniform(-9, 9, waste + 1)
        first[random.random(waste + 1) < 0.3] = -np.inf
        out = np.full(waste + 1, np.nan)
        share(first, second, widest, waste, out)
        for t in range(waste + 1):
            assert out[t] == max(first[t - q] + second[q] for q in range(min(t, widest) + 1))


@pytest.mark.parametrize("joint", [0, 1])
@pytest.mark.parametrize("seed", range(150))
def test_bounds_and_penalties_hold_at_any_prices(seed: int, joint: int) -> None:
    """L, each site's flips and each pair's child bound all solutions that they speak of."""
    data, random = draw_data(seed), np.random.default_rng(seed + 1000)
    space = make_space(data)
    space.work.joint[0] = joint
    space.state[random.random(len(space.state)) < 0.3] = OPEN
    space.allowed[random.random(space.allowed.shape) < 0.1] = 0
    before = solutions(data, space)
    feasible = compress(data, space.allowed, space.state, space.node)
    left = solutions(data, space)
    assert set(left) == set(before), "the consequences lose no solution"
    if not feasible:
        assert not before
        return
    price = random.uniform(0, 60, len(data.demand)) * random.choice([0.1, 1, 30])
    bound = evaluate(data, space.node, space.work, price)
    best = min(left.values(), default=np.inf)
    assert bound <= best
    assert bound <= penalise(data, space.node, space.work, price, space.found) <= best
    starts = space.node.start
    for assign, cost in left.items():
        for j in range(len(data.capacity)):
            if j in assign:
                assert space.work.if_open[j] <= cost
            elif space.state[j] == FREE:
                assert space.work.if_closed[j] <= cost
            for p in range(starts[j], starts[j + 1]):
                if assign[space.node.item[p]] == j:
                    assert space.found.child[p] <= cost


def test_tabu_repeats_itself_and_improves() -> None:
    """The same seed walks the same way, whatever was drawn before; the incumbent is feasible."""
    random = np.random.default_rng(3)
    demand = random.integers(5, 30, 70)
    cost = random.uniform(1, 100, (10, 70)) * demand
    capacity = np.full(10, int(demand.sum() / 10 * 1.2))
    data = Data(cost, capacity, demand, np.full(10, 500.0), int(demand.sum()))
    allowed = np.ones((10, 70), np.uint8)

    def walk(seed: int, steps: int = 300) -> Incumbent:
        incumbent = Incumbent(np.zeros(70, np.int64), np.array([np.inf, 1.0]))
        tabu(data, allowed, cost.argmin(axis=0), incumbent, 1.0, steps, seed)
        return incumbent

    first, other, again = walk(1), walk(2), walk(1)
    assert first.number[VALUE] == price_of(data, first.assign) < np.inf
    assert first.assign.tolist() == again.assign.tolist()
    assert first.assign.tolist() != other.assign.tolist()
    assert walk(1, steps=3000).number[VALUE] <= first.number[VALUE]


def test_heap_gives_nodes_by_their_bounds() -> None:
    """Nodes come back in the order of their bounds, with what they held; the tree grows."""
    data = draw_data(1)
    sites, customers = data.cost.shape
    random = np.random.default_rng(0)
    tree = make_tree(data)
    while has_room(tree, 1):
        bound = float(random.integers(0, 1000))
        allowed = np.full((sites, customers), int(bound) % 2, np.uint8)
        push(tree, allowed, np.zeros(sites, np.int8), np.full(customers, bound), bound)
    larger = grow(tree)
    assert larger is not None
    assert has_room(larger, 1)
    previous = -np.inf
    while (least := least_bound(larger)) < np.inf:
        slot = pop(larger)
        assert previous <= least == larger.bound[slot] == larger.price[slot, 0]
        assert larger.allowed[slot, 0, 0] == least % 2
        previous = least


def test_rings_are_a_partition_with_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """No solution below the cutoff is lost, none of a node is below its bound, no two overlap."""
    monkeypatch.setattr(rings, "CORE", 1)
    split = closed = 0
    for seed in range(150):
        data, random = draw_data(seed), np.random.default_rng(seed)
        space = make_space(data)
        space.price[:] = random.uniform(0, 60, len(data.demand))
        if not compress(data, space.allowed, space.state, space.node):
            continue
        root = solutions(data, space)
        cutoff = 1.3 * min(root.values()) if root else np.inf
        tree = make_tree(data)
        rings.push_rings(data, space, tree, -np.inf, cutoff)
        seen: set[tuple[int, ...]] = set()
        slots = tree.heap[: tree.counter[SIZE]]
        for slot in slots:
            space.allowed[:], space.state[:] = tree.allowed[slot], tree.state[slot]
            held = solutions(data, space)
            assert tree.bound[slot] <= min(held.values(), default=np.inf)
            seen |= held.keys()
        assert {assign for assign, cost in root.items() if cost < cutoff} <= seen
        for one, other in itertools.combinations(tree.state[slots], 2):
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
    data = Data(cost, np.full(sites, 9), np.ones(customers, np.int64), np.zeros(sites), customers)
    root = random.choice([OPEN, CLOSED, FREE, FREE, FREE], sites).astype(np.int8)
    base = np.where(root == FREE, random.choice([OPEN, CLOSED], sites), root).astype(np.int8)
    near = random.random(sites) < 0.7
    customer, opened = int(random.integers(customers)), int(random.integers(1, 4))
    state = reopen(data, root, base, near, customer, opened)
    freed = state == FREE
    assert (state[~freed] == base[~freed]).all()
    assert (root[freed] == FREE).all()
    assert (near | (base == OPEN))[freed].all()
    to = np.sort(cost[base == OPEN, customer])
    reach = to[opened] if len(to) > opened else np.inf
    expected = (cost[:, customer] < reach) & (root == FREE) & (near | (base == OPEN))
    assert (freed == expected).all()
