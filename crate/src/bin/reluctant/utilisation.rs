//! `reluctant utilisation`: what a network would miss of each layer.

use std::path::PathBuf;

use reluctant::api::{self, Code, Error, UtilisationOf, UtilisationReport, UtilisationSettings};

use super::run::{bytes, labels, read};
use super::shared::{Source, name, one_of, print_json};

/// Measures how much a network would miss of each layer, by forward passes alone.
#[derive(clap::Args)]
pub(super) struct Utilisation {
    #[command(flatten)]
    source: Source,
    /// Images: .npy, or .npz with labels as y; an example is asked for its works and drops alone.
    #[arg(long, value_name = "FILE", required_unless_present = "example", conflicts_with = "example")]
    data: Option<PathBuf>,
    /// Classes of the images; without, what counts is how far the outputs move.
    #[arg(long, value_name = "FILE", requires = "data")]
    labels: Option<PathBuf>,
    /// Of what: ReLUs that give way to x, or multiplications lost to noise on channels.
    #[arg(long, default_value = "relu", value_parser = one_of(UtilisationOf::ALL, UtilisationOf::name))]
    what: UtilisationOf,
    /// Mean share of a layer's work that goes.
    #[arg(long, default_value_t = 0.05)]
    share: f64,
    /// Draws that are averaged.
    #[arg(long, default_value_t = 5)]
    draws: usize,
    /// Seed of the draws.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Prints everything (reluctant.utilisation/1).
    #[arg(long)]
    json: bool,
}

pub(super) fn utilisation(args: &Utilisation) -> Result<(), Error> {
    let settings =
        UtilisationSettings { of: args.what, share: args.share, draws: args.draws, seed: args.seed };
    let report = match (&args.source.example, &args.source.model, &args.data) {
        (Some(id), ..) => api::utilisation_of_example(id, &settings)?,
        (None, Some(model), Some(data)) => {
            let mut arrays = read(data)?;
            let own = arrays.iter().position(|(name, _)| name == "y").map(|at| arrays.remove(at).1);
            let (Some((_, x)), true) = (arrays.first(), arrays.len() == 1) else {
                return Err(Error::new(
                    Code::InvalidSetting,
                    "the file holds other arrays than x, or x and y",
                )
                .file(name(data)));
            };
            let given = labels(args.labels.as_deref())?.or(own);
            api::utilisation((&name(model), &bytes(model)?), x, given.as_ref(), &settings)?
        }
        _ => return Err(Error::new(Code::MissingData, "a model and images are measured")),
    };
    if args.json {
        print_json(&report);
    } else {
        print(&report);
    }
    Ok(())
}

fn print(report: &UtilisationReport) {
    match report.images {
        0 => say!("works and shares alone: nobody has this example's weights, so nothing was run"),
        images => say!("{images} images, {} draws, against {}", report.draws, report.against),
    }
    say!("{:<32} {:>14} {:>8} {:>14} {:>14}", "", report.of.name(), "drop", "utilisation", "per 1,000");
    for site in &report.sites {
        let number = |n: Option<f64>| n.map_or_else(|| "-".to_owned(), |n| format!("{n:.6}"));
        let (rise, each) = (number(site.utilisation), number(site.per_1000));
        say!("{:<32} {:>14} {:>8.4} {rise:>14} {each:>14}", site.name, site.work, site.drop);
    }
    for step in &report.moves {
        say!("step: {} {} -> {}", step.name, step.from, step.to);
    }
}
