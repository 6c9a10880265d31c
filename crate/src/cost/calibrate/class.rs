//! Kinds of work as measurements name them, and the amounts that their costs may grow with.

use crate::cost::job::{Job, log2_ceil, product};
use crate::count::{Conv, Kind, Work};

/// A kind of work that a protocol prices: what a measurement is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Function(Kind),
    Conv,
    GroupedConv,
    ConvTranspose,
    /// By a weight.
    MatMul,
    /// Of two values that depend on the input.
    SecretMatMul,
    /// Element-wise product of two secrets.
    Multiply,
    /// Rescaling after a product with a constant; average pools and scalings are that.
    Truncation,
    /// A norm that no linear layer absorbs.
    BatchNorm,
    /// a x^2 + b x + c with coefficients that both know.
    Poly2,
    /// With secret ones.
    SecretPoly2,
}

/// How the size of a measurement is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `65536`
    Elements,
    /// `16x64`: rows and their length.
    Rows,
    /// `16384 of 4`: outputs and their windows.
    Windows,
    /// `1x64x32x32 -> 64x32x32 k3x3`
    Conv,
    /// `1x512x100`: m, k, n, a batch before them.
    MatMul,
}

/// Functions that are priced by themselves; recurrent cells are priced by their parts.
fn functions() -> impl Iterator<Item = Kind> {
    Kind::ALL.into_iter().filter(|kind| !matches!(kind, Kind::LSTM | Kind::GRU | Kind::RNN))
}

impl Class {
    /// A class by its name, or a name that engines use: `conv3` and `maxpool2` say their window too.
    pub(super) fn parse(op: &str) -> Option<(Self, Option<u64>)> {
        let lower = op.to_ascii_lowercase();
        let plain = lower.split('(').next().unwrap_or_default();
        let plain = plain.strip_suffix("_wpriv").or(plain.strip_suffix("_cpriv")).unwrap_or(plain);
        let name: String = plain.chars().filter(char::is_ascii_alphanumeric).collect();
        let class = match name.as_str() {
            "conv" | "conv2d" => Self::Conv,
            "convgrouped" | "groupedconv" | "depthwise" | "dwconv" => Self::GroupedConv,
            "convtranspose" | "convtranspose2d" | "transposedconv" => Self::ConvTranspose,
            "matmul" | "gemm" | "fc" | "linear" | "dense" => Self::MatMul,
            "matmulsecret" => Self::SecretMatMul,
            "multiply" | "mul" | "product" => Self::Multiply,
            "truncation" | "trunc" | "scale" | "avgpool" | "averagepool" => Self::Truncation,
            "batchnorm" => Self::BatchNorm,
            "poly2" => Self::Poly2,
            "poly2secret" | "poly2perch" => Self::SecretPoly2,
            "maxpool2d" => Self::Function(Kind::MaxPool),
            name => match functions().find(|kind| plain_name(*kind) == name) {
                Some(kind) => Self::Function(kind),
                None => return Self::with_window(name),
            },
        };
        Some((class, None))
    }

    fn with_window(name: &str) -> Option<(Self, Option<u64>)> {
        let window = |start: &str| name.strip_prefix(start)?.parse().ok().filter(|n| (1..=64).contains(n));
        let pool = || window("maxpool").map(|n| (Self::Function(Kind::MaxPool), Some(n)));
        window("conv").map(|n| (Self::Conv, Some(n))).or_else(pool)
    }

    /// As measurements and cards write it: `relu`, `conv`, `poly2-secret`.
    pub(super) fn name(self) -> String {
        let name = match self {
            Self::Function(kind) => return kind.name().to_ascii_lowercase(),
            Self::Conv => "conv",
            Self::GroupedConv => "conv-grouped",
            Self::ConvTranspose => "conv-transpose",
            Self::MatMul => "matmul",
            Self::SecretMatMul => "matmul-secret",
            Self::Multiply => "multiply",
            Self::Truncation => "truncation",
            Self::BatchNorm => "batchnorm",
            Self::Poly2 => "poly2",
            Self::SecretPoly2 => "poly2-secret",
        };
        name.to_owned()
    }

    pub(super) fn form(self) -> Form {
        use Kind::*;
        match self {
            Self::Conv | Self::GroupedConv | Self::ConvTranspose => Form::Conv,
            Self::MatMul | Self::SecretMatMul => Form::MatMul,
            Self::Function(MaxPool) => Form::Windows,
            Self::Function(
                Softmax | LogSoftmax | ReduceMax | ArgMax | TopK | LayerNorm | RMSNorm | InstanceNorm
                | GroupNorm | LookUp | LessThan | Equality | Choice,
            ) => Form::Rows,
            _ => Form::Elements,
        }
    }

    /// A maximum: its costs go with its comparisons.
    pub(super) fn is_maximum(self) -> bool {
        matches!(self, Self::Function(Kind::MaxPool | Kind::ReduceMax | Kind::ArgMax))
    }
}

fn plain_name(kind: Kind) -> String {
    kind.name().to_ascii_lowercase().replace('-', "")
}

/// What a cost may grow with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Feature {
    Call,
    Element,
    Row,
    Comparison,
    /// Levels of a tournament, one after another.
    Level,
    Mac,
    /// Elements that go into a linear layer or come out of it.
    Moved,
}

impl Feature {
    /// What is counted, and the name of its coefficient.
    pub(super) fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Call => ("calls", "per_call"),
            Self::Element => ("elements", "per_element"),
            Self::Row => ("rows", "per_row"),
            Self::Comparison => ("comparisons", "per_comparison"),
            Self::Level => ("levels in turn", "per_level"),
            Self::Mac => ("MACs", "per_mac"),
            Self::Moved => ("elements moved", "per_element_moved"),
        }
    }
}

/// How much of each feature one piece of work has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amounts {
    pub calls: u128,
    pub elements: u128,
    pub rows: u128,
    pub comparisons: u128,
    pub levels: u128,
    pub macs: u128,
    pub moved: u128,
}

impl Amounts {
    pub(super) fn of(&self, feature: Feature) -> u128 {
        match feature {
            Feature::Call => self.calls,
            Feature::Element => self.elements,
            Feature::Row => self.rows,
            Feature::Comparison => self.comparisons,
            Feature::Level => self.levels,
            Feature::Mac => self.macs,
            Feature::Moved => self.moved,
        }
    }

    pub(super) fn elements(elements: u64) -> Self {
        Self { calls: 1, elements: elements.into(), ..Self::default() }
    }

    /// Rows that are searched or normalised, each of `length`; 16 rows of 64: 1,008 comparisons, 6 levels.
    pub(super) fn rows(rows: u64, length: u64) -> Self {
        Self {
            calls: 1,
            elements: product(&[rows, length]),
            rows: rows.into(),
            comparisons: product(&[rows, length.saturating_sub(1)]),
            levels: log2_ceil(length).into(),
            ..Self::default()
        }
    }

    /// A linear layer.
    pub(super) fn linear(macs: u128, inputs: u128, outputs: u128) -> Self {
        Self { calls: 1, macs, moved: inputs.saturating_add(outputs), ..Self::default() }
    }

    /// 64 -> 64 channels, 3x3 at 32x32: 37,748,736 MACs, 131,072 elements moved.
    pub(super) fn conv(conv: &Conv, transposed: bool) -> Self {
        let group = conv.in_channels.checked_div(conv.groups).unwrap_or(0);
        let at = if transposed { &conv.input } else { &conv.output };
        let [inputs, outputs, at] = [&conv.input, &conv.output, at].map(|sizes| product(sizes));
        let all = |pixels: u128, channels: u64| pixels.saturating_mul(product(&[conv.batch, channels]));
        let macs = all(at, group).saturating_mul(product(&conv.kernel));
        let macs = macs.saturating_mul(u128::from(conv.out_channels));
        Self::linear(macs, all(inputs, conv.in_channels), all(outputs, conv.out_channels))
    }

    /// 1 x 512 by 512 x 100: 51,200 MACs, 612 elements moved; a second secret moves too.
    pub(super) fn matmul(batch: u64, [m, k, n]: [u64; 3], secret: bool) -> Self {
        let right = if secret { product(&[batch, k, n]) } else { 0 };
        let inputs = product(&[batch, m, k]).saturating_add(right);
        Self::linear(product(&[batch, m, k]).saturating_mul(n.into()), inputs, product(&[batch, m, n]))
    }

    fn times(self, steps: u64) -> Self {
        let each = |n: u128| n.saturating_mul(u128::from(steps));
        Self { macs: each(self.macs), moved: each(self.moved), ..self }
    }
}

/// What a job is, and how much of it there is; None for what nobody measures, or of unknown size.
/// `steps` calls follow one another.
pub(super) fn classify(job: Job<'_>, steps: u64) -> Option<(Class, Amounts)> {
    let steps = steps.max(1);
    let (class, amounts) = match job {
        Job::Poly2 { elements, secret } | Job::Work(&Work::Poly2 { elements, secret }) => {
            (if secret { Class::SecretPoly2 } else { Class::Poly2 }, Amounts::elements(elements))
        }
        Job::Work(Work::Conv(conv)) => {
            (if conv.groups > 1 { Class::GroupedConv } else { Class::Conv }, Amounts::conv(conv, false))
        }
        Job::Work(Work::ConvTranspose(conv)) => (Class::ConvTranspose, Amounts::conv(conv, true)),
        Job::Work(&Work::MatMul { batch, m, k, n, secret, steps }) => {
            let class = if secret { Class::SecretMatMul } else { Class::MatMul };
            (class, Amounts::matmul(batch, [m, k, n], secret).times(steps.max(1)))
        }
        Job::Work(&Work::Product { elements }) => (Class::Multiply, Amounts::elements(elements)),
        Job::Work(&Work::AvgPool { elements, .. } | &Work::Scale { elements }) => {
            (Class::Truncation, Amounts::elements(elements))
        }
        Job::Work(&Work::BatchNorm { elements }) => (Class::BatchNorm, Amounts::elements(elements)),
        Job::Work(Work::Activation(a)) => {
            let class = Class::Function(a.kind);
            let amounts = match class.form() {
                Form::Elements => Amounts::elements(a.elements),
                _ if a.row_length == 0 => return None,
                Form::Windows => Amounts {
                    comparisons: a.comparisons.into(),
                    elements: a.elements.into(),
                    ..Amounts::rows(a.elements, a.row_length)
                },
                _ => Amounts::rows(a.rows.max(1), a.row_length),
            };
            (class, amounts)
        }
        Job::Work(Work::Add { .. }) => return None,
    };
    let steps = u128::from(steps);
    Some((class, Amounts { calls: steps, levels: amounts.levels.saturating_mul(steps), ..amounts }))
}
