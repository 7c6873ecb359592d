def load_for_use(state, model):
    """Bring saved weights into a new model; returns it, ready to answer."""
    model.load_state_dict({name.removeprefix("module."): value for name, value in state.items()})
    model.eval()
    return model
