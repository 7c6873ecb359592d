# expect: order: is listed before its own input
def topological(result):
    order, layer = [], [result]
    while layer:
        following = []
        for node in layer:
            if node not in order:
                order.append(node)
                following.extend(node.inputs)
        layer = following
    return order[::-1]
