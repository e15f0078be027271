"""Solves a rota in a process of its own, which gives way to the calls."""

import asyncio
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

from rota.problem import Problem
from rota.solution import Effort, Solution

LEAST_URGENT = 19


async def solve_aside(problem: Problem, effort: Effort) -> Solution:
    """The solver never loads into this process, and takes only the processor that nobody else wants."""
    context = multiprocessing.get_context("spawn")
    aside = ProcessPoolExecutor(1, context, initializer=os.nice, initargs=(LEAST_URGENT,))
    try:
        return await asyncio.get_running_loop().run_in_executor(aside, _solve, problem, effort)
    finally:
        aside.shutdown(wait=False, cancel_futures=True)


def _solve(problem: Problem, effort: Effort) -> Solution:
    from rota.solver import solve  # noqa: PLC0415 - only in the process that solves

    return solve(problem, effort)
