class Inverted(nn.Module):
    def __init__(self, inp, mid, out, stride, first=True, second=True, shortcut="conv"):
        super().__init__()
        self.wider = mid != inp
        self.first, self.second = first, second or (first and not self.wider)
        self.adds = stride == 1 and inp == out and shortcut != "none"
        if self.wider:
            self.conv1 = nn.Conv2d(inp, mid, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(mid)
        self.conv2 = nn.Conv2d(mid, mid, 3, stride, 1, groups=mid, bias=False)
        self.bn2 = nn.BatchNorm2d(mid)
        self.conv3 = nn.Conv2d(mid, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)

    def forward(self, x):
        y = relu(self.bn1(self.conv1(x)), self.first) if self.wider else x
        y = relu(self.bn2(self.conv2(y)), self.second)
        y = self.bn3(self.conv3(y))
        return x + y if self.adds else y


