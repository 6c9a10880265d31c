//! Masks and coefficients as arrays, for training elsewhere: `LAYER.keep` (bool, in the shape that
//! broadcasts to one sample) and `LAYER.coefficients` (float64: 1 or channels, by powers), LAYER
//! being 000, 001, .. in network order.

use crate::error::{Code, Error, Result};
use crate::rewrite::Plan;
use crate::run::npz;
use crate::run::tensor::{Data, Tensor};

/// The arrays of a plan as an .npz file.
///
/// # Errors
/// `InvalidSetting` for a plan whose masks do not decode.
pub fn plan_npz(plan: &Plan) -> Result<Vec<u8>> {
    let mut arrays = Vec::new();
    for (index, layer) in plan.layers.iter().enumerate() {
        let (shape, bits) = match &layer.mask {
            Some(mask) => {
                let mask = mask.mask()?;
                (mask.shape.iter().map(|n| *n as usize).collect(), mask.bits)
            }
            None => (Vec::new(), vec![layer.kept > 0]),
        };
        arrays.push((format!("{index:03}.keep"), Tensor::from_data(shape, Data::Bool(bits))?));
        let powers = layer.coefficients.iter().map(Vec::len).max().unwrap_or(0);
        let padded = layer
            .coefficients
            .iter()
            .flat_map(|row| row.iter().copied().chain(std::iter::repeat_n(0.0, powers - row.len())));
        let values: Vec<f64> = padded.collect();
        if values.iter().any(|v| !v.is_finite()) {
            return Err(Error::new(Code::InvalidSetting, "the plan holds a coefficient that is no number"));
        }
        let tensor = Tensor::from_data(vec![layer.coefficients.len(), powers], Data::F64(values))?;
        arrays.push((format!("{index:03}.coefficients"), tensor));
    }
    npz::write(&arrays)
}
