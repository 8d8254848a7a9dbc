"""How many processors linear algebra may use: one where the work is small.

Belongs here: the limit around a piece of work, by `threadpoolctl`. Does not: any formula. On small matrices a second thread
costs more than it saves: it has to be woken, and it waits in a loop for the first one.
"""

from contextlib import AbstractContextManager, nullcontext

from threadpoolctl import threadpool_limits

# Multiplications of one product of matrices: proximity of 230 x 1,240 stays below it, that of 230 x 5,000 lies above.
SMALL_PRODUCT = 1_000_000_000


def threads_for(multiplications: int) -> AbstractContextManager[object]:
    """A context in which matrices are multiplied with as many threads as pay off for that many multiplications."""
    if multiplications <= SMALL_PRODUCT:
        return threadpool_limits(limits=1, user_api="blas")
    return nullcontext()
