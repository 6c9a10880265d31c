"""Writes cases.json: what PyTorch computes for small layers, losses and optimiser steps, in float64.

    pip install torch==2.15.0 && python crate/train/src/tests/torch/make.py

Each array is [shape, numbers]. Maps are NCHW, as PyTorch has them. Every case has the loss sum(y * aim), so that
the gradients meet different numbers everywhere.
"""
import json
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(20)


def plain(t):
    return [list(t.shape), [float(f"{v:.10g}") for v in t.detach().reshape(-1).tolist()]]


def leaf(*shape):
    return torch.randn(*shape).requires_grad_()


def case(name, inputs, run, **settings):
    y = run(**inputs)
    aim = torch.randn_like(y)
    (y * aim).sum().backward()
    arrays = {k: plain(v) for k, v in inputs.items()}
    arrays |= {"d_" + k: plain(v.grad) for k, v in inputs.items()}
    return {"name": name, **settings, "arrays": arrays | {"y": plain(y), "aim": plain(aim)}}


def conv(kernel, stride, pad, groups):
    inputs = {"x": leaf(3, 4, 7, 5), "w": leaf(6, 4 // groups, kernel, kernel), "b": leaf(6)}
    run = lambda x, w, b: F.conv2d(x, w, b, stride, pad, 1, groups)
    return case("conv", inputs, run, kernel=kernel, stride=stride, pad=pad, groups=groups)


def norm(train):
    mean, var = torch.randn(4), torch.rand(4) + 0.5
    before = plain(mean), plain(var)
    inputs = {"x": leaf(3, 4, 5, 2), "s": leaf(4), "b": leaf(4)}
    made = case("norm", inputs, lambda x, s, b: F.batch_norm(x, mean, var, s, b, train, 0.1, 1e-5), train=train)
    made["arrays"] |= {"mean": before[0], "var": before[1], "mean_after": plain(mean), "var_after": plain(var)}
    return made


def pool(name, function, kernel, stride, pad):
    return case(name, {"x": leaf(2, 3, 7, 6)}, lambda x: function(x, kernel, stride, pad), kernel=kernel, stride=stride, pad=pad)


def gate():
    keep = (torch.rand(3, 4, 2)).requires_grad_()
    inputs = {"x": leaf(2, 3, 4, 2), "keep": keep, "c": leaf(3, 3)}

    def run(x, keep, c):
        c0, c1, c2 = (c[:, i].reshape(1, 3, 1, 1) for i in range(3))
        return keep * F.relu(x) + (1 - keep) * (c0 + c1 * x + c2 * x * x)

    return case("gate", inputs, run)


def loss():
    logits, teacher, labels = leaf(5, 4), torch.randn(5, 4), torch.tensor([0, 3, 1, 1, 2])
    divergence = F.kl_div(F.log_softmax(logits / 4, 1), F.softmax(teacher / 4, 1), reduction="batchmean") * 16
    value = 0.7 * F.cross_entropy(logits, labels) + 0.4 * divergence
    value.backward()
    arrays = {"logits": plain(logits), "teacher": plain(teacher), "d_logits": plain(logits.grad), "value": plain(value)}
    return {"name": "loss", "labels": labels.tolist(), "arrays": arrays}


def steps(name, make, **settings):
    """Three steps on one network and batch: convolution, BatchNorm, ReLU, mean, dense; weights after each."""
    c = torch.nn.Conv2d(2, 4, 3, padding=1, bias=False)
    n, d = torch.nn.BatchNorm2d(4), torch.nn.Linear(4, 3)
    with torch.no_grad():
        d.bias.zero_()
    x, labels = torch.randn(6, 2, 5, 4), torch.tensor([0, 2, 1, 1, 0, 2])
    arrays = {"x": plain(x), "conv": plain(c.weight), "dense": plain(d.weight)}
    # Decay acts on weights alone.
    decay = settings.get("decay", 0.0)
    groups = [{"params": [c.weight, d.weight], "weight_decay": decay}, {"params": [n.weight, n.bias, d.bias]}]
    optimiser = make(groups)
    for step in range(3):
        optimiser.zero_grad()
        F.cross_entropy(d(F.relu(n(c(x))).mean((2, 3))), labels).backward()
        if "clip" in settings:
            torch.nn.utils.clip_grad_norm_([p for g in groups for p in g["params"]], settings["clip"])
        optimiser.step()
        after = {"conv": c.weight, "scale": n.weight, "shift": n.bias, "dense": d.weight, "bias": d.bias}
        arrays |= {f"{k}_{step}": plain(v) for k, v in after.items()}
    return {"name": name, "labels": labels.tolist(), **settings, "arrays": arrays}


cases = [
    *(conv(*sizes) for sizes in [(3, 1, 1, 1), (3, 2, 1, 2), (5, 3, 2, 1), (1, 2, 0, 1)]),
    norm(True),
    norm(False),
    pool("average", F.avg_pool2d, 2, 2, 0),
    pool("average", F.avg_pool2d, 3, 2, 1),
    pool("maximum", F.max_pool2d, 3, 2, 1),
    gate(),
    loss(),
    steps("sgd", lambda p: torch.optim.SGD(p, 0.1, momentum=0.9), rate=0.1, decay=1e-2),
    steps("adam", lambda p: torch.optim.Adam(p, 0.01), rate=0.01, clip=0.05),
]
cosine = torch.optim.lr_scheduler.CosineAnnealingLR(torch.optim.SGD([torch.zeros(1)], 0.1), 7, 1e-3)
rates = []
for _ in range(7):
    rates.append(cosine.get_last_lr()[0])
    cosine.optimizer.step()
    cosine.step()
text = json.dumps({"torch": torch.__version__.split("+")[0], "cosine": rates, "cases": cases}, separators=(",", ":"))
pathlib.Path(__file__).with_name("cases.json").write_text(text + "\n")
