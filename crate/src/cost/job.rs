//! What is to be priced, and the arithmetic of sizes.

use crate::count::{Conv, Work};

/// What is to be priced: work as counted, or what an activation became.
#[derive(Clone, Copy, Debug)]
pub(super) enum Job<'a> {
    Work(&'a Work),
    /// a x^2 + b x + c on so many elements.
    Poly2 {
        elements: u64,
        secret: bool,
    },
}

/// ceil(log2 n): depth of a tournament among n.
pub(super) fn log2_ceil(n: u64) -> u32 {
    if n <= 1 { 0 } else { u64::BITS - (n - 1).leading_zeros() }
}

/// Product of sizes without overflow; sizes are at most 64 bits each, and a product past 128 bits
/// saturates, which the sum then reports.
pub(super) fn product(sizes: &[u64]) -> u128 {
    sizes.iter().fold(1, |acc: u128, &s| acc.saturating_mul(u128::from(s)))
}

/// Scalars that a piece of work makes.
pub(super) fn elements(job: Job<'_>) -> Option<u128> {
    Some(match job {
        Job::Poly2 { elements, .. } => elements.into(),
        Job::Work(Work::Conv(conv) | Work::ConvTranspose(conv)) => outputs(conv),
        Job::Work(&Work::MatMul { batch, m, n, steps, .. }) => product(&[batch, m, n, steps.max(1)]),
        Job::Work(Work::Activation(a)) => a.elements.into(),
        Job::Work(
            Work::AvgPool { elements, .. }
            | Work::Product { elements }
            | Work::Scale { elements }
            | Work::BatchNorm { elements }
            | Work::Add { elements }
            | Work::Poly2 { elements, .. },
        ) => (*elements).into(),
    })
}

fn outputs(conv: &Conv) -> u128 {
    product(&conv.output).saturating_mul(product(&[conv.batch, conv.out_channels]))
}

/// Scalars that a piece of work reads. 3 channels of 32 x 32: 3,072, whatever the convolution makes of them.
pub(super) fn inputs(work: &Work) -> u128 {
    match *work {
        Work::Conv(ref conv) | Work::ConvTranspose(ref conv) => {
            product(&conv.input).saturating_mul(product(&[conv.batch, conv.in_channels]))
        }
        Work::MatMul { batch, m, k, n, secret, steps } => {
            let right = if secret { product(&[batch, k, n]) } else { 0 };
            product(&[batch, m, k]).saturating_add(right).saturating_mul(u128::from(steps.max(1)))
        }
        Work::Activation(a) => product(&[a.rows, a.row_length]).max(a.elements.into()),
        Work::AvgPool { elements, window } => product(&[elements, window]),
        Work::Product { elements }
        | Work::Scale { elements }
        | Work::BatchNorm { elements }
        | Work::Add { elements }
        | Work::Poly2 { elements, .. } => elements.into(),
    }
}
