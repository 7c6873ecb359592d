"""Object detection: a small network finds circles, squares and triangles, and draws a box around each.

The scenes are made here: 64 by 64 pixels of noisy colour with one to four shapes, so every box is known exactly. The
network looks at a scene once and answers for each cell of an 8 × 8 grid: the score of each class (does a shape of
that class have its centre here?), and the box. Objects as points of a grid: Zhou, Wang and Krähenbühl, "Objects as
Points", 2019. Nearly all cells are empty, which is what the focal loss is for (Lin et al., "Focal Loss for Dense
Object Detection", 2017); boxes learn by their overlap (Rezatofighi et al., "Generalized IoU", 2019).
Neighbouring cells that found the same shape are thinned out by non-maximum suppression.

The figure is mAP@0.5, as detection contests count: a detection is right when it overlaps a shape of its class by half;
precision averaged over all recalls, then over the classes. A network that has learnt nothing has 0.

Reaches mAP@0.5 0.97 on 300 scenes never seen, in about 30 s on one core.

    python lessons/examples/shape_detector.py [--epochs 12] [--scenes 1500] [--seed 0] [--draw found.png]
"""

import argparse

import glasstorch as torch
import numpy as np
from glasstorch import nn
from glasstorch.vision import ops, utils
from glasstorch.vision.transforms import functional as TF
from PIL import Image, ImageDraw

CLASSES = ["circle", "square", "triangle"]
SIDE, GRID = 64, 8
CELL = SIDE // GRID


def scene(rng):
    """A picture (3, 64, 64) in [0, 1], the boxes in it (n, 4) as x1, y1, x2, y2, and their classes (n,)."""
    paper = rng.integers(0, 256, 3)
    image = Image.fromarray(np.clip(paper + rng.normal(0, 25, (SIDE, SIDE, 3)), 0, 255).astype(np.uint8))
    draw, boxes, labels = ImageDraw.Draw(image), [], []
    for _ in range(rng.integers(1, 5)):
        width, height = (int(size) for size in rng.integers(12, 29, 2))
        x, y = int(rng.integers(0, SIDE - width)), int(rng.integers(0, SIDE - height))
        box, label = [x, y, x + width, y + height], int(rng.integers(3))
        if boxes and ops.box_iou(torch.tensor([box]), torch.tensor(boxes)).max() > 0.1:
            continue  # shapes may touch, not hide each other
        colour = tuple(int(c) for c in (paper + rng.integers(70, 187, 3)) % 256)  # never near the paper's
        if label == 0:
            draw.ellipse(box, fill=colour)
        elif label == 1:
            draw.rectangle(box, fill=colour)
        else:
            draw.polygon([(x, y + height), (x + width, y + height), (x + width // 2, y)], fill=colour)
        boxes.append(box)
        labels.append(label)
    return TF.to_tensor(image), torch.tensor(boxes, dtype=torch.float32), torch.tensor(labels)


class Detector(nn.Module):
    """Convolutions down to an 8 × 8 grid, then for each cell a score for each class, and a box."""

    def __init__(self):
        super().__init__()
        widths = [(3, 16, 2), (16, 32, 2), (32, 64, 2), (64, 64, 1), (64, 64, 1)]
        self.body = nn.Sequential(*(ops.Conv2dNormActivation(a, b, 3, stride) for a, b, stride in widths))
        self.head = nn.Conv2d(64, len(CLASSES) + 4, 1)
        nn.init.constant_(self.head.bias[: len(CLASSES)], -3.0)  # at first, no cell believes in anything
        steps = (torch.arange(GRID) + 0.5) * CELL
        self.register_buffer("centres", torch.stack(torch.meshgrid(steps, steps, indexing="xy"), dim=-1))

    def forward(self, images):
        """Class scores (N, 8, 8, 3), before the sigmoid, and boxes (N, 8, 8, 4)."""
        answer = self.head(self.body(images)).permute(0, 2, 3, 1)
        scores, place, size = answer.split([len(CLASSES), 2, 2], dim=-1)
        centre = self.centres + place.tanh() * CELL  # it may lie a little outside the cell
        half = size.clamp(-2, 2).exp() * 10
        return scores, torch.cat([centre - half, centre + half], dim=-1)


def loss_of(model, scenes):
    """Focal loss over all cells and classes, and the boxes' overlap where there is something; for each shape."""
    scores, boxes = model(torch.stack([image for image, _, _ in scenes]))
    wanted = torch.zeros_like(scores)
    true = torch.cat([b for _, b, _ in scenes])
    number = torch.cat([torch.full((len(b),), i) for i, (_, b, _) in enumerate(scenes)])
    column, row = ((true[:, :2] + true[:, 2:]) / 2 // CELL).long().unbind(1)
    wanted[number, row, column, torch.cat([labels for _, _, labels in scenes])] = 1
    focal = ops.sigmoid_focal_loss(scores, wanted, alpha=0.5, reduction="sum")
    return (focal + ops.generalized_box_iou_loss(boxes[number, row, column], true, reduction="sum")) / len(
        true
    )


@torch.no_grad()
def detect(model, image, least=0.05):
    """The boxes found in one image, their classes, and how sure the network is: the surest first."""
    scores, boxes = model(image[None])
    scores, boxes = (
        scores[0].sigmoid().flatten(0, 1),
        ops.clip_boxes_to_image(boxes[0].flatten(0, 1), (SIDE, SIDE)),
    )
    cell, label = torch.where(scores > least)
    sure = scores[cell, label]
    kept = ops.batched_nms(boxes[cell], sure, label, iou_threshold=0.4)
    return boxes[cell][kept], label[kept], sure[kept]


def mean_average_precision(found, scenes, overlap=0.5):
    """mAP: for each class, the area under precision over recall; then the mean over the classes."""
    areas = []
    for c in range(len(CLASSES)):
        hits, shapes = [], 0
        for (boxes, labels, sure), (_, true, classes) in zip(found, scenes):
            truths = true[classes == c]
            shapes += len(truths)
            free = [True] * len(truths)  # each shape counts once; who finds it again is wrong
            for box, score in zip(boxes[labels == c], sure[labels == c].tolist()):
                iou, best = ops.box_iou(box[None], truths)[0].max(0) if len(truths) else (0.0, 0)
                hits.append((score, bool(iou >= overlap) and free[best]))
                if hits[-1][1]:
                    free[best] = False
        right = torch.tensor([hit for _, hit in sorted(hits, reverse=True)], dtype=torch.float32)
        precision = right.cumsum(0) / torch.arange(1, len(right) + 1)
        best_from_here = (
            precision.flip(0).cummax(0).values.flip(0)
        )  # what one can have at this recall or more
        areas.append((best_from_here * right).sum().item() / shapes if len(right) else 0.0)
    return sum(areas) / len(areas)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--scenes", type=int, default=1500, help="how many to learn from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--draw", metavar="PNG", help="draw what is found in eight scenes")
    options = parser.parse_args()

    rng = np.random.default_rng(options.seed)
    scenes, test = ([scene(rng) for _ in range(count)] for count in (options.scenes, 300))
    torch.manual_seed(options.seed)
    model = Detector()
    loader = torch.utils.data.DataLoader(scenes, batch_size=32, shuffle=True, collate_fn=list)
    optimizer = torch.optim.AdamW(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 5e-3, epochs=options.epochs, steps_per_epoch=len(loader)
    )
    for epoch in range(1, options.epochs + 1):
        total = 0.0
        for batch in loader:
            loss = loss_of(model, batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() / len(loader)
        print(f"epoch {epoch:2}   loss {total:.4f}", flush=True)

    model.eval()
    found = [detect(model, image) for image, _, _ in test]
    print(f"mAP@0.5  {mean_average_precision(found, test):.3f}")
    if options.draw:
        pictures = []
        for (image, _, _), (boxes, labels, sure) in zip(test[:8], found):
            clear = sure > 0.4
            large, names = TF.resize(image, 4 * SIDE), [CLASSES[label] for label in labels[clear]]
            pictures.append(
                utils.draw_bounding_boxes(large, 4 * boxes[clear], names, colors="white", width=2)
            )
        utils.save_image(utils.make_grid(pictures, nrow=4), options.draw)


if __name__ == "__main__":
    main()
