"""Processor seconds of an epoch in PyTorch on one thread, of the two networks of `crate/train/examples/epoch.rs`.

    pip install torch
    python scripts/bench/epoch.py
"""

import time

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)


def conv(a, b, kernel=3, stride=1):
    return nn.Sequential(nn.Conv2d(a, b, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(b))


def digits():
    layers = []
    for place, (a, b) in enumerate([(1, 8), (8, 8), (8, 16), (16, 16)]):
        layers += [conv(a, b), nn.ReLU()] + ([nn.AvgPool2d(2)] if place % 2 else [])
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 10))


class Block(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.one, self.two = conv(a, b, 3, stride), conv(b, b)
        self.short = conv(a, b, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        return F.relu(self.two(F.relu(self.one(x))) + self.short(x))


def resnet(width):
    blocks, a = [], width
    for stage in range(4):
        for place in range(2):
            blocks.append(Block(a, width << stage, 2 if stage and not place else 1))
            a = width << stage
    return nn.Sequential(conv(3, width), nn.ReLU(), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(a, 10))


def measure(name, net, x):
    y = torch.arange(len(x)) % 10
    optimiser = torch.optim.Adam(net.parameters(), 4e-3)
    best = float("inf")
    for _ in range(6):
        start, order = time.process_time(), torch.randperm(len(x))
        for places in order.split(128):
            optimiser.zero_grad()
            F.cross_entropy(net(x[places]), y[places]).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            optimiser.step()
        best = min(best, time.process_time() - start)
    print(f"{name}: {len(x)} images, batch 128: {best:.4f} s an epoch, the best of six (PyTorch {torch.__version__})")


measure("digits-cnn", digits(), torch.randn(1297, 1, 8, 8))
measure("resnet-2-2-2-2 of 8 channels", resnet(8), torch.randn(2000, 3, 16, 16))
