//! `design`: a spec becomes a model, an ONNX file with weights, a PyTorch module.

use prost::Message as _;

use super::model::Model;
use crate::design::{self, Spec};
use crate::error::{Code, Error, Result};
use crate::limits::MAX_SPEC_PARAMS;
use crate::onnx::{ModelProto, TensorProto};
use crate::open::Opened;
use crate::run::random::Random;

impl Model {
    /// A model of a spec: a graph without weights.
    ///
    /// # Errors
    /// As [`Spec::check`].
    pub fn of_spec(spec: &Spec, name: &str) -> Result<Self> {
        Ok(Self::of(Opened::spec(spec, name)?))
    }
}

/// A spec as an ONNX file with He weights: normal with variance 2 over the inputs of an output, biases and shifts 0,
/// scales and variances 1. The same seed gives the same bytes.
///
/// # Errors
/// As [`Spec::check`]; `LimitExceeded` where the file would pass what ONNX can hold.
pub fn design_onnx(spec: &Spec, name: &str, seed: u64) -> Result<Vec<u8>> {
    spec.check()?;
    if design::count(spec).params > MAX_SPEC_PARAMS {
        let message =
            format!("the network has more than {MAX_SPEC_PARAMS} parameters, too many for one file");
        return Err(Error::new(Code::LimitExceeded, message).hint("Make the network smaller."));
    }
    let mut model: ModelProto = design::model(spec, name)?;
    let mut random = Random::new(seed);
    for tensor in model.graph.iter_mut().flat_map(|graph| &mut graph.initializer) {
        if !tensor.external_data.is_empty() {
            fill(tensor, &mut random);
        }
    }
    Ok(model.encode_to_vec())
}

/// A spec as an ONNX file whose weights lie in a file beside it that nobody has written: enough to count, price and plan.
///
/// # Errors
/// As [`Spec::check`].
pub fn design_structure(spec: &Spec, name: &str) -> Result<Vec<u8>> {
    spec.check()?;
    Ok(design::model(spec, name)?.encode_to_vec())
}

/// Puts values into a tensor that is declared only.
fn fill(tensor: &mut TensorProto, random: &mut Random) {
    let sizes: Vec<u64> = tensor.dims.iter().map(|size| u64::try_from(*size).unwrap_or(0)).collect();
    let count = sizes.iter().product::<u64>() as usize;
    let mut bytes = Vec::with_capacity(4 * count);
    let inputs = sizes.iter().skip(1).product::<u64>().max(1);
    let deviation = (2.0 / inputs as f64).sqrt();
    let name = tensor.name();
    let constant = match sizes.len() {
        2.. => None,
        _ if name.ends_with(".running_var") || name.ends_with(".weight") => Some(1f32),
        _ => Some(0f32),
    };
    for _ in 0..count {
        let value = constant.unwrap_or_else(|| (random.normal() * deviation) as f32);
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    tensor.raw_data = Some(bytes);
    tensor.external_data.clear();
    tensor.data_location = None;
}

/// A spec as a runnable PyTorch module in text; its parameters have the names of the ONNX file's weights.
///
/// # Errors
/// As [`Spec::check`].
pub fn design_pytorch(spec: &Spec) -> Result<String> {
    spec.check()?;
    Ok(design::module(spec))
}
