//! What is done to each result before it is stored: a plain function, or what private inference puts
//! in its place.

use crate::engines::gpu::shader::Kernel;

/// Largest degree of a polynomial.
pub const MAX_DEGREE: usize = 8;

/// y = s*R(x) + (1-s)*P(x).
///
/// R is a function of the kernels, or Circa's ReLU with faults. s is the element's bit of the mask;
/// without a mask 0 where there is a polynomial and 1 where there is none.
#[derive(Clone, Debug)]
pub(super) struct Activation {
    /// R, by its name in `kernels/activation.wgsl`.
    pub(super) function: &'static str,
    /// R's numbers.
    pub(super) numbers: [f32; 2],
    /// Makes R, a ReLU, stochastic; and which activation of the network it is.
    pub(super) faults: Option<(Faults, u32)>,
    /// P.
    pub(super) polynomial: Option<Polynomial>,
    /// s of each element of one sample. Only beside a polynomial.
    pub(super) mask: Option<Vec<bool>>,
}

/// Polynomials of one degree.
#[derive(Clone, Debug)]
pub(super) struct Polynomial {
    /// 1 to [`MAX_DEGREE`].
    pub(super) degree: usize,
    /// Axis of the channels.
    pub(super) axis: usize,
    /// `degree + 1` coefficients a channel, lowest first; one set alone serves all channels.
    pub(super) coefficients: Vec<f32>,
}

/// Circa's stochastic ReLU: the sign of X = round(x * 2^fraction_bits), tested on truncated shares
/// modulo p, is wrong with probability |X|/p, and for |X| < 2^dropped_bits of the exposed sign with
/// (2^dropped_bits - |X|)/2^dropped_bits more. X = 1024 of 2^12: 0.75 + 1024/p.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Faults {
    /// p.
    pub prime: f64,
    /// Fraction bits of the fixed-point numbers.
    pub fraction_bits: u32,
    /// Low bits that the test leaves out.
    pub dropped_bits: u32,
    /// Small negatives pass (NegPass); otherwise small positives become 0 (PosZero).
    pub negatives_pass: bool,
}

impl Activation {
    /// Nothing is done.
    pub(super) const NONE: Self = Self::plain("identity", 0.0, 0.0);

    /// A function of the kernels, with its two numbers.
    pub(super) const fn plain(function: &'static str, a: f32, b: f32) -> Self {
        Self { function, numbers: [a, b], faults: None, polynomial: None, mask: None }
    }

    /// Mask bits, 32 a word, lowest first.
    pub(super) fn mask_words(&self) -> Option<Vec<u32>> {
        let word = |bits: &[bool]| bits.iter().rev().fold(0u32, |word, bit| word << 1 | u32::from(*bit));
        self.mask.as_ref().map(|mask| mask.chunks(32).map(word).collect())
    }

    /// The kernel with this behind it, and the words of the struct `Act`. Tensors are `[batch, ...]`.
    pub(super) fn fuse(&self, kernel: Kernel, dims: &[usize]) -> (Kernel, Vec<u32>) {
        let axis = self.polynomial.as_ref().map_or(1, |polynomial| polynomial.axis);
        let product = |from: usize| dims.get(from..).unwrap_or_default().iter().product::<usize>().max(1);
        let channels = dims.get(axis).copied().unwrap_or(1).max(1);
        let degree = self.polynomial.as_ref().map_or(0, |polynomial| polynomial.degree);
        // From one channel's coefficients to the next; 0: all share them.
        let stride = match &self.polynomial {
            Some(polynomial) if polynomial.coefficients.len() > degree + 1 => degree + 1,
            _ => 0,
        };
        let (faults, site) = self.faults.unzip();
        let [scale, window] = faults
            .map_or([0; 2], |f| [f.fraction_bits, f.dropped_bits])
            .map(|bits| 2f32.powi(bits.min(64) as i32));
        let inverse_prime = faults.map_or(0.0, |f| 1.0 / f.prime) as f32;
        let [a, b] = self.numbers;
        let mut act = [a, b, scale, inverse_prime, window].map(f32::to_bits).to_vec();
        act.extend([u32::from(faults.is_some_and(|f| f.negatives_pass)), site.unwrap_or(0)]);
        act.extend([product(axis + 1), channels, product(1), stride, 0].map(|n| n as u32));
        let kernel = kernel.apply("named", self.function).set("DEGREE", degree as u32);
        (kernel.flag("MASKED", self.mask.is_some()).flag("FAULTS", faults.is_some()), act)
    }
}
