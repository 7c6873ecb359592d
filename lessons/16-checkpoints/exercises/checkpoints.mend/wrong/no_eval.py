# expect: eval: its dropout is on
def load_for_use(state, model):
    model.load_state_dict({name.removeprefix("module."): value for name, value in state.items()})
    return model
