//! Products of a matrix of weights and one vector, or several side by side.

use super::constants::SLOTS;
use crate::cost::formulas::packing::{Packing, diagonal, multiplexed};
use crate::cost::formulas::pointwise;
use crate::cost::job::{log2_ceil, product};
use crate::count::Conv;

/// Ciphertexts that hold so many elements.
pub(super) fn ciphertexts(elements: u128) -> u128 {
    elements.div_ceil(SLOTS.into())
}

/// Diagonals of the matrix: k + n - 1 products. 64 -> 10: 73, 10.2 s. Of several vectors, slots / max(k, n) lie side by
/// side and share them: 197 tokens, 768 -> 3,072: 10 in a ciphertext, 20 x 3,839 products. Or the tokens are the pixels
/// of a 1x1 convolution, where that takes fewer.
pub(super) fn matrix_diagonals(vectors: u128, k: u64, n: u64) -> u128 {
    let diagonals = u128::from(k).saturating_add(n.into()).saturating_sub(1);
    let beside = u128::from((SLOTS / k.max(n).max(1)).max(1));
    let side_by_side = vectors.div_ceil(beside).saturating_mul(diagonals);
    let as_conv = as_pixels(vectors, k, n).and_then(|conv| multiplexed(&conv, SLOTS).ok());
    as_conv.map_or(side_by_side, |packing| packing.products.min(side_by_side))
}

/// OpenFHE's code repeats the input n times, takes one product for each ciphertext of the matrix and adds up by halves:
/// log2 n rotations, log2 k for each product, and one. 64 -> 10: 1 product, 11 rotations. slots / (k n) vectors lie side
/// by side. Or the tokens are the pixels of a 1x1 convolution, where that rotates less.
pub(super) fn matrix_openfhe(vectors: u128, k: u64, n: u64) -> Packing {
    let matrix = product(&[k, n]).max(1);
    let beside = (u128::from(SLOTS) / matrix).max(1);
    let times = vectors.div_ceil(beside);
    let products = ciphertexts(matrix);
    let repeats = u128::from(log2_ceil(n).min(log2_ceil(SLOTS.div_ceil(k.max(1)))));
    let folds = products.saturating_mul(log2_ceil(k).into()).saturating_add(repeats);
    let repeated = Packing {
        products: products.saturating_mul(times),
        rotations: folds.saturating_add(1).saturating_mul(times),
        adds: folds.saturating_mul(times),
        ..Packing::default()
    };
    let as_conv = as_pixels(vectors, k, n).and_then(|conv| diagonal(&conv, SLOTS).ok());
    as_conv.filter(|conv| conv.rotations < repeated.rotations).unwrap_or(repeated)
}

/// The matrix as a 1x1 convolution, where its pixels fit a ciphertext.
fn as_pixels(vectors: u128, k: u64, n: u64) -> Option<Conv> {
    pointwise(vectors, k, n).filter(|_| vectors <= SLOTS.into())
}
