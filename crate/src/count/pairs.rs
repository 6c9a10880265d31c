//! How many (position, tap) pairs of a sliding window fall inside a tensor, in closed form: hostile
//! sizes cost no more than small ones.

/// Pairs (o, k) with 0 <= o < outputs, 0 <= k < taps and 0 <= o*stride + k*dilation - pad < inside.
/// For a convolution these are the multiplications with real inputs along one axis: 4 outputs,
/// 3 taps, stride 1, padding 1 on 4 inputs: 12 pairs, 2 of them on padding: 10.
/// None where an intermediate leaves 127 bits.
pub(crate) fn inside(
    outputs: u64,
    taps: u64,
    stride: u64,
    dilation: u64,
    pad: i128,
    inside: u64,
) -> Option<u64> {
    let last = i128::from(inside).checked_sub(1)?.checked_add(pad)?;
    let below = up_to(pad.checked_sub(1)?, outputs, taps, stride, dilation)?;
    let all = up_to(last, outputs, taps, stride, dilation)?;
    u64::try_from(all.checked_sub(below)?).ok()
}

/// Pairs with o*stride + k*dilation <= limit.
fn up_to(limit: i128, outputs: u64, taps: u64, stride: u64, dilation: u64) -> Option<i128> {
    let (outputs, taps) = (i128::from(outputs), i128::from(taps));
    let (stride, dilation) = (i128::from(stride.max(1)), i128::from(dilation.max(1)));
    if limit < 0 || outputs == 0 || taps == 0 {
        return Some(0);
    }
    // Positions whose every tap is within the limit, then those with some.
    let span = (taps - 1).checked_mul(dilation)?;
    let full = if limit >= span { ((limit - span) / stride + 1).min(outputs) } else { 0 };
    let some = (limit / stride + 1).min(outputs);
    let sum = full.checked_mul(taps)?;
    let count = some - full;
    if count <= 0 {
        return Some(sum);
    }
    // Sum over the last `count` positions of floor((limit - o*stride) / dilation) + 1, from the last back.
    let lowest = limit.checked_sub((some - 1).checked_mul(stride)?)?;
    sum.checked_add(count)?.checked_add(floor_sum(count, dilation, stride, lowest)?)
}

/// Sum over i in 0..n of floor((a*i + b) / m), for a, b >= 0, m > 0, n > 0; Euclid's descent.
fn floor_sum(mut n: i128, mut m: i128, mut a: i128, mut b: i128) -> Option<i128> {
    let mut sum: i128 = 0;
    loop {
        if a >= m {
            sum = sum.checked_add((n.checked_mul(n - 1)? / 2).checked_mul(a / m)?)?;
            a %= m;
        }
        if b >= m {
            sum = sum.checked_add(n.checked_mul(b / m)?)?;
            b %= m;
        }
        let top = a.checked_mul(n)?.checked_add(b)?;
        if top < m {
            return Some(sum);
        }
        (n, b) = (top / m, top % m);
        (m, a) = (a, m);
    }
}
