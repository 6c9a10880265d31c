//! Cuts inputs into slices of the model's batch, and joins what comes out.
//!
//! An input is cut along its first axis where only that size differs from the model's; one that has
//! exactly the model's shape while another is cut goes into every slice as it is. The last slice of
//! a model with a fixed batch is filled up with copies of its last sample; what they give is dropped.

use super::model::Runnable;
use super::tensor::{Tensor, shape_text};
use crate::error::{Code, Error, Result};
use crate::ir::graph::ValueId;

/// Inputs, checked against the model.
#[derive(Clone, Debug)]
pub struct Slices {
    inputs: Vec<(ValueId, Tensor, bool)>,
    /// Samples in all.
    pub samples: usize,
    /// Samples of one slice.
    pub size: usize,
    /// Slices smaller than `size` must be filled up.
    fixed: bool,
}

/// One slice of the inputs.
#[derive(Clone, Debug)]
pub struct Slice {
    /// The arrays, in the model's element types.
    pub inputs: Vec<(ValueId, Tensor)>,
    /// Samples that count.
    pub samples: usize,
    /// Samples that the arrays hold; more than `samples` where they were filled up.
    pub padded: usize,
}

impl Slices {
    /// Checks names and shapes. `any`: the engine runs any number of samples.
    ///
    /// # Errors
    /// `InvalidSetting` for an input that is missing, unknown, or of another shape.
    pub fn new(model: &Runnable, inputs: Vec<(ValueId, Tensor)>, any: bool) -> Result<Self> {
        for id in &model.graph.inputs {
            if !inputs.iter().any(|(given, _)| given == id) {
                return Err(Error::new(Code::InvalidSetting, "an input is not given")
                    .value(model.value_name(*id))
                    .hint(format!("the model reads {}", interface(model))));
            }
        }
        let mut samples = None;
        let mut checked = Vec::new();
        for (id, tensor) in inputs {
            let wanted = model.sizes(id).unwrap_or_default();
            let same = tensor.shape() == wanted;
            let rows = |shape: &[usize]| shape.split_first().map(|(first, rest)| (*first, rest.to_vec()));
            let cut = match (rows(tensor.shape()), rows(&wanted)) {
                (Some((n, inner)), Some((_, model_inner))) if n > 0 && inner == model_inner => Some(n),
                _ if same => None,
                _ => return Err(wrong_shape(model, id, tensor.shape(), &wanted)),
            };
            checked.push((id, tensor, cut, same));
        }
        if checked.iter().all(|(_, _, _, same)| *same) {
            // Exactly one run of the model: nothing is cut, whatever its axes mean.
            samples = Some(model.batch.unwrap_or(1).max(1));
            checked.iter_mut().for_each(|(_, _, cut, _)| *cut = None);
        }
        // The input that decides is one whose number of samples differs from the model's, if any.
        for (_, _, cut, same) in &checked {
            if let (Some(n), true) = (cut, samples.is_none() || !same) {
                samples = Some(*n);
            }
        }
        let size = model.batch.unwrap_or(1).max(1);
        let samples = samples.unwrap_or(1);
        for (id, tensor, cut, same) in &checked {
            if *cut != Some(samples) && !same {
                let text = format!(
                    "{} samples where another input has {samples}",
                    tensor.shape().first().unwrap_or(&0)
                );
                return Err(Error::new(Code::InvalidSetting, text).value(model.value_name(*id)));
            }
        }
        let inputs = checked
            .into_iter()
            .map(|(id, tensor, cut, _)| {
                let tensor = match model.dtype(id) {
                    Some(dtype) => tensor.cast(dtype)?,
                    None => tensor,
                };
                Ok((id, tensor, cut == Some(samples)))
            })
            .collect::<Result<_>>()?;
        Ok(Self { inputs, samples, size, fixed: !any })
    }

    /// Number of slices.
    pub fn count(&self) -> usize {
        self.samples.div_ceil(self.size)
    }

    /// One of them.
    ///
    /// # Errors
    /// `LimitExceeded`.
    pub fn get(&self, index: usize) -> Result<Slice> {
        let from = index.saturating_mul(self.size).min(self.samples);
        let samples = self.size.min(self.samples - from);
        let padded = if self.fixed { self.size } else { samples };
        let inputs = self
            .inputs
            .iter()
            .map(|(id, tensor, cut)| {
                if !cut {
                    return Ok((*id, tensor.clone()));
                }
                let mut part = tensor.rows(from, from + samples);
                let last = part.rows(samples.saturating_sub(1), samples);
                for _ in samples..padded {
                    part.append(&last)?;
                }
                Ok((*id, part))
            })
            .collect::<Result<_>>()?;
        Ok(Slice { inputs, samples, padded })
    }
}

impl Slice {
    /// A value without what the filling gave; None where its first axis does not carry samples.
    ///
    /// A first axis of several times the batch (samples and heads folded together) counts as theirs.
    pub fn real(&self, value: Tensor) -> Option<Tensor> {
        if self.samples == self.padded {
            return Some(value);
        }
        let rows = *value.shape().first()?;
        let each = rows.checked_div(self.padded)?;
        (each > 0 && rows % self.padded == 0).then(|| value.rows(0, each * self.samples))
    }
}

/// `x 1x3x32x32 float32, ...`
pub fn interface(model: &Runnable) -> String {
    let one = |id: &ValueId| {
        let shape = model.sizes(*id).map_or_else(|| "?".to_owned(), |shape| shape_text(&shape));
        format!("{} {shape} {}", model.value_name(*id), model.dtype(*id).map_or("", |d| d.name()))
    };
    model.graph.inputs.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn wrong_shape(model: &Runnable, id: ValueId, given: &[usize], wanted: &[usize]) -> Error {
    let mut hint = format!("the model reads {}", interface(model));
    let turned = |from: &[usize], order: [usize; 4]| {
        let axes: Option<Vec<usize>> = order.iter().map(|axis| from.get(*axis).copied()).collect();
        axes.is_some_and(|axes| axes.get(1..) == wanted.get(1..) && wanted.len() == 4)
    };
    let elements = |shape: &[usize]| shape.iter().skip(1).product::<usize>();
    if turned(given, [0, 3, 1, 2]) {
        hint.push_str(
            "; this looks like samples x height x width x channels: transpose it with (0, 3, 1, 2)",
        );
    } else if given == wanted.get(1..).unwrap_or_default() {
        hint.push_str("; the axis of samples is missing: x[None]");
    } else if given.len() > 1 && elements(given) == elements(wanted) {
        let rest: Vec<String> = wanted.iter().skip(1).map(usize::to_string).collect();
        hint.push_str(&format!("; the number of elements fits: x.reshape(-1, {})", rest.join(", ")));
    }
    Error::new(
        Code::InvalidSetting,
        format!("the array is {}, not {}", shape_text(given), shape_text(wanted)),
    )
    .value(model.value_name(id))
    .hint(hint)
}
