def topological(result):
    """All nodes that result depends on, each after its inputs, and result last."""
    order, seen, to_do = [], set(), [(result, False)]
    while to_do:
        node, ready = to_do.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            to_do.append((node, True))
            to_do.extend((one, False) for one in node.inputs)
    return order
