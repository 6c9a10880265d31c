//! A network: nodes in order, the arrays that they read, shapes that were checked when a node was added.

use ndarray::Array1;
use serde::{Deserialize, Serialize};

use crate::layers::Window;
use crate::layers::gate::{COEFFICIENTS, IDENTITY};
use crate::random::Random;
use crate::real::Real;
use crate::site::Site;

/// First bytes of a network as bytes, its version among them.
const MAGIC: &[u8] = b"reluctant.net/1\n";

/// What a parameter is, and so which phase trains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Weights of convolutions and dense layers.
    Weight,
    /// Biases, and scale and shift of normalisations.
    Bias,
    /// Running mean or variance: never trained.
    Running,
    /// Coefficients of polynomials, `[channels, 3]`.
    Coefficient,
    /// What decides which ReLUs stay: SNL's alpha or AutoReP's m.
    Mask,
}

/// An array that nodes read, by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Param<T: Real> {
    /// For exports.
    pub name: String,
    /// Its dims, as PyTorch's and ONNX's.
    pub dims: Vec<usize>,
    /// What it is.
    pub role: Role,
    /// The numbers, in order.
    pub value: Array1<T>,
}

impl<T: Real> Param<T> {
    /// The numbers.
    pub fn slice(&self) -> &[T] {
        self.value.as_slice().unwrap_or_default()
    }

    /// The numbers.
    pub fn slice_mut(&mut self) -> &mut [T] {
        self.value.as_slice_mut().unwrap_or_default()
    }
}

/// What a node does. Numbers are places of parameters. Networks are kept as bytes: append, never reorder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Op {
    /// Convolution; a dense layer is 1x1 of a map of 1x1.
    Conv {
        /// How it slides.
        window: Window,
        /// Groups of channels.
        groups: usize,
        /// Output channels.
        outputs: usize,
        /// Place of the weight.
        weight: usize,
        /// Place of the bias.
        bias: Option<usize>,
    },
    /// Batch normalisation; places of scale, shift, running mean and variance.
    Norm {
        /// Scale, shift, mean, variance.
        places: [usize; 4],
        /// Added to the variance.
        eps: f64,
    },
    /// The activation of a site.
    Activation(usize),
    /// Mean of windows, padding counted.
    Average(Window),
    /// Largest of windows.
    Maximum(Window),
    /// Mean of each channel.
    Global,
    /// Channels, height and width become channels.
    Flatten,
    /// Sum of two values.
    Add,
    /// ReActNet's RPReLU; places of shift a, slope b, lift z: one of each a channel.
    Rprelu {
        /// a, b, z.
        places: [usize; 3],
    },
    /// ReActNet's RSign: the sign of x + shift, with the gradient of a parabola on each side.
    Rsign {
        /// Place of the shift, one a channel.
        shift: usize,
    },
    /// x where a mask is not 0, else 0: outputs that are not computed.
    Drop {
        /// Place of the mask, as k of a site; never trained.
        keep: usize,
    },
}

/// A node: what it does, to which values. Value 0 is the input, value i + 1 what node i makes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Node {
    /// What it does.
    pub op: Op,
    /// The values that it reads.
    pub inputs: Vec<usize>,
}

/// A network. Its last value is the logits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Net<T: Real> {
    /// The nodes, in order.
    pub nodes: Vec<Node>,
    /// The arrays.
    pub params: Vec<Param<T>>,
    /// The activations.
    pub sites: Vec<Site<T>>,
    /// Channels, height and width of each value.
    pub shapes: Vec<[usize; 3]>,
}

/// A node that cannot be: what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit(pub String);

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The role of a place of ReActNet's activations: what a file has no name for is not trained, or it would be lost.
fn placed(name: &str) -> Role {
    if name.is_empty() { Role::Running } else { Role::Bias }
}

impl<T: Real> Net<T> {
    /// A network without nodes, for images of channels, height and width.
    pub fn new(input: [usize; 3]) -> Self {
        Self { nodes: Vec::new(), params: Vec::new(), sites: Vec::new(), shapes: vec![input] }
    }

    /// Everything, as bytes.
    pub fn bytes(&self) -> Vec<u8> {
        postcard::to_extend(self, MAGIC.to_vec()).unwrap_or_default()
    }

    /// What [`Net::bytes`] wrote; whether it is sound is for the caller to ask.
    ///
    /// # Errors
    /// Bytes of another kind.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unfit> {
        let read = bytes.strip_prefix(MAGIC).and_then(|rest| postcard::from_bytes(rest).ok());
        read.ok_or_else(|| Unfit("these bytes are no network of this version".to_owned()))
    }

    /// Channels, height and width of a value; zeros for one that is not there.
    pub fn shape(&self, value: usize) -> [usize; 3] {
        self.shapes.get(value).copied().unwrap_or_default()
    }

    /// Classes: the channels of the last value.
    pub fn classes(&self) -> usize {
        self.shapes.last().map_or(0, |shape| shape[0])
    }

    pub(crate) fn push(&mut self, op: Op, inputs: &[usize], shape: [usize; 3]) -> usize {
        self.nodes.push(Node { op, inputs: inputs.to_vec() });
        self.shapes.push(shape);
        self.nodes.len()
    }

    fn param(&mut self, name: String, dims: &[usize], role: Role, fill: f64) -> usize {
        let value = Array1::from_elem(dims.iter().product::<usize>(), T::of(fill));
        self.params.push(Param { name, dims: dims.to_vec(), role, value });
        self.params.len() - 1
    }

    /// A convolution of weight `weight` and, where it is named, bias `bias`.
    ///
    /// # Errors
    /// Groups that do not divide the channels; a window larger than the padded input.
    pub fn conv(
        &mut self,
        x: usize,
        [weight, bias]: [Option<&str>; 2],
        outputs: usize,
        window: Window,
        groups: usize,
    ) -> Result<usize, Unfit> {
        let [channels, ..] = self.shape(x);
        let divides = groups > 0 && channels.is_multiple_of(groups) && outputs.is_multiple_of(groups);
        if !divides || channels == 0 || outputs == 0 {
            return Err(Unfit(format!("{groups} groups do not divide {channels} and {outputs} channels")));
        }
        let shape = self.slid(x, window, outputs)?;
        let dims = [outputs, channels / groups, window.kernel, window.kernel];
        let weight = self.param(weight.unwrap_or_default().to_owned(), &dims, Role::Weight, 0.0);
        let bias = bias.map(|name| self.param(name.to_owned(), &[outputs], Role::Bias, 0.0));
        Ok(self.push(Op::Conv { window, groups, outputs, weight, bias }, &[x], shape))
    }

    /// A dense layer over a value of 1x1.
    ///
    /// # Errors
    /// A value that is no vector.
    pub fn dense(&mut self, x: usize, names: [Option<&str>; 2], outputs: usize) -> Result<usize, Unfit> {
        let [inputs, h, w] = self.shape(x);
        if h * w != 1 {
            return Err(Unfit(format!("a dense layer reads a vector, not {inputs}x{h}x{w}")));
        }
        let value = self.conv(x, names, outputs, Window { kernel: 1, stride: 1, pad: 0 }, 1)?;
        if let Some(Node { op: Op::Conv { weight, .. }, .. }) = self.nodes.last()
            && let Some(param) = self.params.get_mut(*weight)
        {
            param.dims.truncate(2);
        }
        Ok(value)
    }

    /// Batch normalisation; names of scale, shift, running mean and variance.
    pub fn norm(&mut self, x: usize, names: [&str; 4], eps: f64) -> usize {
        let shape = self.shape(x);
        let fills = [(Role::Bias, 1.0), (Role::Bias, 0.0), (Role::Running, 0.0), (Role::Running, 1.0)];
        let mut places = [0; 4];
        for ((place, name), (role, fill)) in places.iter_mut().zip(names).zip(fills) {
            *place = self.param(name.to_owned(), &[shape[0]], role, fill);
        }
        self.push(Op::Norm { places, eps }, &[x], shape)
    }

    /// A ReLU, which methods may replace.
    pub fn relu(&mut self, x: usize, name: &str) -> usize {
        let shape = self.shape(x);
        let keep = self.param(format!("{name}/keep"), &shape, Role::Mask, 1.0);
        let coefficients =
            self.param(format!("{name}/coefficients"), &[shape[0], COEFFICIENTS], Role::Coefficient, 0.0);
        if let Some(param) = self.params.get_mut(coefficients) {
            for (to, from) in param.value.iter_mut().zip(IDENTITY.iter().cycle()) {
                *to = T::of(*from);
            }
        }
        self.sites.push(Site::new(name, shape, keep, coefficients));
        self.push(Op::Activation(self.sites.len() - 1), &[x], shape)
    }

    /// A trained activation: u + z where u = x + a is above 0, b u + z below; a and z begin at 0, b at 0.25. Names of a, b and z;
    /// what has none stays as it is.
    pub fn rprelu(&mut self, x: usize, names: [&str; 3]) -> usize {
        let shape = self.shape(x);
        let mut places = [0; 3];
        for ((place, name), fill) in places.iter_mut().zip(names).zip([0.0, 0.25, 0.0]) {
            *place = self.param(name.to_owned(), &[shape[0]], placed(name), fill);
        }
        self.push(Op::Rprelu { places }, &[x], shape)
    }

    /// The sign of x plus a trained shift, which begins at 0; without a name it stays there.
    pub fn rsign(&mut self, x: usize, name: &str) -> usize {
        let shape = self.shape(x);
        let shift = self.param(name.to_owned(), &[shape[0]], placed(name), 0.0);
        self.push(Op::Rsign { shift }, &[x], shape)
    }

    /// Shape of what a window makes.
    fn slid(&self, x: usize, window: Window, channels: usize) -> Result<[usize; 3], Unfit> {
        let [_, h, w] = self.shape(x);
        if window.kernel == 0 || window.stride == 0 || h.min(w) + 2 * window.pad < window.kernel {
            return Err(Unfit(format!("a window of {} does not fit {h}x{w}", window.kernel)));
        }
        Ok([channels, window.out(h), window.out(w)])
    }

    /// Mean of windows, padding counted.
    ///
    /// # Errors
    /// A window larger than the padded input.
    pub fn average(&mut self, x: usize, window: Window) -> Result<usize, Unfit> {
        let shape = self.slid(x, window, self.shape(x)[0])?;
        Ok(self.push(Op::Average(window), &[x], shape))
    }

    /// Largest of windows.
    ///
    /// # Errors
    /// A window larger than the padded input, or padding of half a window or more.
    pub fn maximum(&mut self, x: usize, window: Window) -> Result<usize, Unfit> {
        if 2 * window.pad > window.kernel {
            return Err(Unfit(format!("padding {} leaves windows empty", window.pad)));
        }
        let shape = self.slid(x, window, self.shape(x)[0])?;
        Ok(self.push(Op::Maximum(window), &[x], shape))
    }

    /// Mean of each channel.
    pub fn global(&mut self, x: usize) -> usize {
        let channels = self.shape(x)[0];
        self.push(Op::Global, &[x], [channels, 1, 1])
    }

    /// Channels, height and width become channels.
    pub fn flatten(&mut self, x: usize) -> usize {
        let [c, h, w] = self.shape(x);
        if h * w == 1 { x } else { self.push(Op::Flatten, &[x], [c * h * w, 1, 1]) }
    }

    /// Sum of two values.
    ///
    /// # Errors
    /// Values of different shapes.
    pub fn add(&mut self, a: usize, b: usize) -> Result<usize, Unfit> {
        if self.shape(a) != self.shape(b) {
            return Err(Unfit(format!("{:?} and {:?} cannot be added", self.shape(a), self.shape(b))));
        }
        Ok(self.push(Op::Add, &[a, b], self.shape(a)))
    }

    /// Weights from a seed: normal of variance 2 / inputs (He and others, 2015), a last dense layer uniform in
    /// +-1 / sqrt(inputs), biases 0.
    pub fn init(&mut self, random: &mut Random) {
        let last = self.params.iter().rposition(|param| param.role == Role::Weight);
        for (place, param) in self.params.iter_mut().enumerate() {
            if param.role == Role::Weight {
                let inputs = param.dims.iter().skip(1).product::<usize>().max(1) as f64;
                for value in &mut param.value {
                    *value = T::of(if Some(place) == last {
                        (2.0 * random.unit() - 1.0) / inputs.sqrt()
                    } else {
                        random.normal() * (2.0 / inputs).sqrt()
                    });
                }
            }
        }
    }
}
