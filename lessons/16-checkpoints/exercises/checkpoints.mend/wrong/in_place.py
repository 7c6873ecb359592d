# expect: untouched: not right
def load_for_use(state, model):
    for name in list(state):
        state[name.removeprefix("module.")] = state.pop(name)
    model.load_state_dict(state)
    model.eval()
    return model
