import torch
import torch.nn.functional as F
from torch import nn


def relu(x, there):
    return F.relu(x) if there else x


class Fit(nn.Module):
    """Every n-th pixel; channels filled up with zeros, or cut."""

    def __init__(self, out, stride):
        super().__init__()
        self.out, self.stride = out, stride

    def forward(self, x):
        x = x[:, : self.out, :: self.stride, :: self.stride]
        return F.pad(x, (0, 0, 0, 0, 0, self.out - x.shape[1]))


def shortcut_of(kind, inp, out, stride, norm=True):
    """What stands on the shortcut; None where there is none."""
    if kind == "none":
        return None
    if stride == 1 and inp == out:
        return nn.Identity()
    if kind == "pad":
        return Fit(out, stride)
    conv = nn.Conv2d(inp, out, 1, stride, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out)) if norm else conv


