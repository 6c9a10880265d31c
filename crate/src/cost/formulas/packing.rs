//! How a convolution packs its channels into the slots of a CKKS ciphertext, and what that asks for.
//!
//! Both rules are read off public code. A channel must fit a ciphertext; where all channels of the
//! input do not fit one, each ciphertext is taken to be convolved on its own, which nobody ran.

use crate::cost::job::{log2_ceil, product};
use crate::count::Conv;

/// Operations of one convolution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::cost) struct Packing {
    /// Ciphertexts of the input.
    pub inputs: u128,
    /// Ciphertexts of the output.
    pub outputs: u128,
    /// Products with an encoded plaintext.
    pub products: u128,
    /// Rotations, the fast ones apart.
    pub rotations: u128,
    /// Rotations of one ciphertext that share their first step.
    pub fast: u128,
    /// Sums.
    pub adds: u128,
}

/// Channels of an image.
const IMAGE: u64 = 3;

/// Sizes that both rules start from.
struct Sizes {
    taps: u128,
    channels_in: u64,
    channels_out: u64,
    /// Channels of the input in one ciphertext.
    fit: u64,
    inputs: u128,
    outputs: u128,
}

impl Sizes {
    fn of(conv: &Conv, slots: u64) -> Result<Self, &'static str> {
        if conv.groups != 1 {
            return Err("no formula for a grouped convolution");
        }
        if conv.kernel.len() != 2 {
            return Err("the code has convolutions over two axes only");
        }
        if conv.strides.iter().any(|stride| *stride != 1 && *stride != 2) {
            return Err("the code has strides 1 and 2 only");
        }
        let pixels = u64::try_from(product(&conv.input)).ok().filter(|pixels| *pixels <= slots);
        let Some(pixels) = pixels else {
            return Err("a channel has more elements than a ciphertext has slots");
        };
        let ciphertexts = |n: u128| n.div_ceil(u128::from(slots)).max(1);
        let out = product(&conv.output).saturating_mul(product(&[conv.batch, conv.out_channels]));
        let fit = (slots / pixels.max(1)).clamp(1, conv.in_channels.max(1));
        Ok(Self {
            taps: product(&conv.kernel),
            channels_in: conv.in_channels.max(1),
            channels_out: conv.out_channels.max(1),
            fit,
            inputs: u128::from(conv.in_channels.max(1).div_ceil(fit))
                .saturating_mul(conv.batch.max(1).into()),
            outputs: ciphertexts(out),
        })
    }
}

/// Multiplexed parallel convolution. With p = 2^floor(log2(slots / input elements)) copies of the input
/// and q = ceil(Cout / p): k^2 q + Cout products, k^2 - 1 + q ceil(log2 Cin) + Cout + p' - 1 rotations
/// (p' copies of the output). 16 -> 16 channels, 3x3 at 32x32, 32,768 slots: p = 2, q = 8, so
/// 72 + 16 = 88 products and 8 + 32 + 16 + 1 = 57 rotations.
pub(in crate::cost) fn multiplexed(conv: &Conv, slots: u64) -> Result<Packing, &'static str> {
    let s = Sizes::of(conv, slots)?;
    let copies = |elements: u128| match u64::try_from(elements) {
        Ok(elements) => (slots / elements.max(1)).checked_ilog2().map_or(1, |log| 1_u64 << log),
        Err(_) => 1,
    };
    let of_one = product(&conv.input).saturating_mul(s.fit.into());
    let q = u128::from(s.channels_out.div_ceil(copies(of_one)));
    let out = u128::from(s.channels_out);
    let after = copies(product(&conv.output).saturating_mul(out));
    let sums = u128::from(log2_ceil(s.fit));
    let inside = s.taps.saturating_sub(1).saturating_add(q.saturating_mul(sums));
    Ok(Packing {
        inputs: s.inputs,
        outputs: s.outputs,
        products: s.inputs.saturating_mul(s.taps.saturating_mul(q)).saturating_add(out),
        rotations: s.inputs.saturating_mul(inside).saturating_add(out).saturating_add(u128::from(after - 1)),
        fast: 0,
        adds: 0,
    })
}

/// One plaintext for each tap and output channel, outputs aligned by one rotation each: k^2 Cout products,
/// k^2 - 1 fast rotations, (k - 1)^2 + Cout others, k^2 Cout sums. Where Cout is no multiple of Cin, the outputs are
/// filled up with zeros to the next one; in a first layer, of three channels, the code sums the channels of each output
/// by Cin (Cin - 1) / 2 = 3 rotations and a mask instead. Stride 2 packs the rows, then the channels, of the output
/// anew: [`repack`].
/// 16 -> 16 channels, 3x3: 144 products, 8 fast rotations, 20 others. 512 -> 1,000: 1,024 diagonals.
pub(in crate::cost) fn diagonal(conv: &Conv, slots: u64) -> Result<Packing, &'static str> {
    let s = Sizes::of(conv, slots)?;
    let (cin, out) = (u128::from(s.fit), u128::from(s.channels_out));
    let filled = out.div_ceil(s.channels_in.into()).saturating_mul(s.channels_in.into());
    let is_image = s.channels_in == IMAGE && filled != out;
    let (diagonals, sums, masks) = match s.channels_in > s.channels_out {
        true => (out.max(cin), 0, 0),
        false if is_image => (out, cin.saturating_mul(cin - 1) / 2, 1),
        false => (filled, 0, 0),
    };
    let corners: Vec<u64> = conv.kernel.iter().map(|k| k.saturating_sub(1)).collect();
    let mut all = Packing {
        inputs: s.inputs,
        outputs: s.outputs,
        products: diagonals.saturating_mul(s.taps + masks),
        rotations: diagonals.saturating_mul(1 + sums).saturating_add(product(&corners)),
        fast: s.taps.saturating_sub(1),
        adds: diagonals.saturating_mul(s.taps + sums),
    };
    for count in [&mut all.products, &mut all.rotations, &mut all.fast, &mut all.adds] {
        *count = count.saturating_mul(s.inputs);
    }
    if conv.strides.contains(&2) {
        let packed = repack(conv);
        all.products = all.products.saturating_add(packed);
        all.rotations = all.rotations.saturating_add(packed);
        all.adds = all.adds.saturating_add(packed);
    }
    Ok(all)
}

/// Products, and about as many rotations and sums, of packing a strided output anew: two halves, log2(width) - 1
/// masks that move columns, one mask for each row and each channel. 32 channels at 16x16: 2 + 3 + 16 + 32 = 53.
/// (At 8x8 the code runs 32 masks of rows where 8 do.)
fn repack(conv: &Conv) -> u128 {
    let width = conv.output.last().copied().unwrap_or(1);
    let rows = conv.output.first().copied().unwrap_or(1);
    u128::from(1 + log2_ceil(width)) + u128::from(rows) + u128::from(conv.out_channels)
}
