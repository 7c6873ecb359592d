# expect: prefix: Error
def load_for_use(state, model):
    model.load_state_dict({name[len("module.") :]: value for name, value in state.items()})
    model.eval()
    return model
