# expect: order: begins with the result
def topological(result):
    order, seen = [], set()

    def visit(node):
        if node in seen:
            return
        seen.add(node)
        for one in node.inputs:
            visit(one)
        order.append(node)

    visit(result)
    return order[::-1]
