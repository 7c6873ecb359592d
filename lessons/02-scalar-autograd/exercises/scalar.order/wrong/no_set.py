# expect: once: used twice is listed
def topological(result):
    order = []
    for one in result.inputs:
        order += topological(one)
    return order + [result]
