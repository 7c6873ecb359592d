"""For those who write exercises: a new one from a template, and the proof that one is right.

    from glasstorch_web.grader.authoring import prove

    with Grader() as grader:
        proof = prove(exercise, grader)
    assert proof.ok, proof.findings

`glasstorch exercise new` and `glasstorch exercise test` are the same from a terminal.
"""

from glasstorch_web.grader.authoring.new import create
from glasstorch_web.grader.authoring.proof import Finding, Proof, prove

__all__ = ["Finding", "Proof", "create", "prove"]
