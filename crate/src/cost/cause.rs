//! What a network's cost is for, finer than kinds of work: ReLUs apart from GELU and softmax, batch norms apart from
//! linear layers, bootstraps apart from what they refresh.

use super::job::Job;
use super::term::Part;
use crate::count::{Activation, Kind, Work};
use crate::names::names;

names! { "cause",
    /// What takes time, or is sent.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Cause {
        /// Convolutions and products with weights.
        Linear = "linear",
        /// Products of two values that both depend on the input: attention, gates.
        Product = "product",
        /// ReLU and its kin: what is made of comparisons.
        Relu = "relu",
        /// GELU in any form.
        Gelu = "gelu",
        /// Other element-wise activations.
        Activation = "activation",
        /// Softmax, its logarithm too.
        Softmax = "softmax",
        /// Maxima over windows.
        MaxPool = "max-pool",
        /// Norms whose statistics are secret.
        Norm = "norm",
        /// Batch norms that are computed.
        BatchNorm = "batch-norm",
        /// Polynomials in the place of activations.
        Polynomial = "polynomial",
        /// Argmax, roots, recurrent cells, ...
        Function = "function",
        /// Truncation after linear layers, average pools, scalings.
        Truncation = "truncation",
        /// Refreshing of homomorphic ciphertexts.
        Bootstrap = "bootstrap",
        /// The rate of the link, whoever sends.
        Bandwidth = "bandwidth",
        /// Waiting for messages, whoever sends.
        Rounds = "rounds",
        /// Rate and waiting together, where neither is half.
        Link = "link",
        /// Masks inside layers, which leave calls as they are.
        Masks = "masks",
        /// Nothing is done in the phase.
        Nothing = "nothing",
    }
}

impl Cause {
    /// What a job is done for.
    pub(super) fn of(job: Job<'_>) -> Self {
        match job {
            Job::Poly2 { .. } | Job::Work(Work::Poly2 { .. }) => Self::Polynomial,
            Job::Work(Work::Conv(_) | Work::ConvTranspose(_) | Work::MatMul { secret: false, .. }) => {
                Self::Linear
            }
            Job::Work(Work::MatMul { .. } | Work::Product { .. }) => Self::Product,
            Job::Work(Work::Activation(a)) => Self::of_function(a),
            Job::Work(Work::BatchNorm { .. }) => Self::BatchNorm,
            Job::Work(Work::AvgPool { .. } | Work::Scale { .. } | Work::Add { .. }) => Self::Truncation,
        }
    }

    fn of_function(a: &Activation) -> Self {
        use Kind::*;
        match a.kind {
            ReLU | ReLU6 | Clip | LeakyReLU | PReLU | ThresholdedReLU => Self::Relu,
            GELU | GELUTanh | QuickGELU => Self::Gelu,
            Softmax | LogSoftmax => Self::Softmax,
            MaxPool | ReduceMax => Self::MaxPool,
            LayerNorm | RMSNorm | InstanceNorm | GroupNorm | LRN => Self::Norm,
            kind if kind.is_pointwise() => Self::Activation,
            _ => Self::Function,
        }
    }

    /// The same for a part of the job's price: a linear layer's truncation is no linear algebra, and what refreshes a
    /// ciphertext is a bootstrap wherever it stands.
    pub(super) fn within(self, part: Part) -> Self {
        match (self, part) {
            (_, Part::Bootstrap) => Self::Bootstrap,
            (Self::Linear, Part::Truncation) => Self::Truncation,
            (cause, _) => cause,
        }
    }
}
