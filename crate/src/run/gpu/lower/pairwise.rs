//! Functions of two tensors with broadcasting, on floats, whole numbers and booleans; and casts, which
//! are such functions of one.
//!
//! Whole numbers of up to 32 bits wrap around as their type says. Those of 64 bits are held in 32, so
//! what could leave these is refused: sums, differences, products, powers.

use crate::engines::gpu::shader::File;
use crate::error::Result;
use crate::ir::dtype::DType;
use crate::ir::graph::{Node, ValueId};
use crate::run::gpu::activation::Activation;
use crate::run::gpu::program::Kind;

use super::elementwise::{broadcast, walk};
use super::layout::alias;
use super::{GROUP_ELEMENTS, Lower, View, eight, kernel, lacking};

/// What the numbers of a type are.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Numbers {
    Floats,
    Truths,
    Whole { bits: u32, signed: bool },
}

impl Numbers {
    fn of(dtype: Option<DType>) -> Result<Self> {
        let whole = |bits, signed| Ok(Self::Whole { bits, signed });
        match dtype {
            Some(DType::F32 | DType::F16) => Ok(Self::Floats),
            Some(DType::Bool) => Ok(Self::Truths),
            Some(DType::U8) => whole(8, false),
            Some(DType::I8) => whole(8, true),
            Some(DType::U16) => whole(16, false),
            Some(DType::I16) => whole(16, true),
            Some(DType::I32) => whole(32, true),
            Some(DType::I64) => whole(64, true),
            _ => Err(lacking("a value without an element type")),
        }
    }

    /// The least and the greatest, where a float holds them all.
    fn range(self) -> Option<[f32; 2]> {
        match self {
            Self::Truths => Some([0.0, 1.0]),
            Self::Whole { bits: bits @ ..=16, signed: false } => Some([0.0, 2f32.powi(bits as i32) - 1.0]),
            Self::Whole { bits: bits @ ..=16, signed: true } => {
                let half = 2f32.powi(bits as i32 - 1);
                Some([-half, half - 1.0])
            }
            _ => None,
        }
    }
}

/// Whole numbers that pass through a kernel as floats.
pub(super) struct Passing {
    numbers: Numbers,
    /// The least and the greatest.
    pub(super) range: [f32; 2],
}

/// What `binary.wgsl` computes.
struct Function {
    name: &'static str,
    /// Types of the operands.
    types: [&'static str; 2],
    result: Numbers,
    activation: Activation,
}

impl Function {
    fn new(name: &'static str, types: [&'static str; 2], result: Numbers) -> Self {
        Self { name, types, result, activation: Activation::NONE }
    }
}

const FLOATS: [&str; 2] = ["f32", "f32"];
const WHOLES: [&str; 2] = ["i32", "i32"];

/// Functions of an operator on floats and on whole numbers; "" where there is none.
fn functions(node: &Node) -> (&'static str, &'static str) {
    match node.op.as_str() {
        "Add" | "Sum" | "Mean" => ("sum", "whole_sum"),
        "Sub" => ("difference", "whole_difference"),
        "Mul" => ("product", "whole_product"),
        "Div" => ("quotient", "whole_quotient"),
        "Pow" => ("power", "whole_power"),
        "PRelu" => ("slope", ""),
        "Max" => ("maximum", "whole_maximum"),
        "Min" => ("minimum", "whole_minimum"),
        "Mod" if node.attrs.int_or("fmod", 0) == 1 => ("remainder", "whole_remainder"),
        "Mod" => ("modulus", "whole_modulus"),
        "Equal" => ("equal", "whole_equal"),
        "Less" => ("less", "whole_less"),
        "LessOrEqual" => ("less_or_equal", "whole_less_or_equal"),
        "Greater" => ("greater", "whole_greater"),
        "GreaterOrEqual" => ("greater_or_equal", "whole_greater_or_equal"),
        "And" => ("", "both"),
        "Or" => ("", "either"),
        "Xor" => ("", "differ"),
        _ => ("", ""),
    }
}

/// The operator's function of these operands.
fn function(lower: &Lower<'_>, node: &Node, kinds: [Kind; 2]) -> Result<Function> {
    let out = lower.first_output(node)?;
    let result = Numbers::of(lower.model.dtype(out))?;
    let (floats, wholes) = functions(node);
    let (name, types) = match kinds {
        [Kind::F32, Kind::F32] => (floats, FLOATS),
        [Kind::I32, Kind::I32] => (wholes, WHOLES),
        [Kind::F32, Kind::I32] if node.op == "Pow" => ("power_by_whole", ["f32", "i32"]),
        _ => return Err(lacking("operands of different kinds")),
    };
    if name.is_empty() {
        return Err(lacking("element types that the operator is not for"));
    }
    let leaves = matches!(name, "whole_sum" | "whole_difference" | "whole_product" | "whole_power");
    if leaves && matches!(result, Numbers::Whole { bits: 64, .. }) {
        return Err(lacking("arithmetic of int64"));
    }
    Ok(Function::new(name, types, result))
}

/// A function of two tensors.
pub(super) fn binary(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let (a, b) = (lower.input(node, 0)?, lower.input(node, 1)?);
    let mut function = function(lower, node, [a.kind, b.kind])?;
    let mut end = lower.first_output(node)?;
    if function.result == Numbers::Floats {
        let tail = lower.tail(end, false)?;
        (function.activation, end) = (tail.activation, tail.end);
    }
    let result = pairwise(lower, (&a, &b), function)?;
    lower.bind(end, result);
    Ok(())
}

/// The first of many.
pub(super) fn variadic(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let mut all = lower.input(node, 0)?;
    let count = node.inputs.len();
    for place in 1..count {
        let next = lower.input(node, place)?;
        let function = function(lower, node, [all.kind, next.kind])?;
        all = pairwise(lower, (&all, &next), function)?;
    }
    if node.op == "Mean" {
        let factor = lower.table(&[1.0 / count as f32]);
        let factor = View { tensor: factor, dims: Vec::new(), kind: Kind::F32 };
        all = pairwise(lower, (&all, &factor), Function::new("product", FLOATS, Numbers::Floats))?;
    }
    let out = lower.first_output(node)?;
    lower.bind(out, all);
    Ok(())
}

/// Not: x differs from true.
pub(super) fn not(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let x = lower.input(node, 0)?;
    let one = scalar(lower, 1);
    let result = pairwise(lower, (&x, &one), Function::new("differ", WHOLES, Numbers::Truths))?;
    let out = lower.first_output(node)?;
    lower.bind(out, result);
    Ok(())
}

/// Clip of whole numbers, between constant bounds.
pub(super) fn clip(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let out = lower.first_output(node)?;
    let result = Numbers::of(lower.model.dtype(out))?;
    let mut x = lower.input(node, 0)?;
    for (place, name) in [(1, "whole_maximum"), (2, "whole_minimum")] {
        if let Some(bound) = lower.wholes(node, place)?.and_then(|all| all.first().copied()) {
            let bound = bound.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
            let bound = scalar(lower, bound as u32);
            x = pairwise(lower, (&x, &bound), Function::new(name, WHOLES, result))?;
        }
    }
    lower.bind(out, x);
    Ok(())
}

/// Casts. Floats are cut to whole numbers; these wrap around in a narrower type.
pub(super) fn cast(lower: &mut Lower<'_>, node: &Node) -> Result<()> {
    let x = lower.input(node, 0)?;
    let out = lower.first_output(node)?;
    lower.kind(out)?;
    let from = Numbers::of(node.input(0).and_then(|id| lower.model.dtype(id)))?;
    let to = Numbers::of(lower.model.dtype(out))?;
    let holds = match (from, to) {
        (Numbers::Truths, Numbers::Whole { .. }) => true,
        (Numbers::Whole { bits, signed }, Numbers::Whole { bits: more, signed: negatives }) => {
            // 64 bits are held in 32.
            bits.min(32) < more || bits.min(32) == more.min(32) && signed == negatives
        }
        _ => from == to,
    };
    let unsigned = matches!(to, Numbers::Whole { signed: false, .. });
    let negative = matches!(from, Numbers::Whole { signed: true, .. });
    if holds && !(unsigned && negative) {
        return alias(lower, node);
    }
    let result = convert(lower, &x, (from, to))?;
    lower.bind(out, result);
    Ok(())
}

/// A value as floats, if they hold all its numbers; and the way back to whole ones.
pub(super) fn as_floats(lower: &mut Lower<'_>, id: ValueId) -> Result<(View, Option<Passing>)> {
    let x = lower.view(id)?;
    if x.kind == Kind::F32 {
        return Ok((x, None));
    }
    let numbers = Numbers::of(lower.model.dtype(id))?;
    let range = numbers.range().ok_or_else(|| lacking("whole numbers that a float does not hold"))?;
    Ok((convert(lower, &x, (numbers, Numbers::Floats))?, Some(Passing { numbers, range })))
}

/// The way back.
pub(super) fn from_floats(lower: &mut Lower<'_>, x: View, passing: Option<Passing>) -> Result<View> {
    match passing {
        Some(passing) => convert(lower, &x, (Numbers::Floats, passing.numbers)),
        None => Ok(x),
    }
}

fn convert(lower: &mut Lower<'_>, x: &View, (from, to): (Numbers, Numbers)) -> Result<View> {
    let (name, types) = match (from, to) {
        (Numbers::Floats, Numbers::Truths) => ("to_truth", ["f32", "i32"]),
        (Numbers::Floats, _) => ("to_whole", ["f32", "i32"]),
        (_, Numbers::Floats) => ("from_whole", WHOLES),
        (_, Numbers::Truths) => ("differ", WHOLES),
        _ => ("same_whole", WHOLES),
    };
    let zero = scalar(lower, 0);
    pairwise(lower, (x, &zero), Function::new(name, types, to))
}

fn scalar(lower: &mut Lower<'_>, word: u32) -> View {
    View { tensor: lower.word_table(vec![word]), dims: Vec::new(), kind: Kind::I32 }
}

fn pairwise(lower: &mut Lower<'_>, (a, b): (&View, &View), function: Function) -> Result<View> {
    let dims = broadcast(&[&a.dims, &b.dims])?;
    let (kind, out, finish) = match function.result {
        Numbers::Floats => (Kind::F32, "f32", "activated"),
        Numbers::Truths => (Kind::I32, "bool", "truth"),
        Numbers::Whole { .. } => (Kind::I32, "i32", "whole"),
    };
    let (bits, signed) = match function.result {
        Numbers::Whole { bits, signed } => (bits.min(32), signed),
        _ => (32, true),
    };
    let result = lower.tensor(dims.clone(), kind)?;
    let total = dims.iter().product::<usize>();
    let (loops, [a_steps, b_steps]) = walk(&dims, [&a.dims, &b.dims])?;
    let kernel = kernel(File::Binary)
        .set("RANK", loops.len() as u32)
        .set("BITS", bits)
        .flag("SIGNED", signed)
        .pair(function.name, function.types, (out, finish));
    let reads = (vec![a.tensor, b.tensor], a.tensor);
    let (kernel, mut params, reads) = lower.activated(kernel, &function.activation, &dims, reads)?;
    params.extend([total as u32, 0, 0, 0]);
    params.extend(eight(&loops, 1));
    params.extend(eight(&a_steps, 0));
    params.extend(eight(&b_steps, 0));
    let step = lower.flat(kernel, params, reads, &result, (total, GROUP_ELEMENTS))?;
    lower.emit(vec![step]);
    Ok(result)
}
