"""Beside the learner's code: nodes made from a plain description, and the order as their numbers."""

import submission


class Node:
    def __init__(self, number, inputs):
        self.number = number
        self.inputs = inputs

    def __repr__(self):
        return f"node {self.number}"


def order(inputs, result):
    """inputs: for each node the numbers of its inputs, all smaller than its own."""
    nodes = []
    for number, of in enumerate(inputs):
        nodes.append(Node(number, tuple(nodes[k] for k in of)))
    got = submission.topological(nodes[result])
    if not isinstance(got, (list, tuple)):
        return type(got).__name__
    return [one.number if isinstance(one, Node) else -1 for one in got][:100_000]
