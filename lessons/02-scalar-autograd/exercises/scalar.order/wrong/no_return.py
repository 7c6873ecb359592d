# expect: order: Is a `return` missing?
def topological(result):
    order = []

    def visit(node):
        for one in node.inputs:
            visit(one)
        order.append(node)

    visit(result)
