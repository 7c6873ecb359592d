// The steps through a graph: forward one node at a time, then backward. Pure bookkeeping, no drawing.

export class Steps {
  constructor(structure) {
    this.nodes = new Map(structure.nodes.map((node) => [node.id, node]));
    this.edges = structure.edges;
    this.turns = structure.turns;
    this.forward = structure.forward_order;
    this.backward = structure.backward_order;
    this.last = this.forward.length + this.backward.length;
    this.turn = new Map(this.forward.map((id, i) => [id, i + 1]));
    this.backTurn = new Map(this.backward.map((id, i) => [id, this.forward.length + i + 1]));
    this.inputs = new Map(structure.nodes.map((node) => [node.id, []]));
    this.uses = new Map(structure.nodes.map((node) => [node.id, []]));
    structure.edges.forEach((edge, i) => {
      this.inputs.get(edge.target).push(i);
      this.uses.get(edge.source).push(i);
    });
  }

  // {phase: "start" | "forward" | "backward", id} of step k.
  at(k) {
    if (k <= 0) return { phase: "start", id: null };
    if (k <= this.forward.length) return { phase: "forward", id: this.forward[k - 1] };
    return { phase: "backward", id: this.backward[k - this.forward.length - 1] };
  }

  // The step of this picture at which the computation is as far as at step k of another of the same graph.
  sameMoment(k, other) {
    const before = other.forward.length;
    const upTo = (turns, reached) => turns.filter((turn) => turn <= reached).length;
    if (k >= other.last) return this.last;
    if (k <= before) return k > 0 ? upTo(this.turns.forward, other.turns.forward[k - 1]) : 0;
    return this.forward.length + upTo(this.turns.backward, other.turns.backward[k - before - 1]);
  }

  valueShown(id, k) {
    return k >= this.turn.get(id);
  }

  // A gradient is complete when it is the node's own turn, or when every use has sent its part.
  gradientShown(id, k) {
    if (this.backTurn.has(id)) return k >= this.backTurn.get(id);
    return k >= this.last || this.uses.get(id).every((e) => this.contributionShown(e, k));
  }

  contributionShown(edge, k) {
    const turn = this.backTurn.get(this.edges[edge].target);
    return turn !== undefined && k >= turn;
  }

  // The edges along which something moves in step k.
  flowing(k) {
    const { phase, id } = this.at(k);
    return phase === "start" || !id ? [] : this.inputs.get(id);
  }
}
