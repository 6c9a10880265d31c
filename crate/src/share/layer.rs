//! One row of the table to bytes and back. A mask says which parts differ from what the rows
//! before and the row's own work lead to expect.

use super::predict::{comparisons, elements, figures, size};
use super::wire::{Reader, Writer};
use super::{Figures, Layer, Size, damaged};
use crate::count::{Activation, Conv, Kind, Work};
use crate::error::Result;
use crate::limits::{MAX_RANK, MAX_ROW_READS};

/// Kinds by number: append, never reorder.
pub(super) const KINDS: [Kind; 52] = [
    Kind::ReLU,
    Kind::ReLU6,
    Kind::Clip,
    Kind::LeakyReLU,
    Kind::PReLU,
    Kind::ThresholdedReLU,
    Kind::SiLU,
    Kind::QuickGELU,
    Kind::GELU,
    Kind::GELUTanh,
    Kind::Mish,
    Kind::HardSwish,
    Kind::HardSigmoid,
    Kind::Sigmoid,
    Kind::Tanh,
    Kind::ELU,
    Kind::SELU,
    Kind::CELU,
    Kind::Softplus,
    Kind::Softsign,
    Kind::Shrink,
    Kind::Erf,
    Kind::Exp,
    Kind::Log,
    Kind::Sqrt,
    Kind::Reciprocal,
    Kind::Division,
    Kind::Power,
    Kind::Trigonometric,
    Kind::Rounding,
    Kind::Abs,
    Kind::Comparison,
    Kind::Logic,
    Kind::Softmax,
    Kind::LogSoftmax,
    Kind::MaxPool,
    Kind::ReduceMax,
    Kind::ArgMax,
    Kind::TopK,
    Kind::LayerNorm,
    Kind::RMSNorm,
    Kind::InstanceNorm,
    Kind::GroupNorm,
    Kind::LRN,
    Kind::LSTM,
    Kind::GRU,
    Kind::RNN,
    Kind::LookUp,
    Kind::LessThan,
    Kind::Equality,
    Kind::Choice,
    Kind::Sign,
];

const SHAPE: u64 = 1;
const STAGE: u64 = 1 << 1;
const BLOCK: u64 = 1 << 2;
const INDEX: u64 = 1 << 3;
/// A number that the first links held and that nothing reads now.
const LEVEL: u64 = 1 << 4;
const REASON: u64 = 1 << 5;
const MARKS: u64 = 1 << 6;
const WORK: u64 = 1 << 7;
const NAME: u64 = 1 << 8;
/// First of the bits of the figures.
const FIGURE: u32 = 9;
const FIGURES: usize = 12;
/// It reads other rows than the one just before: bits above the figures came later, and a link
/// without them is a chain.
const AFTER: u64 = 1 << (FIGURE as usize + FIGURES);
/// The table shows another function than the first of the work.
const SHOWN: u64 = AFTER << 1;
/// The work is done several times.
const PASSES: u64 = AFTER << 2;
const ALL: u64 = (PASSES << 1) - 1;
/// Spatial axes, pieces of work in a row, marks of a row.
const MAX_AXES: usize = 16;
const MAX_WORK: usize = 64;
const MAX_MARKS: usize = 64;

/// What the rows before lead to expect.
#[derive(Default)]
pub(super) struct Before {
    shape: Option<Vec<Size>>,
    stage: String,
    block: u32,
    index: u32,
    /// Rows with work, or whose work is not known: those that others can read.
    rows: u32,
}

impl Before {
    fn next(&mut self, layer: &Layer) {
        self.shape.clone_from(&layer.shape);
        self.stage.clone_from(&layer.stage);
        self.block = layer.block;
        self.index = layer.row.index.saturating_add(1);
        self.rows += u32::from(!layer.row.work.is_empty() || layer.row.unknown.is_some());
    }
}

pub(super) fn write(out: &mut Writer, layer: &Layer, before: &mut Before) {
    let row = &layer.row;
    let expected = figures(layer, layer.figures.bias);
    let (own, predicted) = (flat(&layer.figures), flat(&Figures { bias: 0, ..expected }));
    let mut mask = 0;
    for (bit, differs) in [
        (SHAPE, layer.shape != before.shape),
        (STAGE, layer.stage != before.stage),
        (BLOCK, layer.block != before.block),
        (INDEX, row.index != before.index),
        (AFTER, row.after.is_some()),
        (SHOWN, layer.shown.is_some()),
        (PASSES, row.passes.is_some()),
        (REASON, row.unknown.is_some()),
        (MARKS, !layer.marks.is_empty()),
        (WORK, !row.work.is_empty()),
        (NAME, !row.name.is_empty()),
    ] {
        mask |= if differs { bit } else { 0 };
    }
    for place in (0..FIGURES).filter(|place| own.get(*place) != predicted.get(*place)) {
        mask |= 1 << (FIGURE as usize + place);
    }
    out.text(&row.op);
    out.number(mask);
    if mask & SHAPE != 0 {
        write_shape(out, layer.shape.as_deref());
    }
    if mask & STAGE != 0 {
        out.text(&layer.stage);
    }
    for (bit, value) in [(BLOCK, layer.block), (INDEX, row.index)] {
        if mask & bit != 0 {
            out.number(value.into());
        }
    }
    if let Some(reason) = &row.unknown {
        out.text(reason);
    }
    if mask & MARKS != 0 {
        out.number(layer.marks.len() as u64);
        layer.marks.iter().for_each(|mark| out.text(mark));
    }
    if mask & NAME != 0 {
        out.text(&row.name);
    }
    if mask & WORK != 0 {
        out.number(row.work.len() as u64);
        row.work
            .iter()
            .for_each(|work| write_work(out, work, layer.shape.as_deref(), before.shape.as_deref()));
    }
    for (place, value) in own.into_iter().enumerate() {
        if mask & (1 << (FIGURE as usize + place)) != 0 {
            out.optional(value);
        }
    }
    if let Some(reads) = &row.after {
        out.number(reads.len() as u64);
        // How far back each is.
        reads.iter().for_each(|read| out.number(before.rows.saturating_sub(*read).into()));
    }
    if let Some(shown) = &layer.shown {
        write_work(out, &Work::Activation(*shown), layer.shape.as_deref(), None);
    }
    if let Some(passes) = row.passes {
        out.number(passes);
    }
    before.next(layer);
}

pub(super) fn read(input: &mut Reader<'_>, before: &mut Before) -> Result<Layer> {
    let mut layer = Layer::default();
    layer.row.op = input.text()?;
    let mask = input.number_to(ALL)?;
    layer.shape = if mask & SHAPE != 0 { read_shape(input)? } else { before.shape.clone() };
    input.take(layer.shape.as_ref().map_or(0, Vec::len))?;
    layer.stage = if mask & STAGE != 0 { input.text()? } else { before.stage.clone() };
    layer.block = if mask & BLOCK != 0 { input.u32()? } else { before.block };
    layer.row.index = if mask & INDEX != 0 { input.u32()? } else { before.index };
    if mask & LEVEL != 0 {
        input.u32()?;
    }
    layer.row.unknown = if mask & REASON != 0 { Some(input.text()?) } else { None };
    if mask & MARKS != 0 {
        for _ in 0..input.count(MAX_MARKS)? {
            layer.marks.push(input.text()?);
        }
    }
    if mask & NAME != 0 {
        layer.row.name = input.text()?;
    }
    if mask & WORK != 0 {
        for _ in 0..input.count(MAX_WORK)? {
            layer.row.work.push(read_work(input, layer.shape.as_deref(), before.shape.as_deref())?);
        }
    }
    layer.figures = read_figures(input, mask, &layer)?;
    if mask & AFTER != 0 {
        let mut reads = Vec::new();
        for _ in 0..input.count(MAX_ROW_READS)? {
            let back = input.u32()?;
            let read = before.rows.checked_sub(back).filter(|_| back > 0);
            reads.push(read.ok_or_else(|| damaged("a row reads one that is not before it"))?);
        }
        layer.row.after = Some(reads);
    }
    if mask & SHOWN != 0 {
        layer.shown = match read_work(input, layer.shape.as_deref(), None)? {
            Work::Activation(shown) => Some(shown),
            _ => return Err(damaged("a row shows what is no function")),
        };
    }
    if mask & PASSES != 0 {
        layer.row.passes = Some(input.number_to(i64::MAX as u64)?);
    }
    before.next(&layer);
    Ok(layer)
}

/// The bias comes first: what is expected of the others hangs on it.
fn read_figures(input: &mut Reader<'_>, mask: u64, layer: &Layer) -> Result<Figures> {
    let mut given = [None; FIGURES];
    for (place, slot) in given.iter_mut().enumerate() {
        if mask & (1 << (FIGURE as usize + place)) != 0 {
            *slot = Some(input.optional()?);
        }
    }
    let [bias, ..] = given;
    let bias = bias.flatten().unwrap_or(0);
    let expected = flat(&Figures { bias: 0, ..figures(layer, bias) });
    let mut values = [None; FIGURES];
    for ((value, given), expected) in values.iter_mut().zip(given).zip(expected) {
        *value = given.unwrap_or(expected);
        if value.is_some_and(|value| value > i64::MAX as u64) {
            return Err(damaged("a figure is out of range"));
        }
    }
    let [
        bias,
        macs,
        macs_valid,
        params,
        shared,
        average,
        truncations,
        products,
        adds,
        norm,
        weight,
        activation,
    ] = values;
    let number = |value: Option<u64>| value.ok_or_else(|| damaged("a figure is missing"));
    Ok(Figures {
        macs,
        macs_valid,
        params,
        params_shared: number(shared)?,
        average_pool: number(average)?,
        truncations: number(truncations)?,
        products: number(products)?,
        adds: number(adds)?,
        bias: number(bias)?,
        batch_norm: number(norm)?,
        weight_bytes: number(weight)?,
        activation_bytes: activation,
    })
}

fn flat(figures: &Figures) -> [Option<u64>; FIGURES] {
    let f = figures;
    [
        Some(f.bias),
        f.macs,
        f.macs_valid,
        f.params,
        Some(f.params_shared),
        Some(f.average_pool),
        Some(f.truncations),
        Some(f.products),
        Some(f.adds),
        Some(f.batch_norm),
        Some(f.weight_bytes),
        f.activation_bytes,
    ]
}

/// 0 for unknown; else rank + 1, then each size + 1, or 0 and a text.
pub(super) fn write_shape(out: &mut Writer, shape: Option<&[Size]>) {
    out.optional(shape.map(|shape| shape.len() as u64));
    for size in shape.unwrap_or_default() {
        match size {
            Size::Known(size) => out.optional(Some(*size)),
            Size::Symbolic(name) => {
                out.optional(None);
                out.text(name);
            }
        }
    }
}

pub(super) fn read_shape(input: &mut Reader<'_>) -> Result<Option<Vec<Size>>> {
    let Some(rank) = input.optional()? else { return Ok(None) };
    if rank > MAX_RANK as u64 {
        return Err(damaged("a shape has too many axes"));
    }
    let size = |input: &mut Reader<'_>| {
        Ok(match input.optional()? {
            Some(size) => Size::Known(size),
            None => Size::Symbolic(input.text()?),
        })
    };
    (0..rank).map(|_| size(input)).collect::<Result<_>>().map(Some)
}

fn write_work(out: &mut Writer, work: &Work, shape: Option<&[Size]>, before: Option<&[Size]>) {
    let all = elements(shape);
    match work {
        Work::Conv(conv) => {
            out.number(if conv.places.is_some() { 13 } else { 0 });
            write_conv(out, conv, shape, before);
            conv.places.iter().for_each(|places| out.number(*places));
        }
        Work::ConvTranspose(conv) => {
            out.number(1);
            write_conv(out, conv, shape, before);
        }
        Work::MatMul { batch, m, k, n, secret, steps } => {
            out.number(if *secret { 3 } else { 2 });
            out.expected(*batch, 1);
            out.expected(*k, last(before));
            out.expected(*n, last(shape));
            out.expected(*m, rows(all, *batch, *n));
            out.expected(*steps, 1);
        }
        Work::Activation(a) => {
            out.number(if a.folded { 5 } else { 4 });
            let kind = KINDS.iter().position(|kind| *kind == a.kind).unwrap_or(KINDS.len());
            out.number(kind as u64);
            out.expected(a.elements, all);
            out.expected(a.rows, 0);
            out.expected(a.row_length, 0);
            out.expected(a.comparisons, comparisons(a.kind, a.elements));
        }
        Work::AvgPool { elements, window } => {
            out.number(6);
            out.expected(*elements, all);
            out.number(*window);
        }
        Work::Product { elements } => write_elements(out, 7, *elements, all),
        Work::Scale { elements } => write_elements(out, 8, *elements, all),
        Work::BatchNorm { elements } => write_elements(out, 9, *elements, all),
        Work::Add { elements } => write_elements(out, 10, *elements, all),
        Work::Poly2 { elements, secret } => write_elements(out, 11 + u64::from(*secret), *elements, all),
    }
}

fn write_elements(out: &mut Writer, tag: u64, elements: u64, all: u64) {
    out.number(tag);
    out.expected(elements, all);
}

fn read_work(input: &mut Reader<'_>, shape: Option<&[Size]>, before: Option<&[Size]>) -> Result<Work> {
    let all = elements(shape);
    let tag = input.number()?;
    Ok(match tag {
        0 => Work::Conv(read_conv(input, shape, before)?),
        13 => {
            let conv = read_conv(input, shape, before)?;
            Work::Conv(Conv { places: Some(input.number()?), ..conv })
        }
        1 => Work::ConvTranspose(read_conv(input, shape, before)?),
        2 | 3 => {
            let batch = input.expected(1)?;
            let k = input.expected(last(before))?;
            let n = input.expected(last(shape))?;
            let m = input.expected(rows(all, batch, n))?;
            Work::MatMul { batch, m, k, n, secret: tag == 3, steps: input.expected(1)? }
        }
        4 | 5 => {
            let kind = usize::try_from(input.number()?).ok().and_then(|kind| KINDS.get(kind));
            let kind = *kind.ok_or_else(|| damaged("an activation is not known"))?;
            let elements = input.expected(all)?;
            Work::Activation(Activation {
                kind,
                elements,
                rows: input.expected(0)?,
                row_length: input.expected(0)?,
                comparisons: input.expected(comparisons(kind, elements))?,
                folded: tag == 5,
            })
        }
        6 => Work::AvgPool { elements: input.expected(all)?, window: input.number()? },
        7 => Work::Product { elements: input.expected(all)? },
        8 => Work::Scale { elements: input.expected(all)? },
        9 => Work::BatchNorm { elements: input.expected(all)? },
        10 => Work::Add { elements: input.expected(all)? },
        11 | 12 => Work::Poly2 { elements: input.expected(all)?, secret: tag == 12 },
        _ => return Err(damaged("a kind of work is not known")),
    })
}

fn last(shape: Option<&[Size]>) -> u64 {
    shape.map_or(0, |sizes| size(shape, sizes.len().saturating_sub(1)))
}

fn rows(all: u64, batch: u64, n: u64) -> u64 {
    all.checked_div(batch.saturating_mul(n)).unwrap_or(0)
}

/// Expected: output sizes of the row's shape, input sizes `stride` times those, "same" padding.
fn write_conv(out: &mut Writer, conv: &Conv, shape: Option<&[Size]>, before: Option<&[Size]>) {
    out.expected(conv.batch, size(shape, 0));
    out.expected(conv.in_channels, size(before, 1));
    out.expected(conv.out_channels, size(shape, 1));
    out.expected(conv.groups, 1);
    out.number(conv.output.len() as u64);
    let (mut kernel, mut stride, mut dilation) = (3, 1, 1);
    for axis in 0..conv.output.len() {
        let get = |sizes: &[u64]| sizes.get(axis).copied().unwrap_or(0);
        out.expected(get(&conv.output), size(shape, axis + 2));
        out.expected(get(&conv.kernel), kernel);
        out.expected(get(&conv.strides), stride);
        out.expected(get(&conv.dilations), dilation);
        (kernel, stride, dilation) = (get(&conv.kernel), get(&conv.strides), get(&conv.dilations));
        out.expected(get(&conv.input), get(&conv.output).saturating_mul(stride));
        let pads = conv.pads.get(axis).copied().unwrap_or_default();
        out.expected(pads.0, same_pad(kernel, dilation));
        out.expected(pads.1, pads.0);
    }
}

fn read_conv(input: &mut Reader<'_>, shape: Option<&[Size]>, before: Option<&[Size]>) -> Result<Conv> {
    let mut conv = Conv {
        batch: input.expected(size(shape, 0))?,
        in_channels: input.expected(size(before, 1))?,
        out_channels: input.expected(size(shape, 1))?,
        groups: input.expected(1)?,
        input: Vec::new(),
        output: Vec::new(),
        kernel: Vec::new(),
        strides: Vec::new(),
        dilations: Vec::new(),
        pads: Vec::new(),
        places: None,
    };
    let (mut kernel, mut stride, mut dilation) = (3, 1, 1);
    for axis in 0..input.count(MAX_AXES)? {
        let output = input.expected(size(shape, axis + 2))?;
        kernel = input.expected(kernel)?;
        stride = input.expected(stride)?;
        dilation = input.expected(dilation)?;
        if conv.groups == 0 || kernel == 0 || stride == 0 || dilation == 0 {
            return Err(damaged("a convolution has a size of zero"));
        }
        conv.output.push(output);
        conv.kernel.push(kernel);
        conv.strides.push(stride);
        conv.dilations.push(dilation);
        conv.input.push(input.expected(output.saturating_mul(stride))?);
        let pad = input.expected(same_pad(kernel, dilation))?;
        conv.pads.push((pad, input.expected(pad)?));
    }
    Ok(conv)
}

fn same_pad(kernel: u64, dilation: u64) -> u64 {
    kernel.saturating_sub(1).saturating_mul(dilation) / 2
}
