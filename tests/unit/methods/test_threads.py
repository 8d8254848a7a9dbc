"""Small matrices are multiplied by one thread, and the machine's own number comes back afterwards."""

import numpy as np
from threadpoolctl import threadpool_info

from warehouse.methods.threads import SMALL_PRODUCT, threads_for


def blas_threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_small_work_gets_one_thread_and_large_work_all() -> None:
    np.ones((2, 2)) @ np.ones((2, 2))
    before = blas_threads()
    with threads_for(1000):
        assert set(blas_threads()) == {1}
    assert blas_threads() == before
    with threads_for(SMALL_PRODUCT + 1):
        assert blas_threads() == before
