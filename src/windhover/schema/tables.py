"""State machines are tables; their pictures are drawn from the tables."""

from __future__ import annotations

from collections.abc import Mapping


def mermaid(transitions: Mapping[tuple[str, str], str], first: str) -> str:
    """A Mermaid state diagram of a table (state, what happened) → state, in the table's order.

    What leaves a state as it is is drawn as a loop; a state without a way out leads to the end.

    >>> print(mermaid({("open", "closes"): "shut"}, "open"))
    stateDiagram-v2
        [*] --> open
        open --> shut: closes
        shut --> [*]
    """
    lines = ["stateDiagram-v2", f"    [*] --> {_name(first)}"]
    states = [first]
    for (before, happened), after in transitions.items():
        lines.append(f"    {_name(before)} --> {_name(after)}: {happened}")
        states += [before, after]
    leaving = {before for before, _ in transitions}
    for state in dict.fromkeys(states):
        if " " in state:
            lines.insert(1, f'    state "{state}" as {_name(state)}')
        if state not in leaving:
            lines.append(f"    {_name(state)} --> [*]")
    return "\n".join(lines)


def _name(state: str) -> str:
    return state.replace(" ", "_")
