//! What is done to each result before it is stored: a plain function, or what private inference puts
//! in its place.

use std::sync::Arc;

use super::shader::Kernel;
use crate::error::{Code, Error, Result};

/// Largest degree of a polynomial.
pub const MAX_DEGREE: usize = 8;

/// What takes the place of a ReLU: y = s*R(x) + (1-s)*P(x).
///
/// s is the element's bit of the mask; without a mask 0 where there is a polynomial and 1 where there
/// is none. R is ReLU, or Circa's with faults.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replaced {
    /// P. With a mask and without this, P is 0.
    pub polynomial: Option<Polynomial>,
    /// s of each element of one sample.
    pub mask: Option<Vec<bool>>,
    /// Makes R stochastic.
    pub faults: Option<Faults>,
}

/// Polynomials of one degree.
#[derive(Clone, Debug, PartialEq)]
pub struct Polynomial {
    /// 1 to [`MAX_DEGREE`].
    pub degree: usize,
    /// `degree + 1` coefficients a channel, lowest first; one set alone serves all channels.
    pub coefficients: Vec<f32>,
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

/// An activation at one place of a network.
#[derive(Clone, Debug)]
pub(super) enum Activation {
    /// A function of the kernels, with its two numbers.
    Plain(&'static str, f32, f32),
    /// What stands in a ReLU's place, and which of the network it is.
    Replaced(Arc<Replaced>, u32),
}

impl Activation {
    /// Nothing is done.
    pub(super) const NONE: Self = Self::Plain("identity", 0.0, 0.0);
}

/// Sizes that an activation's parameters need.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// Elements of one step along the channel axis.
    pub(super) inner: usize,
    /// Channels.
    pub(super) channels: usize,
    /// Elements of a sample.
    pub(super) sample: usize,
}

impl Extent {
    /// Of a tensor `[batch, channels, ...]`. 2x3x4x4: inner 16, 3 channels, 48 a sample.
    pub(super) fn of(dims: &[usize]) -> Self {
        let product = |from: usize| dims.get(from..).unwrap_or_default().iter().product::<usize>().max(1);
        Self { inner: product(2), channels: dims.get(1).copied().unwrap_or(1).max(1), sample: product(1) }
    }
}

impl Replaced {
    /// Whether it fits a tensor.
    ///
    /// # Errors
    /// `InvalidSetting`, with what does not fit.
    pub(super) fn check(&self, extent: Extent) -> Result<()> {
        let wrong = |text: String| Err(Error::new(Code::InvalidSetting, text));
        if let Some(polynomial) = &self.polynomial {
            if !(1..=MAX_DEGREE).contains(&polynomial.degree) {
                return wrong(format!("a polynomial of degree {}, not 1 to {MAX_DEGREE}", polynomial.degree));
            }
            let each = polynomial.degree + 1;
            let has = polynomial.coefficients.len();
            if has != each && has != each.saturating_mul(extent.channels) {
                return wrong(format!("{has} coefficients for {} channels of {each}", extent.channels));
            }
        }
        match &self.mask {
            Some(mask) if mask.len() != extent.sample => {
                wrong(format!("a mask of {} elements for {}", mask.len(), extent.sample))
            }
            _ => Ok(()),
        }
    }

    /// Coefficients as the kernels read them; zeros of degree 1 stand for none under a mask.
    pub(super) fn coefficients(&self) -> Option<(usize, Vec<f32>)> {
        match (&self.polynomial, &self.mask) {
            (Some(polynomial), _) => Some((polynomial.degree, polynomial.coefficients.clone())),
            (None, Some(_)) => Some((1, vec![0.0, 0.0])),
            (None, None) => None,
        }
    }

    /// Mask bits, 32 a word, lowest first.
    pub(super) fn mask_words(&self) -> Option<Vec<u32>> {
        let word = |bits: &[bool]| bits.iter().rev().fold(0u32, |word, bit| word << 1 | u32::from(*bit));
        self.mask.as_ref().map(|mask| mask.chunks(32).map(word).collect())
    }
}

/// The head lines and the struct `Act` of a kernel.
pub(super) fn fuse(kernel: Kernel, activation: &Activation, extent: Extent) -> (Kernel, Vec<u32>) {
    let mut act = vec![0u32; 12];
    let mut put = |place: usize, word: u32| {
        if let Some(slot) = act.get_mut(place) {
            *slot = word;
        }
    };
    put(7, extent.inner as u32);
    put(8, extent.channels as u32);
    put(9, extent.sample as u32);
    let kernel = match activation {
        Activation::Plain(function, a, b) => {
            put(0, a.to_bits());
            put(1, b.to_bits());
            let kernel = kernel.apply("named", function).flag("REPLACED", false);
            kernel.set("DEGREE", 0).flag("MASKED", false).flag("FAULTS", false)
        }
        Activation::Replaced(replaced, site) => {
            let (degree, coefficients) = replaced.coefficients().unwrap_or_default();
            if coefficients.len() > degree + 1 {
                put(10, degree as u32 + 1);
            }
            put(6, *site);
            if let Some(faults) = replaced.faults {
                put(2, (2f32.powi(faults.fraction_bits.min(64) as i32)).to_bits());
                put(3, ((1.0 / faults.prime) as f32).to_bits());
                put(4, (2f32.powi(faults.dropped_bits.min(64) as i32)).to_bits());
                put(5, u32::from(faults.negatives_pass));
            }
            let kernel = kernel.apply("named", "identity").flag("REPLACED", true);
            let kernel = kernel.set("DEGREE", degree as u32).flag("MASKED", replaced.mask.is_some());
            kernel.flag("FAULTS", replaced.faults.is_some())
        }
    };
    (kernel, act)
}
