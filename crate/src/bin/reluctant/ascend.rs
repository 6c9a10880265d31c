//! `reluctant ascend`: the input that maximises a class.

use std::path::PathBuf;

use reluctant::api::{self, AscendSettings, Error};

use super::run::{bytes, read, write};
use super::shared::{name, print_json};

/// Climbs a class's logit by gradients through a copy of the network whose ReLUs have a slope left of 0, and by its own.
#[derive(clap::Args)]
pub(super) struct Ascend {
    /// An .onnx file with its weights in it; masks and polynomials of a plan are read back.
    model: PathBuf,
    /// Classes, one after another; all where not given.
    #[arg(long, value_name = "K,..", value_delimiter = ',')]
    class: Vec<usize>,
    /// Slope of the copy left of 0 at first; it falls to 0 in equal steps.
    #[arg(long, default_value_t = 0.3, allow_hyphen_values = true)]
    slope: f64,
    /// Steps.
    #[arg(long, default_value_t = 64)]
    steps: usize,
    /// What the number of largest gradient moves in a step, as a share of the box.
    #[arg(long, default_value_t = 0.05)]
    mu: f64,
    /// Smallest and largest number of an input.
    #[arg(long = "box", value_name = "LOW,HIGH", value_parser = bounds, default_value = "0,1", allow_hyphen_values = true)]
    bounds: [f64; 2],
    /// An input to start from (.npy), moved into the box; the middle of the box with a little noise where not given.
    #[arg(long, value_name = "FILE")]
    start: Option<PathBuf>,
    /// Share of its ReLUs that stay, at random: 1, 0.2 and 0.05 side by side are what the page shows.
    #[arg(long, default_value_t = 1.0)]
    keep: f64,
    /// Seed of the noise, and of the ReLUs that stay.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Prints everything (reluctant.ascend/1).
    #[arg(long)]
    json: bool,
    /// Writes the inputs that were found, one a class (.npy).
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn bounds(text: &str) -> Result<[f64; 2], String> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some([low, high]) if low < high => Ok([*low, *high]),
        _ => Err("two numbers, the smaller first: 0,1".to_owned()),
    }
}

pub(super) fn ascend(args: &Ascend) -> Result<(), Error> {
    let settings = AscendSettings {
        classes: args.class.clone(),
        steps: args.steps,
        step: args.mu,
        slope: args.slope,
        bounds: args.bounds,
        keep: args.keep,
        seed: args.seed,
    };
    let start = args.start.as_deref().map(read).transpose()?;
    let start = start.as_ref().and_then(|arrays| arrays.first()).map(|(_, tensor)| tensor);
    let model = &args.model;
    let (report, inputs) = api::ascend((&name(model), &bytes(model)?), start, &settings)?;
    if report.outside > 0 {
        let [low, high] = report.bounds;
        eprintln!(
            "note: {} of the start's numbers lie outside {low} to {high} and are moved to its edge; --box sets it",
            report.outside
        );
    }
    if let Some(path) = &args.output {
        write(path, &api::npy_from(&inputs))?;
    }
    if args.json {
        print_json(&report);
        return Ok(());
    }
    say!("{} of {} ReLUs, {} steps", report.relus, report.activations, report.steps);
    let slope = format!("slope {}", report.slope);
    say!("{:>8} {:>12} {slope:>12} {:>12}", "class", "start", "slope 0");
    for found in &report.classes {
        say!("{:>8} {:>12.4} {:>12.4} {:>12.4}", found.class, found.start, found.value, found.own);
    }
    Ok(())
}
