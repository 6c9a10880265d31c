//! `reluctant lab`: demonstrations with plain numbers.

use reluctant::api::{self, Error};

use super::cost::{Pricing, one_protocol};
use super::shared::{Source, open, print_json, settings};

#[derive(clap::Subcommand)]
pub(super) enum Lab {
    /// Gated ReLUs as a convex programme: from the neural tangent kernel to the optimum.
    Ntk {
        /// Points: numbers, or pairs as 0.5:1.
        #[arg(long, value_delimiter = ',', allow_hyphen_values = true, required = true, value_parser = point)]
        x: Vec<Point>,
        /// A label for each.
        #[arg(long, value_delimiter = ',', allow_hyphen_values = true, required = true)]
        y: Vec<f64>,
        /// Weight of the penalty.
        #[arg(long, default_value_t = 0.1)]
        lambda: f64,
        /// Steps of the reweighting that are reported.
        #[arg(long, default_value_t = 10)]
        steps: usize,
        /// Prints everything (reluctant.ntk/1).
        #[arg(long)]
        json: bool,
    },
    /// Prices a model with gated ReLUs, whose gates depend on the input alone.
    Gates(Box<Gates>),
    /// Climbs relu(x) + relu(-3x - 1) on [-1, 1] with the gradient of a copy whose negative side has a slope.
    Ascent {
        /// The slope: 0 is the true gradient.
        #[arg(long, allow_hyphen_values = true)]
        slope: f64,
        /// Where it starts.
        #[arg(long, allow_hyphen_values = true)]
        start: f64,
        /// Steps.
        #[arg(long, default_value_t = 200)]
        steps: u32,
        /// Length of a step, times the gradient.
        #[arg(long, default_value_t = 0.05)]
        mu: f64,
        /// Prints the best point (reluctant.ascent/1).
        #[arg(long)]
        json: bool,
    },
}

#[derive(clap::Args)]
pub(super) struct Gates {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    pricing: Pricing,
    /// Prints the report (reluctant.gated/1).
    #[arg(long)]
    json: bool,
}

fn gates(args: &Gates) -> Result<(), Error> {
    let ask = args.pricing.ask()?;
    let scored = open(&args.source)?.score(&settings(&args.source)?)?;
    let report = scored.gated(&one_protocol(ask, &scored)?)?;
    if args.json {
        print_json(&report);
        return Ok(());
    }
    say!(
        "{} v{} over {}: {} gates",
        report.protocol,
        report.profile_version,
        report.link,
        report.gated.gates
    );
    let gated = &report.gated;
    for (name, cost) in [
        ("ReLUs", &gated.relu),
        ("gates compared in secret", &gated.compared),
        ("gates in the clear", &gated.clear),
    ] {
        let least = if cost.bytes_bound { ">" } else { "" };
        say!("{name:<26} {least}{} B, {} rounds, link {:.3} s", cost.bytes, cost.rounds, cost.link_seconds);
    }
    say!("{}", report.note);
    Ok(())
}

/// The numbers of one point.
#[derive(Clone, Debug)]
pub(super) struct Point(Vec<f64>);

fn point(text: &str) -> Result<Point, String> {
    let numbers =
        text.split(':').map(|number| number.trim().parse().map_err(|_| format!("{number} is no number")));
    numbers.collect::<Result<_, _>>().map(Point)
}

pub(super) fn lab(args: &Lab) -> Result<(), Error> {
    match args {
        Lab::Ntk { x, y, lambda, steps, json } => {
            let points: Vec<Vec<f64>> = x.iter().map(|Point(numbers)| numbers.clone()).collect();
            let report = api::ntk(&points, y, *lambda, *steps)?;
            if *json {
                print_json(&report);
                return Ok(());
            }
            let report = report.found;
            say!("{} gates on {} points", report.masks.len(), points.len());
            say!("objective with the NTK's weights  {:.10}", report.objective_ntk);
            for (step, objective) in report.objective_after.iter().enumerate() {
                say!("after {:>3} steps                   {objective:.10}", step + 1);
            }
            say!("optimum                           {:.10}", report.objective);
            say!("at most {:.1e} is left to gain", report.certificate.gap);
        }
        Lab::Gates(args) => gates(args)?,
        Lab::Ascent { slope, start, steps, mu, json } => {
            let report = api::ascent(*slope, *start, *steps, *mu)?;
            if *json {
                print_json(&report);
                return Ok(());
            }
            say!("best value {} at x = {}", report.best.value, report.best.x);
        }
    }
    Ok(())
}
