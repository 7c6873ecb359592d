"""Views for notebooks: the live computation graph, training curves, predict-then-reveal, the Check button.

`%load_ext glasstorch_widgets` at the top of a notebook records values and source lines from then on, so that
`graph(loss)` can show them. `%%submit ID` hands a cell in and `%progress` keeps what was done; importing the package is
enough for these. `mine("ID")` is the learner's own code for an exercise that they have passed.
"""

from .charts.images import Images, images
from .charts.loss_curve import LossCurve, loss_curve
from .exercises.check import Check, check, exercise
from .exercises.mine import mine
from .exercises.predict import Predict, predict
from .explain.attention import AttentionView, attention_view
from .explain.comm_ring import CommRing, comm_ring
from .explain.comm_timeline import CommTimeline, comm_timeline
from .explain.conv_scan import ConvScan, conv_scan
from .explain.feature_maps import FeatureMaps, feature_maps
from .explain.landscape import LossLandscape, Trajectory, loss_landscape
from .explain.race import OptimizerRace, optimizer_race
from .graph_view.pair import GraphPair, compare
from .graph_view.view import GraphView, graph
from .notebook import add_magics, load_ipython_extension, unload_ipython_extension
from .tensor_view.broadcast import Broadcast, broadcast
from .tensor_view.view import TensorView, tensor_view
from .training.confusion import Confusion, Worst, confusion, worst
from .training.watch import Training, watch

__all__ = [
    "AttentionView",
    "Broadcast",
    "Check",
    "CommRing",
    "CommTimeline",
    "Confusion",
    "ConvScan",
    "GraphPair",
    "FeatureMaps",
    "GraphView",
    "Images",
    "LossCurve",
    "LossLandscape",
    "OptimizerRace",
    "Predict",
    "TensorView",
    "Training",
    "Trajectory",
    "Worst",
    "attention_view",
    "broadcast",
    "check",
    "compare",
    "comm_ring",
    "comm_timeline",
    "confusion",
    "conv_scan",
    "exercise",
    "feature_maps",
    "graph",
    "images",
    "load_ipython_extension",
    "loss_curve",
    "loss_landscape",
    "mine",
    "optimizer_race",
    "predict",
    "tensor_view",
    "unload_ipython_extension",
    "watch",
    "worst",
]

add_magics()
