"""Views that explain how something works, on the learner's own tensors and modules."""
