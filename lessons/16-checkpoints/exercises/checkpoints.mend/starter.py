def load_for_use(state, model):
    """Bring saved weights into a new model; returns it, ready to answer."""
    model.load_state_dict(state, strict=False)
    return model
