"""Views of a training: `watch(model, optimizer)`, `confusion(...)`, `worst(...)`.

What is measured is read when a backward starts (`graph_walk`) and around the optimizer's step (`measure`), kept thinned
(`history`), judged (`diagnosis`) and drawn. Nothing is attached to the model or to the optimizer.
"""
