//! How far two results of one computation lie apart.

use super::tensor::Tensor;

/// Largest difference, as a share of the largest magnitude of what is right; infinite where shapes
/// differ, or one is NaN and the other is not. 1.0001 for 1 among values up to 2: 5e-5.
pub fn difference(got: &Tensor, want: &Tensor) -> f64 {
    if got.shape() != want.shape() {
        return f64::INFINITY;
    }
    let (got, want) = (got.data().convert::<f64>(), want.data().convert::<f64>());
    let finite = want.iter().filter(|v| v.is_finite());
    let top = finite.fold(0.0f64, |top, v| top.max(v.abs()));
    let apart = |(got, want): (&f64, &f64)| match () {
        () if got == want || (got.is_nan() && want.is_nan()) => 0.0,
        () if got.is_finite() && want.is_finite() => (got - want).abs(),
        () => f64::INFINITY,
    };
    let worst = got.iter().zip(&want).map(apart).fold(0.0f64, f64::max);
    if worst == 0.0 { 0.0 } else { worst / top.max(f64::MIN_POSITIVE) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn differences() {
        let tensor = |values: &[f32]| Tensor::new(vec![values.len()], values.to_vec()).unwrap();
        assert_eq!(difference(&tensor(&[1.0, 2.0]), &tensor(&[1.0, 2.0])), 0.0);
        assert!((difference(&tensor(&[1.5, 2.0]), &tensor(&[1.0, -2.0])) - 2.0).abs() < 1e-12);
        assert_eq!(difference(&tensor(&[f32::NAN]), &tensor(&[f32::NAN])), 0.0);
        assert_eq!(difference(&tensor(&[f32::NAN]), &tensor(&[1.0])), f64::INFINITY);
        assert_eq!(difference(&tensor(&[1.0]), &tensor(&[1.0, 1.0])), f64::INFINITY);
    }
}
