//! Brute force: the loops that the formulas stand for, on small sizes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::pairs;

/// Loops over every position and tap.
fn pairs_by_loop(outputs: u64, taps: u64, stride: u64, dilation: u64, pad: i64, inside: u64) -> u64 {
    let mut count = 0;
    for o in 0..outputs as i64 {
        for k in 0..taps as i64 {
            let at = o * stride as i64 + k * dilation as i64 - pad;
            count += u64::from(at >= 0 && at < inside as i64);
        }
    }
    count
}

proptest! {
    #[test]
    fn pairs_match_the_loops(
        outputs in 0u64..20, taps in 0u64..12, stride in 1u64..6, dilation in 1u64..6,
        pad in -6i64..12, inside in 0u64..24,
    ) {
        let closed = pairs::inside(outputs, taps, stride, dilation, i128::from(pad), inside);
        prop_assert_eq!(closed, Some(pairs_by_loop(outputs, taps, stride, dilation, pad, inside)));
    }
}

#[test]
fn hostile_sizes_cost_nothing() {
    // 2^40 taps over 2^20 positions, half of them outside.
    assert_eq!(
        pairs::inside(1 << 20, 1 << 40, 1, 1, 0, 1 << 40),
        Some((1 << 60) - (1 << 19) * ((1 << 20) - 1))
    );
}
