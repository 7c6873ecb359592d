def topological(result):
    """All nodes that result depends on, each after its inputs, and result last."""
    # a node can be listed when all of its inputs are
