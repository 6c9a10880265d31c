//! `reluctant design coarse` and `reluctant design criticality`.

use std::path::PathBuf;

use reluctant::api::{self, CoarseSettings, Error, Thin};

use super::bench::bench;
use super::run::{labels, read, write};
use super::shared::{one_of, print_json};

#[derive(clap::Args)]
pub(super) struct Coarse {
    /// The model.
    model: PathBuf,
    /// Stages that lose all: stem, S1, ...
    #[arg(long, value_name = "STAGE,..", value_delimiter = ',')]
    cull: Vec<String>,
    /// In each block all but the last stay (first), or the last alone (second).
    #[arg(long, value_parser = one_of(Thin::ALL, Thin::name))]
    thin: Option<Thin>,
    /// ReLUs after sums go.
    #[arg(long)]
    skip: bool,
    /// One group of N keeps its ReLU, the others pass as they are: our reading of ReLU-reuse.
    #[arg(long, value_name = "N")]
    groups: Option<u32>,
    /// Writes the plan (reluctant.plan/1); prints it otherwise.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(super) struct Criticality {
    /// The model.
    model: PathBuf,
    /// Samples: .npy, or .npz with labels as y.
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Class numbers of the samples.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Exponent of a stage's ReLUs in its score, which is ours; 0 ranks by accuracy alone.
    #[arg(long, default_value_t = 0.0)]
    weight: f64,
    /// Samples of one run, where the model leaves that open.
    #[arg(long, default_value_t = 32)]
    batch: usize,
    /// Prints everything (reluctant.criticality/1).
    #[arg(long)]
    json: bool,
}

pub(super) fn coarse(args: &Coarse) -> Result<(), Error> {
    let settings =
        CoarseSettings { cull: args.cull.clone(), thin: args.thin, skip: args.skip, groups: args.groups };
    let plan = bench(&args.model, &api::Settings::default(), 1)?.coarse(&settings)?;
    let Some(path) = &args.plan else {
        print_json(&plan);
        return Ok(());
    };
    write(path, plan.to_json()?.as_bytes())?;
    say!("{} of {} stay", plan.kept, plan.total);
    Ok(())
}

pub(super) fn criticality(args: &Criticality) -> Result<(), Error> {
    let mut bench = bench(&args.model, &api::Settings::default(), args.batch)?;
    bench.set_test(Some(read(&args.data)?), labels(args.labels.as_deref())?);
    let found = api::ready(bench.criticality(args.weight))?;
    if args.json {
        print_json(&found);
        return Ok(());
    }
    say!("all ReLUs {:.4}, none {:.4}, of {} samples", found.all.top1, found.none.top1, found.samples);
    say!("{:<10} {:>10} {:>10} {:>10} {:>12}", "stage", "ReLUs", "kept", "removed", "score");
    for stage in &found.stages {
        let (kept, removed) = (stage.kept.top1, stage.removed.top1);
        say!("{:<10} {:>10} {kept:>10.4} {removed:>10.4} {:>12.6}", stage.name, stage.relus, stage.score);
    }
    say!("order: {}", found.order.join(", "));
    Ok(())
}
