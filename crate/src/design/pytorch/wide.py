class Wide(nn.Module):
    def __init__(self, inp, mid, out, stride, groups=1, first=True, second=True, shortcut="conv"):
        super().__init__()
        self.first, self.second = first, second
        self.bn1 = nn.BatchNorm2d(inp)
        self.conv1 = nn.Conv2d(inp, mid, 3, stride, 1, groups=groups, bias=False)
        self.bn2 = nn.BatchNorm2d(mid)
        self.conv2 = nn.Conv2d(mid, out, 3, 1, 1, groups=groups, bias=False)
        self.shortcut = shortcut_of(shortcut, inp, out, stride, norm=False)

    def forward(self, x):
        active = relu(self.bn1(x), self.first)
        y = self.conv2(relu(self.bn2(self.conv1(active)), self.second))
        if self.shortcut is None:
            return y
        return y + self.shortcut(x if isinstance(self.shortcut, nn.Identity) else active)


