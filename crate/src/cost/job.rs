//! What is to be priced, and the arithmetic of sizes.

use crate::count::Work;

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
