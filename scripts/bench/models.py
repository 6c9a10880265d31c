"""Full-size models with random weights, laid out as PyTorch's exporter lays them out (constants
inside, BatchNorm folded). ResNet-50: 102 MB. VGG-16: 553 MB."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Net:
    """A chain of nodes over float32 values."""

    def __init__(self, name):
        self.name, self.nodes, self.weights = name, [], []
        self.random = np.random.default_rng(1)

    def weight(self, *shape):
        name = f"weight_{len(self.weights)}"
        values = self.random.standard_normal(shape, dtype=np.float32) * np.float32(0.01)
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def node(self, op, inputs, **attributes):
        out = f"{op}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [out], name=f"/{out}", **attributes))
        return out

    def scalar(self, value):
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.float32(value), name))
        return name

    def conv(self, x, cin, cout, size, stride=1, group=1):
        half = size // 2
        return self.node("Conv", [x, self.weight(cout, cin // group, size, size), self.weight(cout)],
                         kernel_shape=[size] * 2, strides=[stride] * 2, pads=[half] * 4, group=group)

    def linear(self, x, cin, cout):
        return self.node("Gemm", [x, self.weight(cout, cin), self.weight(cout)], transB=1)

    def relu(self, x):
        return self.node("Relu", [x])

    def save(self, x, path, side=224, classes=1000):
        value = helper.make_tensor_value_info
        self.nodes.append(helper.make_node("Identity", [x], ["logits"]))
        graph = helper.make_graph(self.nodes, self.name, [value("image", TensorProto.FLOAT, [1, 3, side, side])],
                                  [value("logits", TensorProto.FLOAT, [1, classes])], self.weights)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def vgg16(path):
    net, x, cin = Net("vgg16"), "image", 3
    for cout, repeat in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]:
        for _ in range(repeat):
            x, cin = net.relu(net.conv(x, cin, cout, 3)), cout
        x = net.node("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2])
    x = net.node("Flatten", [x], axis=1)
    x = net.relu(net.linear(x, 512 * 7 * 7, 4096))
    x = net.relu(net.linear(x, 4096, 4096))
    net.save(net.linear(x, 4096, 1000), path)


def resnet50(path):
    net = Net("resnet50")
    x = net.relu(net.conv("image", 3, 64, 7, 2))
    x, cin = net.node("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4), 64
    for stage, (width, repeat) in enumerate([(64, 3), (128, 4), (256, 6), (512, 3)]):
        for block in range(repeat):
            stride = 2 if stage > 0 and block == 0 else 1
            y = net.relu(net.conv(x, cin, width, 1))
            y = net.relu(net.conv(y, width, width, 3, stride))
            y = net.conv(y, width, 4 * width, 1)
            short = x if block else net.conv(x, cin, 4 * width, 1, stride)
            x, cin = net.relu(net.node("Add", [y, short])), 4 * width
    x = net.node("Flatten", [net.node("GlobalAveragePool", [x])], axis=1)
    net.save(net.linear(x, 2048, 1000), path)


MODELS = {"ResNet-50": resnet50, "VGG-16": vgg16}


def resnet18_32(path):
    """As for CIFAR-100: 32x32, four stages of two blocks."""
    net = Net("resnet18_32")
    x, cin = net.relu(net.conv("image", 3, 64, 3)), 64
    for cout, first in [(64, 1), (128, 2), (256, 2), (512, 2)]:
        for stride in [first, 1]:
            y = net.conv(net.relu(net.conv(x, cin, cout, 3, stride)), cout, cout, 3)
            skip = x if cin == cout and stride == 1 else net.conv(x, cin, cout, 1, stride)
            x, cin = net.relu(net.node("Add", [y, skip])), cout
    x = net.node("Flatten", [net.node("GlobalAveragePool", [x])], axis=1)
    net.save(net.linear(x, 512, 100), path, side=32, classes=100)


def mobilenet_v2(path):
    net = Net("mobilenet_v2")
    low, high = (net.scalar(value) for value in (0.0, 6.0))

    def clipped(x):
        return net.node("Clip", [x, low, high])

    x, cin = clipped(net.conv("image", 3, 32, 3, 2)), 32
    for expand, cout, repeat, first in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                        (6, 160, 3, 2), (6, 320, 1, 1)]:
        for stride in [first] + [1] * (repeat - 1):
            hidden, y = cin * expand, x
            if expand > 1:
                y = clipped(net.conv(y, cin, hidden, 1))
            y = clipped(net.conv(y, hidden, hidden, 3, stride, group=hidden))
            y = net.conv(y, hidden, cout, 1)
            x, cin = (net.node("Add", [x, y]) if stride == 1 and cin == cout else y), cout
    x = clipped(net.conv(x, 320, 1280, 1))
    x = net.node("Flatten", [net.node("GlobalAveragePool", [x])], axis=1)
    net.save(net.linear(x, 1280, 1000), path)
