//! The form that the profiles on additive shares fill in: what one element of each primitive costs.

pub(in crate::cost) mod price;
#[cfg(test)]
mod tests;

use crate::cost::constant::Constant;

/// A primitive: bytes of all parties per element, and rounds per call.
pub(in crate::cost) struct Step {
    pub bytes: Constant,
    pub rounds: Constant,
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
    /// Softmax per element; its rounds without those of the maximum.
    pub softmax: Step,
    pub linear: Linear,
    /// A padded convolution or a max-pool call, whatever its size.
    pub pad_call: Option<Step>,
    /// A softmax call, whatever its size.
    pub softmax_call: Option<Constant>,
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
            &self.softmax,
        ];
        let opened = match &self.linear {
            Linear::Opened(opened) => Some(opened),
            Linear::PerOutput => None,
        };
        let both = |step: &'static Step| [&step.bytes, &step.rounds];
        let all = steps.into_iter().chain(&self.pad_call).flat_map(both);
        all.chain(opened).chain(&self.softmax_call).collect()
    }
}
