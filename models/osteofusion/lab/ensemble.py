"""The five members, each trained in a process of its own on one thread: the same weights on any number of cores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor

from osteofusion.lab.network import Weights
from osteofusion.lab.train import Part, Plan, train_member
from osteofusion.schema import Schema

ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
MOST_PROCESSES = 4  # a member needs about 0.8 GB

Say = Callable[[str], None]


def train_members(schema: Schema, parts: Iterable[tuple[Part, Part]], plan: Plan, say: Say) -> list[Weights]:
    """One member for each (bone part, falls part), seeds counted up from the plan's."""
    os.environ["XLA_FLAGS"] = ONE_THREAD  # read by the children; the parent trains nothing
    waiting: list[Future[Weights]] = []
    with ProcessPoolExecutor(_processes(), multiprocessing.get_context("spawn")) as pool:
        for number, (bone, falls) in enumerate(parts):
            waiting.append(pool.submit(train_member, schema, bone, falls, plan, plan.seed + number))
        members = []
        for number, future in enumerate(waiting):
            members.append(future.result())
            say(f"member {number + 1} of {len(waiting)} trained")
    return members


def _processes() -> int:
    return max(1, min(MOST_PROCESSES, len(os.sched_getaffinity(0))))
