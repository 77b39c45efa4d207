from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.compute_cluster.waiting_tree import find, insert, new_tree, remove


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 300), shapes=st.integers(1, 3))
def test_it_finds_whom_a_search_from_job_to_job_finds(seed: int, count: int, shapes: int) -> None:
    random = np.random.default_rng(seed)
    shape = random.integers(0, shapes, count)
    tasks = random.integers(1, 40, count)
    rank = random.permutation(count)
    tree, position = new_tree(rank, shape, tasks, shapes)
    plan_s = random.integers(1, 100, count).astype(float)
    waiting: set[int] = set()
    for _ in range(3 * count):
        job = int(random.integers(count))
        if job in waiting:
            waiting.remove(job)
            remove(tree, shape[job], position[job])
        else:
            waiting.add(job)
            insert(tree, shape[job], position[job], plan_s[job])
        kind, room, extra = int(random.integers(shapes)), int(random.integers(0, 45)), int(random.integers(-1, 20))
        now_s, shadow_s = 50.0, 50.0 + float(random.integers(0, 110))
        begin = int(random.integers(tree.shape[kind, 0], tree.shape[kind + 1, 0] + 1))
        able = [
            int(position[one])
            for one in waiting
            if shape[one] == kind
            and position[one] >= begin
            and tasks[one] <= room
            and (tasks[one] <= extra or now_s + plan_s[one] <= shadow_s)
        ]
        assert find(tree, kind, begin, room, extra, now_s, shadow_s) == min(able, default=-1)
