# expect: order: are missing from the list
def topological(result):
    order, seen = [], set()

    def visit(node):
        if node in seen:
            return
        seen.add(node)
        for one in node.inputs:
            visit(one)
            order.append(one)

    visit(result)
    return order
