//! Convolution and transposed convolution, of one or two spatial axes.

use crate::engines::gpu::shader::File;
use crate::error::Result;
use crate::ir::dim::Dim;
use crate::ir::graph::{Node, ValueId};
use crate::ir::windows::{ConvSizes, WindowAxis};
use crate::run::gpu::program::{Constant, Kind, Scale, Step};

use super::{GROUP_ELEMENTS, Lower, View, kernel, lacking};

/// Output channels of a block: what an invocation of `conv.wgsl` makes.
const BLOCK: usize = 8;

/// A convolution's sizes as the kernels want them.
struct Sizes {
    transposed: bool,
    batch: usize,
    groups: usize,
    /// Input and output channels of a group.
    channels: usize,
    filters: usize,
    input: [u32; 2],
    output: [u32; 2],
    taps: [u32; 2],
    stride: [u32; 2],
    dilation: [u32; 2],
    pads: [u32; 2],
    padded: bool,
}

/// What a BatchNorm behind the layer makes of its weights and bias.
struct Folded {
    factors: Vec<f32>,
    bias: Vec<f32>,
    end: ValueId,
}

pub(super) fn conv(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let (x, w) = (lower.floats(node, 0)?, node.input(1).ok_or_else(|| lacking("no weight"))?);
    let weight_dims = lower.sizes(w)?;
    let sizes = sizes(node, &x.dims, &weight_dims)?;
    let out = lower.first_output(node)?;
    let folded = fold(lower, node, &sizes, w, out)?;
    let tail = lower.tail(folded.as_ref().map_or(out, |folded| folded.end), true)?;
    let (weights, bias) = match &folded {
        Some(folded) => {
            let taps = taps(&sizes);
            let inner = if sizes.transposed { taps } else { sizes.channels * taps };
            let factors = if sizes.transposed {
                // [input channel, output channel of its group]: the group's factors for each input channel.
                (0..sizes.groups * sizes.channels)
                    .flat_map(|c| {
                        let first = c / sizes.channels * sizes.filters;
                        folded.factors.get(first..first + sizes.filters).unwrap_or_default().to_vec()
                    })
                    .collect()
            } else {
                folded.factors.clone()
            };
            let weight = Constant::Weight { value: w, scale: Some(Scale { inner, factors }) };
            (lower.constant(weight_dims.clone(), weight)?, Some(lower.table(&folded.bias)))
        }
        None => {
            let bias = match node.input(2) {
                Some(_) => Some(lower.floats(node, 2)?.tensor),
                None => None,
            };
            (lower.view(w)?, bias)
        }
    };
    if weights.kind != Kind::F32 {
        return Err(lacking("integer weights"));
    }
    let result = lower.output(tail.end, Kind::F32)?;
    let depthwise = sizes.channels == 1 && sizes.filters == 1;
    let weights = if depthwise { weights } else { pack(lower, &sizes, &weights)? };
    let absent = weights.tensor;
    let reads = vec![x.tensor, weights.tensor, bias.unwrap_or(absent), tail.residual.unwrap_or(absent)];
    // Windows three wide that move by one share what they read.
    let three = sizes.taps[1] == 3 && sizes.stride[1] == 1 && sizes.dilation[1] == 1 && !sizes.transposed;
    let (file, tile) = match (depthwise, three) {
        (true, _) => (File::Depthwise, None),
        (_, true) => (File::Conv3, Some(tile(&sizes, fours(&sizes)))),
        _ => (File::Conv, Some(tile(&sizes, pixels(&sizes).div_ceil(4)))),
    };
    let mut kernel = kernel(file)
        .flag("BIAS", bias.is_some())
        .flag("RESIDUAL", tail.residual.is_some())
        .flag("TRANSPOSED", sizes.transposed);
    if let Some(tile) = &tile {
        kernel = kernel.flag("PADDED", sizes.padded).set("LANES", tile.lanes).set("ROWS", tile.rows);
    }
    let (kernel, mut params, reads) =
        lower.activated(kernel, &tail.activation, &result.dims, (reads, absent))?;
    let total = result.dims.iter().product::<usize>();
    let blocks = sizes.filters.div_ceil(BLOCK);
    params.extend([sizes.channels, sizes.filters, blocks, sizes.groups].map(|n| n as u32));
    for pair in [sizes.input, sizes.output, sizes.taps, sizes.stride, sizes.dilation, sizes.pads] {
        params.extend(pair);
    }
    params.extend([pixels(&sizes), total].map(|n| n as u32));
    let mut step = match &tile {
        Some(tile) => {
            let groups = lower.groups(tile.groups)?;
            let (writes, node, macs) = (result.tensor, lower.node_index(), 0);
            Step { kernel, params, reads, writes, groups, node, macs }
        }
        None => lower.flat(kernel, params, reads, &result, (total, GROUP_ELEMENTS))?,
    };
    step.macs = macs(&sizes);
    lower.emit(vec![step]);
    lower.bind(tail.end, result);
    Ok(())
}

fn taps(sizes: &Sizes) -> usize {
    sizes.taps.iter().map(|n| *n as usize).product()
}

fn pixels(sizes: &Sizes) -> usize {
    sizes.batch * sizes.output.iter().map(|n| *n as usize).product::<usize>()
}

/// Each pixel (of the input, where transposed) meets each tap and pair of channels of a group.
fn macs(sizes: &Sizes) -> u64 {
    let side = if sizes.transposed { sizes.input } else { sizes.output };
    let pixels = sizes.batch as u64 * u64::from(side[0]) * u64::from(side[1]);
    pixels * (sizes.groups * sizes.channels * sizes.filters * taps(sizes)) as u64
}

/// Fours of pixels, each in one row. 5x5: 10.
fn fours(sizes: &Sizes) -> usize {
    let [height, width] = sizes.output.map(|n| n as usize);
    sizes.batch * height * width.div_ceil(4)
}

/// Lanes along fours of pixels and rows along blocks of channels: 64 invocations, fewer lanes where
/// there are few pixels. 25 fours: 32 lanes, 2 rows.
struct Tile {
    lanes: u32,
    rows: u32,
    groups: [usize; 3],
}

fn tile(sizes: &Sizes, fours: usize) -> Tile {
    let blocks = sizes.groups * sizes.filters.div_ceil(BLOCK);
    let lanes = fours.next_power_of_two().clamp(4, 64);
    let rows = (64 / lanes).min(blocks.next_power_of_two()).max(1);
    let groups = [fours.div_ceil(lanes), blocks.div_ceil(rows), 1];
    Tile { lanes: lanes as u32, rows: rows as u32, groups }
}

fn sizes(node: &Node, input: &[usize], weight: &[usize]) -> Result<Sizes> {
    let transposed = node.op == "ConvTranspose";
    let dims = |sizes: &[usize]| -> Vec<Dim> { sizes.iter().map(|n| Dim::Known(*n as i64)).collect() };
    let found = if transposed {
        ConvSizes::transposed(&node.attrs, &dims(input), &dims(weight))
    } else {
        ConvSizes::conv(&node.attrs, &dims(input), &dims(weight))
    };
    let found = found.map_err(|why| lacking(why.0))?;
    let groups = found.groups.max(1) as usize;
    let axes = two_axes(&found.axes)?;
    Ok(Sizes {
        transposed,
        batch: number(&found.batch)? as usize,
        groups,
        channels: number(&found.in_channels)? as usize / groups,
        filters: number(&found.out_channels)? as usize / groups,
        input: each(&axes, |axis| number(&axis.input))?,
        output: each(&axes, |axis| number(&axis.output))?,
        taps: each(&axes, |axis| number(&axis.kernel))?,
        stride: each(&axes, |axis| Ok(axis.stride as u32))?,
        dilation: each(&axes, |axis| Ok(axis.dilation as u32))?,
        pads: each(&axes, |axis| number(&axis.pads[0]))?,
        // A transposed window has taps that meet nothing even without pads.
        padded: transposed || axes.iter().any(overhangs),
    })
}

/// Whether some window reaches past the input's begin or end.
fn overhangs(axis: &WindowAxis) -> bool {
    let known = |dim: &Dim| dim.known().unwrap_or(i64::MAX / 8);
    let last = (known(&axis.output) - 1) * axis.stride + (known(&axis.kernel) - 1) * axis.dilation;
    known(&axis.pads[0]) > 0 || last - known(&axis.pads[0]) >= known(&axis.input)
}

/// Height and width; a single axis is the width of one row.
pub(super) fn two_axes(axes: &[WindowAxis]) -> Result<[WindowAxis; 2]> {
    let row = WindowAxis {
        input: Dim::Known(1),
        output: Dim::Known(1),
        kernel: Dim::Known(1),
        stride: 1,
        dilation: 1,
        pads: [Dim::Known(0), Dim::Known(0)],
    };
    match axes {
        [width] => Ok([row, width.clone()]),
        [height, width] => Ok([height.clone(), width.clone()]),
        _ => Err(lacking(format!("windows of {} axes; the GPU engine has 1 and 2", axes.len()))),
    }
}

/// A number for each of the two axes.
pub(super) fn each(axes: &[WindowAxis; 2], read: impl Fn(&WindowAxis) -> Result<u32>) -> Result<[u32; 2]> {
    let [height, width] = axes;
    Ok([read(height)?, read(width)?])
}

/// A size that is a number of 32 bits.
pub(super) fn number(dim: &Dim) -> Result<u32> {
    dim.known().and_then(|n| u32::try_from(n).ok()).ok_or_else(|| lacking("a size that only running tells"))
}

/// Weights as `conv.wgsl` reads them.
fn pack(lower: &mut Lower<'_>, sizes: &Sizes, weights: &View) -> Result<View> {
    let (taps, blocks) = (taps(sizes), sizes.filters.div_ceil(BLOCK));
    let packed = lower.tensor(vec![sizes.groups, blocks, taps, sizes.channels, BLOCK], Kind::F32)?;
    let total = packed.dims.iter().product::<usize>();
    // Conv: [group, filter | channel, tap]; ConvTranspose: [group, channel | filter, tap].
    let (group, filter, channel) = if sizes.transposed {
        (sizes.channels * sizes.filters * taps, taps, sizes.filters * taps)
    } else {
        (sizes.filters * sizes.channels * taps, sizes.channels * taps, taps)
    };
    let params = [sizes.filters, blocks, sizes.channels, taps, group, filter, channel, total];
    let params = params.map(|n| n as u32).to_vec();
    let step =
        lower.flat(kernel(File::Pack), params, vec![weights.tensor], &packed, (total, GROUP_ELEMENTS))?;
    lower.emit(vec![step]);
    Ok(packed)
}

/// Folds a BatchNorm that alone reads the layer, where weights and statistics are stored:
/// w' = w * f, b' = (b - mean) * f + beta, f = gamma / sqrt(var + epsilon).
fn fold(
    lower: &mut Lower<'_>,
    node: &Node,
    sizes: &Sizes,
    weight: ValueId,
    out: ValueId,
) -> Result<Option<Folded>> {
    if lower.graph.value(weight).weight.is_none() {
        return Ok(None);
    }
    let Some((id, norm)) = lower.sole_reader(out) else { return Ok(None) };
    if norm.op != "BatchNormalization" || !lower.statistics_are_stored(norm) {
        return Ok(None);
    }
    let norm = norm.clone();
    let (factors, shifts) = lower.affine(&norm)?;
    let filters = sizes.groups * sizes.filters;
    let bias = match node.input(2) {
        Some(bias) if lower.is_constant(bias) => lower.numbers(node, 2)?.unwrap_or_default(),
        Some(_) => return Ok(None),
        None => vec![0.0; filters],
    };
    let Some(end) = norm.output(0).filter(|_| factors.len() == filters && bias.len() == filters) else {
        return Ok(None);
    };
    lower.absorb(id);
    let bias = bias.iter().zip(&factors).zip(&shifts).map(|((b, f), s)| (b * f + s) as f32).collect();
    Ok(Some(Folded { factors: factors.iter().map(|f| *f as f32).collect(), bias, end }))
}
