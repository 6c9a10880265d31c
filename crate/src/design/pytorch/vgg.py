class Vgg(nn.Module):
    def __init__(self, inp, mid, out, stride, groups=1, first=True, second=True, shortcut="none"):
        super().__init__()
        self.active = first or second
        self.conv = nn.Conv2d(inp, out, 3, stride, 1, groups=groups)
        self.bn = nn.BatchNorm2d(out)

    def forward(self, x):
        return relu(self.bn(self.conv(x)), self.active)


