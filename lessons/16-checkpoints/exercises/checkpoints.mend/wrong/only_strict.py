# expect: prefix: module.
def load_for_use(state, model):
    model.load_state_dict(state)
    model.eval()
    return model
