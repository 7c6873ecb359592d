# expect: strict: RuntimeError
def load_for_use(state, model):
    model.load_state_dict(
        {name.removeprefix("module."): value for name, value in state.items()}, strict=False
    )
    model.eval()
    return model
