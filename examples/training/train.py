#!/usr/bin/env python3
"""Train Hilltop's two sample models on Fashion-MNIST and write them with their data sets.

This made the files in examples/models and examples/data. Neither users nor CI need to run it:
the results are committed. It needs PyTorch, numpy and onnx (with onnxruntime it also
compares the exported file with PyTorch) and the four IDX files of Fashion-MNIST. On Debian 12:

    apt-get install -y --no-install-recommends python3-torch libopenblas0-pthread python3-onnx
    apt-get download dataset-fashion-mnist && dpkg -x dataset-fashion-mnist_*.deb /tmp/fashion
    /usr/bin/python3 train.py --data /tmp/fashion/usr/share/datasets/fashion-mnist

Every file is written under a temporary name and then renamed, so a reader never sees half of one.
"""
import argparse
import gzip
import json
import os
import pathlib
import time

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import nn

CLASSES = 10


# ---------------------------------------------------------------------------------------- models

class ConvBN(nn.Module):
    """Convolution without bias, then batch normalisation; `groups=c_in` makes it depthwise."""

    def __init__(self, c_in, c_out, kernel, stride=1, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(c_out)

    def forward(self, x):
        return self.bn(self.conv(x))


class Block(nn.Module):
    """relu(shortcut(x) + second(relu(first(x)))); the shortcut is the identity where shapes allow."""

    def __init__(self, first, second, shortcut=None):
        super().__init__()
        self.first, self.relu1, self.second = first, nn.ReLU(), second
        if shortcut is not None:
            self.shortcut = shortcut
        self.relu2 = nn.ReLU()

    def forward(self, x):
        y = self.second(self.relu1(self.first(x)))
        return self.relu2(y + (self.shortcut(x) if hasattr(self, "shortcut") else x))


class Separable(nn.Module):
    """Depthwise 3x3, then pointwise 1x1, each with batch normalisation and ReLU."""

    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.depthwise, self.relu1 = ConvBN(c_in, c_in, 3, stride, groups=c_in), nn.ReLU()
        self.pointwise, self.relu2 = ConvBN(c_in, c_out, 1), nn.ReLU()

    def forward(self, x):
        return self.relu2(self.pointwise(self.relu1(self.depthwise(x))))


class Head(nn.Module):
    def __init__(self, c_in):
        super().__init__()
        self.pool, self.flatten, self.fc = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c_in, CLASSES)

    def forward(self, x):
        return self.fc(self.flatten(self.pool(x)))


def fashion_resnet():
    """Four residual blocks of two 3x3 convolutions. Inner channels are wider than the residual
    stream, and the scales of `channel_groups` are trained to be sparse: channels can be removed."""
    def block(c_in, inner, c_out, stride):
        shortcut = None if stride == 1 and c_in == c_out else ConvBN(c_in, c_out, 1, stride)
        return Block(ConvBN(c_in, inner, 3, stride), ConvBN(inner, c_out, 3), shortcut)

    net = nn.Sequential()
    net.add_module("stem", ConvBN(1, 24, 3))
    net.add_module("relu", nn.ReLU())
    net.add_module("pool", nn.MaxPool2d(2))
    net.add_module("block1", block(24, 32, 24, 1))
    net.add_module("block2", block(24, 64, 48, 2))
    net.add_module("block3", block(48, 64, 48, 1))
    net.add_module("block4", block(48, 96, 80, 2))
    net.add_module("head", Head(80))
    # Batch normalisations that share one fate: channel i of all of them is kept or removed together.
    channel_groups = [[b.first.bn] for b in (net.block1, net.block2, net.block3, net.block4)] + [
        [net.stem.bn, net.block1.second.bn],
        [net.block2.second.bn, net.block2.shortcut.bn, net.block3.second.bn],
        [net.block4.second.bn, net.block4.shortcut.bn],
    ]
    return net, channel_groups


def fashion_resnet_micro():
    """Depthwise-separable convolutions around one residual block, for a microcontroller."""
    net = nn.Sequential()
    net.add_module("stem", ConvBN(1, 12, 3, stride=2))
    net.add_module("relu", nn.ReLU())
    net.add_module("block1", Separable(12, 24))
    net.add_module("block2", Separable(24, 32, stride=2))
    net.add_module("block3", Block(ConvBN(32, 32, 3, groups=32), ConvBN(32, 32, 1)))
    net.add_module("block4", Separable(32, 64, stride=2))
    net.add_module("head", Head(64))
    return net, []


MODELS = {
    "fashion-resnet": dict(build=fashion_resnet, epochs=14, lr=0.1, weight_decay=5e-4, sparsity=3e-4),
    "fashion-resnet-micro": dict(build=fashion_resnet_micro, epochs=24, lr=0.1, weight_decay=1e-4, sparsity=0.0),
}


def count_parameters(net):
    """Trainable parameters (running statistics of batch normalisation are not among them)."""
    return sum(p.numel() for p in net.parameters())


def count_macs(net):
    """Multiply-accumulates of Conv and Gemm for one image: outputs x kernel x inputs per group.
    Taps that fall on padding count; bias, normalisation, activation, pooling and sums do not."""
    total, hooks = 0, []

    def hook(module, _, out):
        nonlocal total
        total += out[0].numel() * module.weight[0].numel()

    for m in net.modules():
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            hooks.append(m.register_forward_hook(hook))
    net.eval()(torch.zeros(1, 1, 28, 28))
    for h in hooks:
        h.remove()
    return total


# ------------------------------------------------------------------------------------------ data

def read_idx(path):
    with gzip.open(path, "rb") as f:
        raw = f.read()
    ndim = raw[3]
    shape = np.frombuffer(raw, ">i4", ndim, 4).tolist()
    return np.frombuffer(raw, np.uint8, -1, 4 + 4 * ndim).reshape(shape).copy()


def balanced(labels, n, pool, rng):
    """n indices out of `pool`, as evenly over the classes as n allows, in random order."""
    order = rng.permutation(pool)
    share = [n // CLASSES + (c < n % CLASSES) for c in range(CLASSES)]
    picked = [order[labels[order] == c][:share[c]] for c in range(CLASSES)]
    return rng.permutation(np.concatenate(picked))


def load(data_dir, seed):
    """Fashion-MNIST as dict name -> (x uint8 [n,1,28,28], y int64 [n])."""
    read = lambda split, kind, n: read_idx(data_dir / f"{split}-{kind}-idx{n}-ubyte.gz")
    x, y = read("train", "images", 3)[:, None], read("train", "labels", 1).astype(np.int64)
    tx, ty = read("t10k", "images", 3)[:, None], read("t10k", "labels", 1).astype(np.int64)
    rng = np.random.default_rng(seed)
    validation = balanced(y, 1000, np.arange(len(y)), rng)
    train = np.setdiff1d(np.arange(len(y)), validation)
    calibration = balanced(y, 512, train, rng)
    evaluation = balanced(ty, 2500, np.arange(len(ty)), rng)
    return {
        "train": (x[train], y[train]),
        "calibration": (x[calibration], y[calibration]),
        "validation": (x[validation], y[validation]),
        "evaluation": (tx[evaluation], ty[evaluation]),
        "test": (tx, ty),
    }


def replace(path, write):
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(temporary, "wb") as f:
            write(f)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_npz(path, x, y):
    replace(path, lambda f: np.savez_compressed(
        f, x=x, y=y, x_scale=np.float32(1 / 255), x_offset=np.float32(0)))


# -------------------------------------------------------------------------------------- training

def augment(x):
    """Mirror half of the images and shift each by up to two pixels (uint8 [n,1,28,28] in and out)."""
    n = len(x)
    x = torch.where(torch.rand(n, 1, 1, 1) < 0.5, x.flip(3), x)
    padded = F.pad(x, (2, 2, 2, 2))
    rows = torch.randint(0, 5, (n, 1, 1)) + torch.arange(28).view(1, 28, 1)
    columns = torch.randint(0, 5, (n, 1, 1)) + torch.arange(28).view(1, 1, 28)
    return padded[torch.arange(n).view(n, 1, 1), 0, rows, columns].unsqueeze(1)


def to_input(x):
    return x.float() / 255


def accuracy(net, x, y):
    net.eval()
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    with torch.no_grad():
        hits = sum((net(to_input(a)).argmax(1) == b).sum().item() for a, b in zip(x.split(500), y.split(500)))
    return hits / len(y)


def train(name, net, channel_groups, data, epochs, lr, weight_decay, sparsity, batch=128):
    """SGD with Nesterov momentum, one-cycle rate, cross entropy. `sparsity` weighs a group lasso on
    the scales of batch normalisation, which pushes whole channels (not single weights) to zero."""
    x, y = (torch.from_numpy(a) for a in data["train"])
    steps = len(x) // batch
    decayed = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim == 1]
    optimiser = torch.optim.SGD([{"params": decayed, "weight_decay": weight_decay}, {"params": others}],
                                lr=lr, momentum=0.9, nesterov=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, lr, epochs=epochs, steps_per_epoch=steps,
                                                   pct_start=0.2, cycle_momentum=False)
    for epoch in range(epochs):
        started, total = time.time(), 0.0
        net.train()
        for picked in torch.randperm(len(x))[:steps * batch].split(batch):
            loss = F.cross_entropy(net(to_input(augment(x[picked]))), y[picked])
            total += loss.item()
            for group in channel_groups if sparsity else []:
                loss = loss + sparsity * sum(bn.weight ** 2 for bn in group).add(1e-12).sqrt().sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        print(f"{name} epoch {epoch + 1}/{epochs} loss {total / steps:.4f} "
              f"validation {accuracy(net, *data['validation']):.4f} {time.time() - started:.0f} s", flush=True)


def silence_dead_channels(net):
    """Zero the filters whose output never varies (their input never fires) and return their number.

    The logits stay the same. Left alone, folding the normalisation would divide such a filter by
    sqrt(epsilon), and that one useless filter would set the range of per-tensor quantisation."""
    dead = 0
    for m in net.modules():
        if isinstance(m, ConvBN):
            still = m.bn.running_var < 1e-8
            m.conv.weight.data[still] = 0
            m.bn.running_mean[still], m.bn.running_var[still] = 0, 1
            dead += int(still.sum())
    return dead


# ---------------------------------------------------------------------------------------- export

BATCH_NORMALISATION_INPUTS = ["x", "weight", "bias", "running_mean", "running_var"]


def export(net, path):
    """ONNX opset 13, IR 7, with BatchNormalization left as it is: folding it is the lab's work."""
    scratch = path.with_name(f".{path.name}.export.{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        torch.onnx.export(net.eval(), torch.zeros(1, 1, 28, 28), str(scratch), opset_version=13,
                          training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
                          input_names=["image"], output_names=["logits"],
                          dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}})
        model = onnx.load(str(scratch))
    finally:
        scratch.unlink(missing_ok=True)

    # The exporter stores equal parameters once and adds Identity; give each node its own copy again.
    graph = model.graph
    weights = {w.name: w for w in graph.initializer}
    for identity in [n for n in graph.node if n.op_type == "Identity"]:
        graph.node.remove(identity)
        for node in graph.node:
            for i, value in enumerate(node.input):
                if value == identity.output[0]:
                    own = onnx.TensorProto()
                    own.CopyFrom(weights[identity.input[0]])
                    owner = node.name.strip("/").rsplit("/", 1)[0].replace("/", ".")
                    own.name = node.input[i] = f"{owner}.{BATCH_NORMALISATION_INPUTS[i]}"
                    graph.initializer.append(own)

    # "/block1/first/conv/Conv" -> "block1.first.conv"; each node's output carries the node's name.
    renamed = {}
    for node in graph.node:
        parts = node.name.strip("/").split("/")
        node.name = ".".join(parts[:-1] if len(parts) > 1 and parts[-1] != "Add" else
                             [*parts[:-1], parts[-1].lower()])
        for i, output in enumerate(node.output):
            if output != "logits":
                renamed[output] = node.name if i == 0 else f"{node.name}.{i}"
                node.output[i] = renamed[output]
        for i, value in enumerate(node.input):
            node.input[i] = renamed.get(value, value)
    del graph.value_info[:]
    graph.name = path.stem
    graph.doc_string = ""
    model.doc_string = "Hilltop sample model, trained on Fashion-MNIST by examples/training/train.py"
    model.ir_version = 7
    names = [n.name for n in graph.node]
    assert len(set(names)) == len(names), names
    onnx.checker.check_model(model, full_check=True)
    replace(path, lambda f: f.write(model.SerializeToString()))


def check(net, path, x):
    """Largest difference between the logits of PyTorch and of ONNX Runtime (None without it)."""
    try:
        import onnxruntime
    except ImportError:
        return None
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    batch = to_input(torch.from_numpy(x))
    with torch.no_grad():
        expected = net.eval()(batch).numpy()
    return float(np.abs(session.run(["logits"], {"image": batch.numpy()})[0] - expected).max())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default="/usr/share/datasets/fashion-mnist",
                        help="folder with the four *-ubyte.gz files (default: %(default)s)")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[1],
                        help="gets models/ and data/ (default: %(default)s)")
    parser.add_argument("--model", choices=[*MODELS, "all", "none"], default="all",
                        help="which one to train; none writes the data sets only (default: all)")
    parser.add_argument("--epochs", type=int, help="instead of the model's own number")
    parser.add_argument("--seed", type=int, default=20, help="of split, initial weights and order (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch (default: %(default)s)")
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.use_deterministic_algorithms(True)
    data = load(args.data, args.seed)
    for name in ("calibration", "validation", "evaluation"):
        write_npz(args.out / "data" / f"fashion-{name}.npz", *data[name])

    for name in [m for m in MODELS if args.model in (m, "all")]:
        torch.manual_seed(args.seed)
        settings = dict(MODELS[name])
        net, channel_groups = settings.pop("build")()
        settings["epochs"] = args.epochs or settings["epochs"]
        report = {"model": name, "parameters": count_parameters(net), "macs": count_macs(net)}
        started = time.time()
        train(name, net, channel_groups, data, **settings)
        report["training_s"] = round(time.time() - started)
        report["dead_channels"] = silence_dead_channels(net)
        path = args.out / "models" / f"{name}.onnx"
        export(net, path)
        report.update({f"accuracy_{k}": accuracy(net, *data[k]) for k in ("validation", "evaluation", "test")})
        report.update(bytes=path.stat().st_size, onnxruntime_max_difference=check(net, path, data["validation"][0]),
                      settings=settings, seed=args.seed, torch=torch.__version__)
        print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
