class Bottleneck(nn.Module):
    def __init__(self, inp, mid, out, stride, groups=1, first=True, second=True, shortcut="conv"):
        super().__init__()
        self.first, self.second = first, second
        self.conv1 = nn.Conv2d(inp, mid, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(mid)
        self.conv2 = nn.Conv2d(mid, mid, 3, stride, 1, groups=groups, bias=False)
        self.bn2 = nn.BatchNorm2d(mid)
        self.conv3 = nn.Conv2d(mid, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.downsample = shortcut_of(shortcut, inp, out, stride)

    def forward(self, x):
        y = relu(self.bn1(self.conv1(x)), self.first)
        y = relu(self.bn2(self.conv2(y)), self.first)
        y = self.bn3(self.conv3(y))
        return relu(y if self.downsample is None else y + self.downsample(x), self.second)


