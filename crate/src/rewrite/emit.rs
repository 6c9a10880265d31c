//! The nodes that stand for an activation.
//!
//! Horner: ((c_n x + c_{n-1}) x + ...) x + c_0, a Mul and an Add a power; an Add of zeros and a first
//! Mul by ones are left out. 0.25 x^2 + 0.5 x takes Mul, Add, Mul.

use half::{bf16, f16};

use crate::error::{Code, Error, Result};
use crate::ir::dtype::DType;
use crate::ir::whole::whole;
use crate::limits::MAX_POLY_DEGREE;
use crate::onnx::{AttributeProto, NewNode, NodeProto, TensorProto, attribute_proto};
use crate::select::{Activation, Mask};

/// Where an activation stands, by the names in force there.
pub(super) struct Site<'a> {
    pub(super) activation: &'a Activation,
    pub(super) input: &'a str,
    pub(super) output: &'a str,
    /// Prefix of new names.
    pub(super) base: String,
    /// Name of the node that makes its result.
    pub(super) node_name: &'a str,
    pub(super) opset: i64,
}

/// What stands in its place.
pub(super) struct Made {
    pub(super) nodes: Vec<NewNode>,
    pub(super) tensors: Vec<TensorProto>,
}

/// The nodes for a mask (not all true) and coefficients.
pub(super) fn emit(site: &Site<'_>, mask: &Mask, coefficients: &[Vec<f64>]) -> Result<Made> {
    let mut made = Made { nodes: Vec::new(), tensors: Vec::new() };
    let whole = mask.uniform() == Some(false);
    let (result, name) = if whole {
        (site.output.to_owned(), site.node_name.to_owned())
    } else {
        (format!("{}/poly", site.base), format!("{}/poly", site.base))
    };
    if !whole {
        made.nodes.push(NewNode::Original(format!("{}/act", site.base)));
    }
    horner(site, coefficients, &result, &name, &mut made)?;
    if !whole {
        choose(site, mask, &result, &mut made)?;
    }
    Ok(made)
}

/// The nodes for a linear layer of which a mask drops outputs: they are 0.
pub(super) fn drop_outputs(site: &Site<'_>, mask: &Mask) -> Result<Made> {
    let mut made = Made { nodes: Vec::new(), tensors: Vec::new() };
    made.nodes.push(NewNode::Original(format!("{}/act", site.base)));
    let zero = format!("{}/zero", site.base);
    made.tensors.push(floats(&zero, &[], &[0.0], site.activation.dtype)?);
    choose(site, mask, &zero, &mut made)?;
    Ok(made)
}

fn node(op: &str, name: String, inputs: &[&str], output: String) -> NewNode {
    NewNode::Made(Box::new(NodeProto {
        input: inputs.iter().map(|i| (*i).to_owned()).collect(),
        output: vec![output],
        name: Some(name),
        op_type: Some(op.to_owned()),
        ..NodeProto::default()
    }))
}

fn horner(site: &Site<'_>, rows: &[Vec<f64>], result: &str, name: &str, made: &mut Made) -> Result<()> {
    let invalid = |text: String| Error::new(Code::InvalidSetting, text);
    let channels = site.activation.site.channels();
    if rows.len() != 1 && rows.len() as u64 != channels {
        return Err(invalid(format!("{} polynomials for {channels} channels", rows.len())));
    }
    let steps = steps(rows);
    let degree = rows.iter().filter_map(|row| row.iter().rposition(|c| *c != 0.0)).max().unwrap_or(0);
    if degree > MAX_POLY_DEGREE {
        return Err(invalid(format!("degree {degree} is above {MAX_POLY_DEGREE}")));
    }
    let shared = shared(rows);
    let dims: Vec<i64> = if shared {
        Vec::new()
    } else {
        // The channels, and a 1 for each axis behind.
        let behind = site.activation.site.shape.len() - site.activation.site.channel_axis - 1;
        std::iter::once(channels as i64).chain(std::iter::repeat_n(1, behind)).collect()
    };
    let column = |power: usize| -> Vec<f64> {
        rows.iter().take(if shared { 1 } else { rows.len() }).map(|row| at(row, power)).collect()
    };
    if steps.is_empty() {
        made.nodes.push(node("Identity", name.to_owned(), &[site.input], result.to_owned()));
        return Ok(());
    }
    let mut here = site.input.to_owned();
    let last = steps.len() - 1;
    for (place, step) in steps.into_iter().enumerate() {
        let end = place == last;
        let output = if end { result.to_owned() } else { format!("{}/h{place}", site.base) };
        let name = if end { name.to_owned() } else { output.clone() };
        let mut stored = |part: String, dims: &[i64], values: &[f64]| -> Result<String> {
            let tensor = format!("{}/{part}", site.base);
            made.tensors.push(floats(&tensor, dims, values, site.activation.dtype)?);
            Ok(tensor)
        };
        let (op, other) = match step {
            Step::Zero => ("Mul", stored("zero".to_owned(), &[], &[0.0])?),
            Step::Scale(power) => ("Mul", stored(format!("c{power}"), &dims, &column(power))?),
            Step::Add(power) => ("Add", stored(format!("c{power}"), &dims, &column(power))?),
            Step::Product => ("Mul", site.input.to_owned()),
        };
        made.nodes.push(node(op, name, &[&here, &other], output.clone()));
        here = output;
    }
    Ok(())
}

/// One operation of Horner.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Times zero: a constant is 0 x + c.
    Zero,
    /// Times the coefficients of a power.
    Scale(usize),
    /// Plus the coefficients of a power.
    Add(usize),
    /// Times x.
    Product,
}

/// Coefficient of a power.
fn at(row: &[f64], power: usize) -> f64 {
    row.get(power).copied().unwrap_or(0.0)
}

/// Whether all channels have one polynomial, whose coefficients are scalars.
fn shared(rows: &[Vec<f64>]) -> bool {
    rows.windows(2).all(|pair| matches!(pair, [a, b] if a == b))
}

/// What is written for these polynomials, one or one a channel; nothing for x itself.
fn steps(rows: &[Vec<f64>]) -> Vec<Step> {
    let degree = rows.iter().filter_map(|row| row.iter().rposition(|c| *c != 0.0)).max().unwrap_or(0);
    let mut steps = Vec::new();
    for power in (0..=degree).rev() {
        let all = |value: f64| rows.iter().all(|row| at(row, power) == value);
        if power == degree {
            match degree {
                0 => steps.push(Step::Zero),
                _ if !all(1.0) => steps.push(Step::Scale(power)),
                _ => {}
            }
        }
        if (power < degree || power == 0) && !all(0.0) {
            steps.push(Step::Add(power));
        }
        if power > 0 && power < degree {
            steps.push(Step::Product);
        }
    }
    steps
}

/// Multiplications of one replaced element as they are written and counted: by a public number, of two secrets.
/// 0.25 x^2 + 0.5 x: one each; x^2 + x: the second only; so 2 x^2, and a constant none, for a whole number for all is local.
pub fn multiplications(rows: &[Vec<f64>]) -> (u32, u32) {
    let steps = steps(rows);
    let count = |of: &dyn Fn(&Step) -> bool| steps.iter().filter(|step| of(step)).count() as u32;
    let local = |power: usize| {
        let first = rows.first().map_or(0.0, |row| at(row, power));
        shared(rows) && whole(first).is_some()
    };
    (count(&|s| matches!(s, Step::Scale(power) if !local(*power))), count(&|s| *s == Step::Product))
}

/// y = mask ? activation : polynomial.
fn choose(site: &Site<'_>, mask: &Mask, poly: &str, made: &mut Made) -> Result<()> {
    let elements: u64 = mask.shape.iter().product();
    let fits = mask.shape.len() == site.activation.site.shape.len()
        && mask.shape.iter().zip(&site.activation.site.shape).all(|(m, s)| *m == 1 || m == s);
    if !fits || mask.bits.len() as u64 != elements {
        return Err(Error::new(Code::InvalidSetting, "the mask has another shape than the layer"));
    }
    let dims: Vec<i64> = mask.shape.iter().map(|n| *n as i64).collect();
    let (base, act) = (&site.base, format!("{}/act", site.base));
    let named = |part: &str| format!("{base}/{part}");
    // Where came with operator set 9; of bfloat16 with 16.
    let since = if site.activation.dtype == DType::BF16 { 16 } else { 9 };
    if site.opset >= since {
        made.tensors.push(TensorProto {
            dims,
            data_type: Some(DType::Bool as i32),
            name: Some(named("keep")),
            raw_data: Some(mask.bits.iter().map(|bit| u8::from(*bit)).collect()),
            ..TensorProto::default()
        });
        let inputs = [named("keep"), act, poly.to_owned()];
        let inputs = inputs.each_ref().map(String::as_str);
        made.nodes.push(node("Where", named("where"), &inputs, site.output.to_owned()));
        return Ok(());
    }
    // Without Where: keep * activation + gone * polynomial.
    for (part, on, value) in [("keep", 1.0, &act), ("gone", 0.0, &poly.to_owned())] {
        let bits: Vec<f64> = mask.bits.iter().map(|bit| if *bit { on } else { 1.0 - on }).collect();
        made.tensors.push(floats(&named(part), &dims, &bits, site.activation.dtype)?);
        let output = named(&format!("{part}_part"));
        made.nodes.push(node("Mul", output.clone(), &[value, &named(part)], output));
    }
    let parts = [named("keep_part"), named("gone_part")];
    let parts = parts.each_ref().map(String::as_str);
    made.nodes.push(node("Add", named("where"), &parts, site.output.to_owned()));
    Ok(())
}

/// A tensor of the activation's element type.
fn floats(name: &str, dims: &[i64], values: &[f64], dtype: DType) -> Result<TensorProto> {
    let mut raw = Vec::with_capacity(values.len() * 8);
    for value in values {
        let rounded = match dtype {
            DType::F32 => f64::from(*value as f32),
            DType::F16 => f16::from_f64(*value).to_f64(),
            DType::BF16 => bf16::from_f64(*value).to_f64(),
            _ => *value,
        };
        if !rounded.is_finite() {
            return Err(Error::new(
                Code::InvalidSetting,
                format!("a coefficient of {value} leaves {}", dtype.name()),
            )
            .hint("take a lower degree"));
        }
        match dtype {
            DType::F32 => raw.extend((*value as f32).to_le_bytes()),
            DType::F16 => raw.extend(f16::from_f64(*value).to_le_bytes()),
            DType::BF16 => raw.extend(bf16::from_f64(*value).to_le_bytes()),
            _ => raw.extend(value.to_le_bytes()),
        }
    }
    Ok(TensorProto {
        dims: dims.to_vec(),
        data_type: Some(dtype as i32),
        name: Some(name.to_owned()),
        raw_data: Some(raw),
        ..TensorProto::default()
    })
}

/// A tensor as a node: functions, and files before IR 4, hold no plain initializers.
pub(super) fn constant(tensor: TensorProto) -> NodeProto {
    let name = tensor.name().to_owned();
    let value = AttributeProto {
        name: Some("value".to_owned()),
        r#type: Some(attribute_proto::AttributeType::Tensor as i32),
        t: Some(Box::new(tensor)),
        ..AttributeProto::default()
    };
    NodeProto {
        output: vec![name.clone()],
        name: Some(name),
        op_type: Some("Constant".to_owned()),
        attribute: vec![value],
        ..NodeProto::default()
    }
}
