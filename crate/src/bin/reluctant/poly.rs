//! `reluctant poly`.

use std::path::PathBuf;

use reluctant::api::{self, Code, Error, PolySettings};

use super::shared::print_json;

#[derive(clap::Args)]
pub(super) struct Poly {
    /// relu, relu6, leaky-relu, silu, gelu, hard-swish, sigmoid or tanh.
    #[arg(long, default_value = "relu")]
    target: String,
    /// Slope of a LeakyReLU.
    #[arg(long, allow_negative_numbers = true)]
    slope: Option<f64>,
    /// dapa, fit, minimax, chebyshev, sign, autorep, pillar, 0.25x2+0.5x, x2+x or identity.
    #[arg(long, default_value = "dapa")]
    method: String,
    /// Degree.
    #[arg(long, default_value_t = 2)]
    degree: usize,
    /// Mean of the input.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    mean: f64,
    /// Standard deviation of the input.
    #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
    std: f64,
    /// Measured values instead: a JSON file {"low", "high", "counts"}.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["mean", "std"])]
    histogram: Option<PathBuf>,
    /// Where minimax and chebyshev fit, and where the largest error is looked for.
    #[arg(long, num_args = 2, value_names = ["LOW", "HIGH"], allow_negative_numbers = true)]
    range: Option<Vec<f64>>,
    /// Ridge of `fit`.
    #[arg(long)]
    ridge: Option<f64>,
    /// Degrees of the chain of `sign`: 15,15,27.
    #[arg(long, value_name = "D,D,..", value_delimiter = ',')]
    sign_degrees: Option<Vec<usize>>,
    /// Least |x| / range that the sign tells apart.
    #[arg(long)]
    sign_epsilon: Option<f64>,
    /// Prints everything (reluctant.poly/1).
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Poly) -> Result<(), Error> {
    let histogram = match &args.histogram {
        Some(path) => {
            let fault = |e: &dyn std::fmt::Display| {
                Error::new(Code::InvalidSetting, format!("the histogram cannot be read: {e}"))
                    .file(path.display().to_string())
            };
            let text = std::fs::read_to_string(path).map_err(|e| fault(&e))?;
            Some(serde_json::from_str(&text).map_err(|e| fault(&e))?)
        }
        None => None,
    };
    let report = api::polynomial(&PolySettings {
        target: args.target.clone(),
        slope: args.slope,
        method: args.method.clone(),
        degree: args.degree,
        mean: args.mean,
        std: args.std,
        histogram,
        range: args.range.as_deref().and_then(|r| r.try_into().ok()),
        ridge: args.ridge,
        sign_degrees: args.sign_degrees.clone(),
        sign_epsilon: args.sign_epsilon,
    })?;
    if args.json {
        print_json(&report);
        return Ok(());
    }
    let [low, high] = report.range;
    say!("{} by {}, input {} +- {}", report.target, report.method, report.mean, report.std);
    for (power, c) in report.coefficients.iter().enumerate() {
        say!("  x^{power:<3} {c:>24.15e}");
    }
    for stage in &report.stages {
        say!("  degree {} on +-{:.6}, error {:.3e}", stage.degree, stage.bound, stage.error);
    }
    say!("mean squared error {:.9e}, outside [{low}, {high}]: {:.3e}", report.mse, report.outside);
    say!("largest error {:.9e} at {}", report.max_error, report.max_error_at);
    if let Some(steps) = report.horner {
        say!("Horner: {} products, {} scalings, depth {}", steps.products, steps.scalings, steps.depth);
    }
    let steps = report.paterson_stockmeyer;
    say!(
        "baby and giant steps: {} products, {} scalings, depth {}",
        steps.products,
        steps.scalings,
        steps.depth
    );
    Ok(())
}
