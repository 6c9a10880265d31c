//! A spec as a PyTorch module in text: parameters have the names of the ONNX file's weights.

use std::fmt::Write as _;

use super::spec::{Block, Head, Pool, Relus, Shortcut, Spec};

/// A runnable module: `Net()` has the spec's layers; `load_onnx(path)` gives it a file's weights.
/// Assumes a spec that was checked.
pub fn module(spec: &Spec) -> String {
    let mut text = HEAD.to_owned();
    let mut said = Vec::new();
    for stage in &spec.stages {
        if !said.contains(&stage.block) {
            said.push(stage.block);
            text += class(stage.block);
        }
    }
    // Writing to a String cannot fail.
    let _ = network(&mut text, spec);
    text += TAIL;
    text
}

fn network(text: &mut String, spec: &Spec) -> std::fmt::Result {
    let [mut input, height, width] = spec.input;
    let wide = |at: Option<&super::spec::Stage>| at.is_some_and(|stage| stage.block == Block::Wide);
    let mut body = String::new();
    writeln!(text, "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()")?;
    let mut sides = [height, width];
    if let Some(stem) = spec.stem {
        let (c, k, s, p) = (stem.channels, stem.kernel, stem.stride, stem.kernel / 2);
        writeln!(text, "        self.conv1 = nn.Conv2d({input}, {c}, {k}, {s}, {p}, bias=False)")?;
        let mut x = "self.conv1(x)".to_owned();
        if !wide(spec.stages.first()) {
            writeln!(text, "        self.bn1 = nn.BatchNorm2d({c})")?;
            x = format!("self.bn1({x})");
            if stem.relu {
                x = format!("F.relu({x})");
            }
        }
        writeln!(body, "        x = {x}")?;
        pool(&mut body, stem.pool)?;
        input = c;
        sides = pooled(sides.map(|side| side.div_ceil(s)), stem.pool);
    }
    for (stage, place) in spec.stages.iter().zip(1..) {
        writeln!(text, "        self.layer{place} = nn.Sequential(")?;
        for block in 0..stage.blocks {
            let (mid, out) = (stage.inside(block, input), stage.channels.at(block));
            let stride = if block == 0 { stage.stride } else { 1 };
            let name = class_name(stage.block);
            write!(text, "            {name}({input}, {mid}, {out}, stride={stride}")?;
            if stage.groups != 1 && stage.block != Block::Inverted {
                write!(text, ", groups={}", stage.groups)?;
            }
            let (first, second) = relus(stage.relu);
            if (first, second) != ("True", "True") {
                write!(text, ", first={first}, second={second}")?;
            }
            match stage.shortcut {
                Shortcut::Conv => {}
                Shortcut::Pad => text.push_str(", shortcut=\"pad\""),
                Shortcut::None => text.push_str(", shortcut=\"none\""),
            }
            text.push_str("),\n");
            input = out;
        }
        text.push_str("        )\n");
        writeln!(body, "        x = self.layer{place}(x)")?;
        pool(&mut body, stage.pool)?;
        sides = pooled(sides.map(|side| side.div_ceil(stage.stride)), stage.pool);
    }
    if wide(spec.stages.last()) {
        writeln!(text, "        self.bn = nn.BatchNorm2d({input})")?;
        let relu = if spec.head == Head::GapNoRelu { "self.bn(x)" } else { "F.relu(self.bn(x))" };
        writeln!(body, "        x = {relu}")?;
    }
    let mut inputs = u64::from(input);
    if spec.head == Head::Flatten {
        inputs = sides.iter().fold(inputs, |product, side| product * u64::from(*side));
    } else {
        body.push_str("        x = F.adaptive_avg_pool2d(x, 1)\n");
    }
    writeln!(text, "        self.fc = nn.Linear({inputs}, {})", spec.classes)?;
    let [channels, height, width] = spec.input;
    writeln!(
        text,
        "\n    def forward(self, x):  # (batch, {channels}, {height}, {width})\n{body}        return self.fc(x.flatten(1))"
    )
}

fn pool(body: &mut String, pool: Option<Pool>) -> std::fmt::Result {
    let Some(Pool { kernel, stride, pad }) = pool else { return Ok(()) };
    writeln!(body, "        x = F.max_pool2d(x, {kernel}, {stride}, {pad})")
}

fn pooled(sides: [u32; 2], pool: Option<Pool>) -> [u32; 2] {
    let Some(Pool { kernel, stride, pad }) = pool else { return sides };
    sides.map(|side| (side + 2 * pad).saturating_sub(kernel) / stride.max(1) + 1)
}

fn relus(relu: Relus) -> (&'static str, &'static str) {
    let text = |there: bool| if there { "True" } else { "False" };
    (text(relu.inner()), text(relu.last()))
}

fn class_name(block: Block) -> &'static str {
    match block {
        Block::Basic => "Basic",
        Block::Bottleneck => "Bottleneck",
        Block::Wide => "Wide",
        Block::Vgg => "Vgg",
        Block::Inverted => "Inverted",
    }
}

fn class(block: Block) -> &'static str {
    match block {
        Block::Basic => BASIC,
        Block::Bottleneck => BOTTLENECK,
        Block::Wide => WIDE,
        Block::Vgg => VGG,
        Block::Inverted => INVERTED,
    }
}

const HEAD: &str = include_str!("pytorch/head.py");
const BASIC: &str = include_str!("pytorch/basic.py");
const BOTTLENECK: &str = include_str!("pytorch/bottleneck.py");
const WIDE: &str = include_str!("pytorch/wide.py");
const VGG: &str = include_str!("pytorch/vgg.py");
const INVERTED: &str = include_str!("pytorch/inverted.py");
const TAIL: &str = include_str!("pytorch/tail.py");
