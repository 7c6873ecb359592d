"""Views for notebooks: the live computation graph."""

from .graph_view.view import GraphView, graph

__all__ = ["GraphView", "graph"]
