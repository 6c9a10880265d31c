//! Random inputs from a seed: the same on every machine.

use super::model::Runnable;
use super::tensor::{Tensor, elements_of};
use crate::error::Result;
use crate::ir::dtype::DType;
use crate::ir::graph::ValueId;

/// SplitMix64 (Steele, Lea and Flood, 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * 2f64.powi(-53)
    }

    /// Of a normal distribution of mean 0 and deviation 1 (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// Inputs for a model: normal floats, integers 0 and 1.
///
/// # Errors
/// `LimitExceeded`.
pub fn inputs(model: &Runnable, samples: usize, seed: u64) -> Result<Vec<(ValueId, Tensor)>> {
    let mut random = Random::new(seed);
    let mut all = Vec::new();
    for id in &model.graph.inputs {
        let mut shape = model.sizes(*id).unwrap_or_default();
        if let (Some(first), Some(batch)) = (shape.first_mut(), model.batch)
            && *first == batch
        {
            *first = samples.max(1);
        }
        let dtype = model.dtype(*id).unwrap_or(DType::F32);
        let count = elements_of(&shape, DType::F32)?;
        let values: Vec<f32> = if dtype.is_float() {
            (0..count).map(|_| random.normal() as f32).collect()
        } else {
            (0..count).map(|_| (random.bits() & 1) as f32).collect()
        };
        all.push((*id, Tensor::new(shape, values)?.cast(dtype)?));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answer() {
        // The reference implementation's first two numbers for seed 1234567.
        let mut random = Random::new(1_234_567);
        assert_eq!((random.bits(), random.bits()), (6_457_827_717_110_365_317, 3_203_168_211_198_807_973));
    }

    #[test]
    fn normal_has_its_moments() {
        let mut random = Random::new(1);
        let values: Vec<f64> = (0..20_000).map(|_| random.normal()).collect();
        let mean = values.iter().sum::<f64>() / 20_000.0;
        let square = values.iter().map(|v| v * v).sum::<f64>() / 20_000.0;
        // Five standard errors.
        assert!(mean.abs() < 0.036 && (square - 1.0).abs() < 0.051, "{mean} {square}");
    }
}
