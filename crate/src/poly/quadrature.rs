//! Gauss-Legendre nodes on panels.

/// Nodes of one panel.
pub(super) const NODES: usize = 20;

/// (node, weight) on [-1, 1], exact for degree 2 N - 1; Newton from Chebyshev's guess.
pub(super) fn gauss<const N: usize>() -> [(f64, f64); N] {
    let n = N as f64;
    std::array::from_fn(|i| {
        let mut x = ((i as f64 + 0.75) / (n + 0.5) * std::f64::consts::PI).cos();
        let mut slope = 1.0;
        for _ in 0..20 {
            let (mut before, mut p) = (1.0, x);
            for k in 2..=N {
                let k = k as f64;
                (before, p) = (p, ((2.0 * k - 1.0) * x * p - (k - 1.0) * before) / k);
            }
            slope = n * (x * p - before) / (x * x - 1.0);
            let step = p / slope;
            x -= step;
            if step.abs() < 1e-16 {
                break;
            }
        }
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    })
}

/// Cuts `[low, high]` at the points that lie inside it.
pub(super) fn cut(low: f64, high: f64, points: &[f64]) -> Vec<f64> {
    let mut cuts = vec![low];
    cuts.extend(points.iter().copied().filter(|p| *p > low && *p < high));
    cuts.push(high);
    cuts.sort_by(f64::total_cmp);
    cuts
}
