//! The form that the profiles on additive shares fill in: what one element of each primitive costs.

pub(in crate::cost) mod price;
#[cfg(test)]
mod tests;

use crate::cost::constant::Constant;
use crate::cost::protocols::spu::time::Time;

/// A primitive: bytes of all parties per element, and rounds per call.
pub(in crate::cost) struct Step {
    pub bytes: Constant,
    pub rounds: Constant,
    /// Compute, where it was timed.
    pub time: Option<Time>,
}

/// Seconds of linear layers: matrix products of m x k by k x n. Of the forms that runs bear out alike, left out one by
/// one, the one with the cube root also meets whole small networks.
pub(in crate::cost) struct LinearTime {
    pub call: Constant,
    pub weights: Constant,
    pub outputs: Constant,
    /// Rows of the left side, m.
    pub positions: Constant,
    /// Only those that a kernel of more than one tap unrolls.
    pub unrolled_only: bool,
    /// k where m > 1, by the cube root of m n.
    pub columns: Constant,
    /// An element in a window of a pool.
    pub window: Constant,
    /// The start of a program. Runs of one operation hold its sum with their call only: the split is a guess between 4 and
    /// 6 ms, which matters to networks of a few milliseconds.
    pub start: Constant,
}

/// How a matrix product is paid for.
pub(in crate::cost) enum Linear {
    /// Each entry of both operands is opened once: bytes per opened entry.
    Opened(Constant),
    /// One message per output, whatever the inner size: the product of [`Sharing::product`].
    PerOutput,
}

/// Everything that formulas on shares use.
pub(in crate::cost) struct Sharing {
    pub relu: Step,
    pub compare: Step,
    /// One of two values by a shared bit: a ReLU less its comparison.
    pub select: Step,
    /// A product of two secrets, before its truncation.
    pub product: Step,
    pub truncation: Step,
    pub gelu: Step,
    pub sigmoid: Step,
    pub exp: Step,
    /// 1/x: sigmoid less exp.
    pub reciprocal: Step,
    /// 1/sqrt(x).
    pub reciprocal_root: Step,
    pub root: Step,
    pub log: Step,
    pub tanh: Step,
    pub erf: Step,
    /// Whether two values are equal.
    pub equal: Step,
    /// The greater of two values and its index.
    pub winner: Step,
    pub linear: Linear,
    pub linear_time: LinearTime,
    pub calls: Option<Calls>,
}

/// What calls cost whatever their elements, where they do.
pub(in crate::cost) struct Calls {
    /// A padded convolution, a pool or a maximum.
    pub pad: Step,
    pub softmax: Constant,
    pub norm: Constant,
    /// A search for the index of the greatest.
    pub winner: Step,
    /// Each row of it.
    pub winner_row: Constant,
}

impl Sharing {
    /// Every constant, for a listing.
    pub(in crate::cost) fn constants(&'static self) -> Vec<&'static Constant> {
        let steps = [
            &self.relu,
            &self.compare,
            &self.select,
            &self.product,
            &self.truncation,
            &self.gelu,
            &self.sigmoid,
            &self.exp,
            &self.reciprocal,
            &self.reciprocal_root,
            &self.root,
            &self.log,
            &self.tanh,
            &self.erf,
            &self.equal,
            &self.winner,
        ];
        let opened = match &self.linear {
            Linear::Opened(opened) => Some(opened),
            Linear::PerOutput => None,
        };
        let both = |step: &'static Step| {
            let time = step.time.iter().flat_map(|time| [&time.call, &time.each]);
            [&step.bytes, &step.rounds].into_iter().chain(time)
        };
        let l = &self.linear_time;
        let times = [&l.call, &l.weights, &l.outputs, &l.positions, &l.columns, &l.window, &l.start];
        let of_calls = |calls: &'static Calls| {
            [&calls.pad, &calls.winner].into_iter().flat_map(both).chain([
                &calls.softmax,
                &calls.norm,
                &calls.winner_row,
            ])
        };
        let calls = self.calls.iter().flat_map(of_calls);
        steps.into_iter().flat_map(both).chain(opened).chain(calls).chain(times).collect()
    }
}
