# expect: order: are missing from the list
def topological(result):
    return [*result.inputs, result]
