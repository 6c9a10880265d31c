//! What a plan left in a file in place of ReLUs, read back: polynomials by Horner, and masks that choose.
//!
//! `rewrite` writes Mul and Add with stored numbers, one or one a channel, and Where with a stored mask. Assumes nothing of
//! the names; a form that it does not write is none.

use reluctant_train::layers::gate::COEFFICIENTS;
use reluctant_train::net::{Net, Node, Op};

use crate::ir::graph::ValueId;
use crate::onnx::TensorProto;

/// A polynomial of one value, a row of coefficients for all channels or one a channel.
#[derive(Clone, Debug)]
pub(super) struct Poly {
    /// Of what.
    pub(super) of: ValueId,
    rows: Vec<[f64; COEFFICIENTS]>,
}

impl Poly {
    /// x itself.
    pub(super) fn identity(of: ValueId) -> Self {
        Self { of, rows: vec![[0.0, 1.0, 0.0]] }
    }

    /// Whether it is x itself.
    pub(super) fn is_identity(&self) -> bool {
        self.rows.iter().all(|row| *row == [0.0, 1.0, 0.0])
    }

    /// Each row with a number of its own; None where neither has one row and they differ.
    fn with(
        &self,
        numbers: &[f64],
        change: impl Fn([f64; COEFFICIENTS], f64) -> [f64; COEFFICIENTS],
    ) -> Option<Self> {
        let count = self.rows.len().max(numbers.len());
        let fits = |length: usize| length == 1 || length == count;
        if !fits(self.rows.len()) || !fits(numbers.len()) {
            return None;
        }
        let pairs = self.rows.iter().cycle().zip(numbers.iter().cycle()).take(count);
        Some(Self { of: self.of, rows: pairs.map(|(row, number)| change(*row, *number)).collect() })
    }

    /// Times a number, or one a channel.
    pub(super) fn scaled(&self, by: &[f64]) -> Option<Self> {
        self.with(by, |row, by| row.map(|c| c * by))
    }

    /// Plus a number, or one a channel.
    pub(super) fn plus(&self, by: &[f64]) -> Option<Self> {
        self.with(by, |[c0, c1, c2], by| [c0 + by, c1, c2])
    }

    /// Times x; None past the square.
    pub(super) fn raised(&self) -> Option<Self> {
        let rows: Option<Vec<_>> =
            self.rows.iter().map(|[c0, c1, c2]| (*c2 == 0.0).then_some([0.0, *c0, *c1])).collect();
        Some(Self { of: self.of, rows: rows? })
    }

    /// The coefficients of so many channels.
    fn of_channels(&self, channels: usize) -> Option<Vec<f32>> {
        let fits = self.rows.len() == 1 || self.rows.len() == channels;
        fits.then(|| self.rows.iter().cycle().take(channels).flatten().map(|c| *c as f32).collect())
    }
}

/// The numbers of a stored tensor of float32, or of booleans as 0 and 1.
fn numbers(tensor: &TensorProto) -> Option<Vec<f64>> {
    const FLOAT: i32 = 1;
    const BOOL: i32 = 9;
    Some(match (tensor.data_type(), tensor.raw_data()) {
        (FLOAT, []) => tensor.float_data.iter().map(|v| f64::from(*v)).collect(),
        (FLOAT, raw) => raw.as_chunks().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect(),
        (BOOL, []) => tensor.int32_data.iter().map(|v| f64::from(u8::from(*v != 0))).collect(),
        (BOOL, raw) => raw.iter().map(|v| f64::from(u8::from(*v != 0))).collect(),
        _ => return None,
    })
}

/// Sizes as channels, height and width of a value of so many axes; 1 where all share.
fn sizes(tensor: &TensorProto, rank: usize) -> Option<[usize; 3]> {
    let dims: Option<Vec<usize>> = tensor.dims.iter().map(|d| usize::try_from(*d).ok()).collect();
    let mut aligned = vec![1; rank];
    for (to, from) in aligned.iter_mut().rev().zip(dims?.iter().rev()) {
        *to = *from;
    }
    match *aligned.as_slice() {
        [1, c, h, w] => Some([c, h, w]),
        [1, f] => Some([f, 1, 1]),
        _ => None,
    }
}

/// One number for all of a value of so many axes, or one a channel.
pub(super) fn by_channel(tensor: &TensorProto, rank: usize) -> Option<Vec<f64>> {
    let [c, h, w] = sizes(tensor, rank)?;
    numbers(tensor).filter(|all| h * w == 1 && all.len() == c && all.iter().all(|v| v.is_finite()))
}

/// A mask of a value of so many axes, spread over channels, height and width.
pub(super) fn mask(tensor: &TensorProto, rank: usize, [c, h, w]: [usize; 3]) -> Option<Vec<f32>> {
    let [mc, mh, mw] = sizes(tensor, rank)?;
    let bits = numbers(tensor).filter(|bits| bits.len() == mc * mh * mw)?;
    let fits = |own: usize, size: usize| own == 1 || own == size;
    if !(fits(mc, c) && fits(mh, h) && fits(mw, w)) {
        return None;
    }
    let place = |at: usize| {
        let (channel, row, column) = (at / (h * w), at / w % h, at % w);
        ((channel % mc) * mh + row % mh) * mw + column % mw
    };
    (0..c * h * w).map(|at| bits.get(place(at)).map(|bit| *bit as f32)).collect()
}

/// An activation of value `x` whose ReLUs stay where `keep` is 1, and are `poly` elsewhere; its value.
pub(super) fn site(net: &mut Net<f32>, x: usize, name: &str, keep: Vec<f32>, poly: &Poly) -> Option<usize> {
    let coefficients = poly.of_channels(net.shape(x)[0])?;
    let made = net.relu(x, name);
    let Some(Node { op: Op::Activation(at), .. }) = net.nodes.last() else { return None };
    let site = net.sites.get_mut(*at)?;
    site.plain = keep.iter().all(|k| *k == 1.0);
    let places = [(site.keep, keep), (site.coefficients, coefficients)];
    for (place, value) in places {
        let param = net.params.get_mut(place)?;
        if param.value.len() != value.len() {
            return None;
        }
        param.value = value.into();
    }
    Some(made)
}
