"""Loopy belief propagation over gated pairs: marginal association probabilities.

Williams and Lau (2014), "Approximate evaluation of marginal association probabilities with belief
propagation", IEEE TAES 50(4). Exact where the graph of tracks and plots is a tree, and within a few
per cent where it is not; cost is proportional to the number of pairs.
"""

from __future__ import annotations

from windhover.schema.batches import F64, I64
from windhover.tracks.kernel import kernel

ROUNDS = 15
TOLERANCE = 1e-3


@kernel(
    "i8(i8, i8, i8[::1], i8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1])",
)
def marginals(
    rows: int,
    plots: int,
    first: I64,
    plot: I64,
    odds: F64,
    message: F64,
    share: F64,
    weight: F64,
    missed: F64,
    fresh: F64,
) -> int:
    """Rounds needed. Pairs p of row a are first[a] … first[a+1]−1, with plot[p] < plots.

    odds (pairs,): likelihood of the pair over (row not seen × plot from elsewhere).
    Out: weight (pairs,) P(row a made the plot), missed (rows,), fresh (plots,) P(no row made it).
    message (pairs,) and share (plots,) are scratch.
    """
    pairs = first[rows]
    for j in range(plots):
        share[j] = 0.0
    for p in range(pairs):
        message[p] = 1.0
        share[plot[p]] += 1.0
    # Rows whose plots nobody else may own are settled; only the others exchange messages.
    contested = 0
    for a in range(rows):
        missed[a] = 0.0
        for p in range(first[a], first[a + 1]):
            if share[plot[p]] > 1.0:
                missed[a] = 1.0
        if missed[a] > 0.0:
            contested += 1
    done = 0
    while contested > 0 and done < ROUNDS:
        done += 1
        for j in range(plots):
            share[j] = 1.0
        change = 0.0
        for a in range(rows):
            if missed[a] == 0.0:
                continue
            total = 1.0
            for p in range(first[a], first[a + 1]):
                total += odds[p] * message[p]
            for p in range(first[a], first[a + 1]):
                up = odds[p] / max(total - odds[p] * message[p], 1e-300)
                weight[p] = up
                share[plot[p]] += up
        for a in range(rows):
            if missed[a] == 0.0:
                continue
            for p in range(first[a], first[a + 1]):
                down = 1.0 / max(share[plot[p]] - weight[p], 1e-300)
                change = max(change, abs(down - message[p]))
                message[p] = down
        if change < TOLERANCE:
            break
    for j in range(plots):
        fresh[j] = 1.0
    for a in range(rows):
        total = 1.0
        for p in range(first[a], first[a + 1]):
            total += odds[p] * message[p]
        missed[a] = 1.0 / total
        for p in range(first[a], first[a + 1]):
            weight[p] = odds[p] * message[p] / total
            fresh[plot[p]] -= weight[p]
    for j in range(plots):
        fresh[j] = min(max(fresh[j], 0.0), 1.0)
    return done
