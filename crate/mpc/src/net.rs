//! A network as the parties know it: layers, their shapes and order. Weights are the server's and stand apart.
//!
//! Values are lists of numbers, row-major, channels before space. Value 0 is the input, value i + 1 what layer i makes.

use serde::{Deserialize, Serialize};

use crate::fault::{Fault, Result};
use crate::ring::Ring;

/// The most numbers that a value, an unrolled input or a matrix may have: 512 MB of them.
pub const MOST: usize = 1 << 26;

/// A network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// The arithmetic.
    pub ring: Ring,
    /// Numbers of the input.
    pub input: usize,
    /// The layers, in order. The last one makes the result.
    pub layers: Vec<Layer>,
}

/// A layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// What people call it.
    pub name: String,
    /// What it does.
    pub op: Op,
}

/// What the server has of a layer: numbers with `fraction` bits after the point, and twice as many in the `bias` of what is
/// truncated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weights {
    /// The left or right side of its product.
    pub factors: Vec<u64>,
    /// Added before truncation, one for each row of outputs, or what a shift adds; or none.
    pub bias: Vec<u64>,
}

/// Windows over the space of channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Windows {
    /// Channels.
    pub channels: usize,
    /// Height and width that come in.
    pub input: [usize; 2],
    /// Height and width that go out.
    pub output: [usize; 2],
    /// Height and width of a window.
    pub kernel: [usize; 2],
    /// Steps between windows.
    pub strides: [usize; 2],
    /// Steps between taps.
    pub dilations: [usize; 2],
    /// Rows above and columns before.
    pub pads: [usize; 2],
}

/// A matrix product `left` x `right`, `groups` times: m x k by k x n.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Products.
    pub groups: usize,
    /// Rows of the left side.
    pub m: usize,
    /// Columns of the left side, rows of the right.
    pub k: usize,
    /// Columns of the right side.
    pub n: usize,
}

/// What a layer does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Op {
    /// Weights times the unrolled input, one row an output channel; truncated.
    Conv {
        /// Value.
        x: usize,
        /// Groups of channels.
        groups: usize,
        /// Output channels.
        outputs: usize,
        /// Its windows over the input.
        windows: Windows,
    },
    /// `rows` vectors of `inputs` by weights of inputs x outputs; truncated.
    Dense {
        /// Value.
        x: usize,
        /// Vectors.
        rows: usize,
        /// Numbers of each.
        inputs: usize,
        /// Numbers of each result.
        outputs: usize,
    },
    /// Weights, one a channel, times x; truncated.
    Norm {
        /// Value.
        x: usize,
        /// Channels.
        channels: usize,
    },
    /// max(x, 0).
    Relu {
        /// Value.
        x: usize,
    },
    /// A polynomial by Horner, the highest power first; public coefficients with `fraction` bits.
    Poly {
        /// Value.
        x: usize,
        /// A list for each channel, or one for all.
        coefficients: Vec<Vec<u64>>,
    },
    /// Sums of windows times a public number; truncated.
    Average {
        /// Value.
        x: usize,
        /// The windows.
        windows: Windows,
        /// Padding counts.
        padded: bool,
    },
    /// Maxima of windows.
    Maximum {
        /// Value.
        x: usize,
        /// The windows.
        windows: Windows,
    },
    /// a + b.
    Add {
        /// Value.
        a: usize,
        /// Value.
        b: usize,
    },
    /// a - b.
    Sub {
        /// Value.
        a: usize,
        /// Value.
        b: usize,
    },
    /// a b; truncated.
    Multiply {
        /// Value.
        a: usize,
        /// Value.
        b: usize,
    },
    /// x times public numbers; truncated.
    Scale {
        /// Value.
        x: usize,
        /// A number for each of x, or one for all.
        by: Vec<u64>,
    },
    /// x times a whole public number, which has nothing after the point; not truncated.
    Times {
        /// Value.
        x: usize,
        /// The number in the ring.
        by: u64,
    },
    /// Numbers of the server's plus x, or less x: its `bias`, not truncated.
    Shift {
        /// Value.
        x: usize,
        /// How many: one for each of x, or one for all.
        numbers: usize,
        /// Less x.
        negated: bool,
    },
    /// Some of x.
    Pick {
        /// Value.
        x: usize,
        /// Which.
        places: Vec<usize>,
    },
    /// x with y in place of some.
    Put {
        /// Value.
        x: usize,
        /// Value.
        y: usize,
        /// Which.
        places: Vec<usize>,
    },
    /// 1 where x is not negative, else 0, as a fraction.
    Sign {
        /// Value.
        x: usize,
    },
    /// The place of the largest number, counted from 0, as a whole number: no fraction.
    Argmax {
        /// Value.
        x: usize,
    },
}

impl Windows {
    /// Numbers that come in.
    pub fn inputs(&self) -> usize {
        self.channels * self.input[0] * self.input[1]
    }

    /// Windows of a channel.
    pub fn positions(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// Taps of a window.
    pub fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Where in a channel a tap of a window reads; None in the padding.
    pub fn place(&self, position: usize, tap: usize) -> Option<usize> {
        let (row, column) = (position / self.output[1], position % self.output[1]);
        let (down, along) = (tap / self.kernel[1], tap % self.kernel[1]);
        let y = (row * self.strides[0] + down * self.dilations[0]).checked_sub(self.pads[0])?;
        let x = (column * self.strides[1] + along * self.dilations[1]).checked_sub(self.pads[1])?;
        (y < self.input[0] && x < self.input[1]).then_some(y * self.input[1] + x)
    }

    fn check(&self) -> Result<()> {
        let all = [self.input, self.output, self.kernel, self.strides, self.dilations];
        let sizes = all.iter().flatten().chain([&self.channels]);
        if sizes.clone().any(|n| *n == 0) || sizes.chain(&self.pads).any(|n| *n > 1 << 16) {
            return Err(Fault::new("a window with an empty or huge side"));
        }
        bounded(&[self.channels, self.input[0], self.input[1]])?;
        bounded(&[self.channels, self.positions(), self.kernel[0], self.kernel[1]]).map(|_| ())
    }
}

impl Sizes {
    /// Numbers of the left side, the right side and the product.
    pub fn numbers(&self) -> [usize; 3] {
        [self.m * self.k, self.k * self.n, self.m * self.n].map(|n| n * self.groups)
    }

    fn check(&self) -> Result<Self> {
        let Self { groups, m, k, n } = *self;
        [[groups, m, k], [groups, k, n], [groups, m, n]]
            .iter()
            .try_for_each(|sizes| bounded(sizes).map(|_| ()))?;
        Ok(*self)
    }
}

/// The product of sizes that are none of them 0, if memory has room for so many numbers.
fn bounded(sizes: &[usize]) -> Result<usize> {
    let all = sizes.iter().try_fold(1usize, |all, n| all.checked_mul(*n));
    all.filter(|n| (1..=MOST).contains(n))
        .ok_or_else(|| Fault::new(format!("sizes {sizes:?}: empty or too large")))
}

impl Op {
    /// The values that it reads.
    pub fn reads(&self) -> Vec<usize> {
        match self {
            Self::Conv { x, .. }
            | Self::Dense { x, .. }
            | Self::Norm { x, .. }
            | Self::Relu { x }
            | Self::Poly { x, .. }
            | Self::Average { x, .. }
            | Self::Maximum { x, .. }
            | Self::Scale { x, .. }
            | Self::Times { x, .. }
            | Self::Shift { x, .. }
            | Self::Pick { x, .. }
            | Self::Sign { x }
            | Self::Argmax { x } => vec![*x],
            Self::Add { a, b } | Self::Sub { a, b } | Self::Multiply { a, b } => vec![*a, *b],
            Self::Put { x, y, .. } => vec![*x, *y],
        }
    }

    /// The matrix product of a linear layer. A convolution's left side are its weights, a dense layer's its input.
    pub fn product(&self) -> Option<Sizes> {
        match *self {
            Self::Conv { groups, outputs, windows, .. } => {
                let each = windows.channels.checked_div(groups)?;
                let m = outputs.checked_div(groups)?;
                Some(Sizes { groups, m, k: each * windows.taps(), n: windows.positions() })
            }
            Self::Dense { rows, inputs, outputs, .. } => {
                Some(Sizes { groups: 1, m: rows, k: inputs, n: outputs })
            }
            _ => None,
        }
    }

    /// Numbers of weights that the server shares for it.
    pub fn weights(&self) -> usize {
        match (self, self.product()) {
            (Self::Conv { .. }, Some(sizes)) => sizes.numbers()[0],
            (Self::Dense { .. }, Some(sizes)) => sizes.numbers()[1],
            (Self::Norm { channels, .. }, _) => *channels,
            _ => 0,
        }
    }

    /// Numbers of bias, where it has one.
    pub(crate) fn biases(&self) -> usize {
        match self {
            Self::Conv { outputs, .. } | Self::Dense { outputs, .. } => *outputs,
            Self::Norm { channels, .. } => *channels,
            Self::Shift { numbers, .. } => *numbers,
            _ => 0,
        }
    }
}

impl Network {
    /// Numbers of each value.
    ///
    /// # Errors
    /// The first layer whose sizes disagree, or that reads what is not there yet.
    pub fn sizes(&self) -> Result<Vec<usize>> {
        Ring::new(self.ring.bits, self.ring.fraction)?;
        let mut sizes = vec![bounded(&[self.input])?];
        for (at, layer) in self.layers.iter().enumerate() {
            let made = size(&layer.op, &sizes)
                .map_err(|e| Fault::new(format!("layer {at}, {}: {e}", layer.name)))?;
            sizes.push(made);
        }
        match self.layers.is_empty() {
            true => Err(Fault::new("a network without layers")),
            false => Ok(sizes),
        }
    }

    /// Whether these can be its weights.
    ///
    /// # Errors
    /// The first layer whose weights are of another number.
    pub fn fits(&self, weights: &[Weights]) -> Result<()> {
        let fits = |layer: &Layer, have: &Weights| {
            let bias = [0, layer.op.biases()].contains(&have.bias.len());
            bias && have.factors.len() == layer.op.weights()
        };
        if weights.len() != self.layers.len() {
            return Err(Fault::new(format!("weights of {} layers for {}", weights.len(), self.layers.len())));
        }
        match self.layers.iter().zip(weights).find(|(layer, have)| !fits(layer, have)) {
            Some((layer, _)) => Err(Fault::new(format!("{}: its weights are of another size", layer.name))),
            None => Ok(()),
        }
    }
}

/// Whether these are some of `n` places.
fn inside(places: &[usize], n: usize) -> bool {
    (1..=n).contains(&places.len()) && places.iter().all(|place| *place < n)
}

/// Whether so many numbers are one, or one for each of `n`.
fn each(numbers: usize, n: usize) -> Result<usize> {
    match numbers == 1 || numbers == n {
        true => Ok(n),
        false => Err(Fault::new("other numbers than its input has")),
    }
}

/// Numbers that a layer makes.
fn size(op: &Op, sizes: &[usize]) -> Result<usize> {
    let of = |value: &usize| {
        sizes.get(*value).copied().ok_or_else(|| Fault::new("it reads what no layer before it makes"))
    };
    let windowed = |x: &usize, windows: &Windows| {
        windows.check()?;
        match of(x)? == windows.inputs() {
            true => Ok(()),
            false => Err(Fault::new("its windows are over another size than its input")),
        }
    };
    match op {
        Op::Conv { x, groups, outputs, windows } => {
            windowed(x, windows)?;
            if *groups == 0 || windows.channels % groups != 0 || outputs % groups != 0 {
                return Err(Fault::new("its groups do not divide its channels"));
            }
            let sizes = op.product().ok_or_else(|| Fault::new("no matrix product"))?.check()?;
            Ok(sizes.numbers()[2])
        }
        Op::Dense { x, rows, inputs, .. } => {
            let sizes = op.product().ok_or_else(|| Fault::new("no matrix product"))?.check()?;
            match Some(of(x)?) == rows.checked_mul(*inputs) {
                true => Ok(sizes.numbers()[2]),
                false => Err(Fault::new("its weights have other rows than its input has numbers")),
            }
        }
        Op::Norm { x, channels } if *channels > 0 && of(x)? % channels == 0 => of(x),
        Op::Norm { .. } => Err(Fault::new("its channels do not divide its input")),
        Op::Poly { x, coefficients } => {
            let lists = coefficients.len();
            let degree = coefficients.first().map_or(0, Vec::len);
            let alike = coefficients.iter().all(|list| list.len() == degree);
            match lists > 0 && of(x)? % lists == 0 && alike && (2..=64).contains(&degree) {
                true => of(x),
                false => Err(Fault::new("a polynomial of degree 0, or of other channels than its input")),
            }
        }
        Op::Average { x, windows, .. } | Op::Maximum { x, windows } => {
            windowed(x, windows)?;
            let empty = |at| (0..windows.taps()).all(|tap| windows.place(at, tap).is_none());
            match (0..windows.positions()).any(empty) {
                true => Err(Fault::new("a window that holds nothing")),
                false => bounded(&[windows.channels, windows.positions()]),
            }
        }
        Op::Add { a, b } | Op::Sub { a, b } | Op::Multiply { a, b } => match of(a)? == of(b)? {
            true => of(a),
            false => Err(Fault::new("its two sides are of different sizes")),
        },
        Op::Relu { x } | Op::Sign { x } | Op::Times { x, .. } => of(x),
        Op::Scale { x, by } => each(by.len(), of(x)?),
        Op::Shift { x, numbers, .. } => each(*numbers, of(x)?),
        Op::Pick { x, places } | Op::Put { x, places, .. } if !inside(places, of(x)?) => {
            Err(Fault::new("places that its input has not"))
        }
        Op::Pick { places, .. } => Ok(places.len()),
        Op::Put { x, y, places } => match of(y)? == places.len() {
            true => of(x),
            false => Err(Fault::new("other places than numbers")),
        },
        Op::Argmax { x } => of(x).map(|_| 1),
    }
}
