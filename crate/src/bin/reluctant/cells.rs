//! `reluctant design cells`: a micro-search over small cells at a ReLU budget.

use reluctant::api::{self, CellScore, CellsSettings, Error};

use super::cost::{Pricing, print_estimate};
use super::shared::print_json;

#[derive(clap::Args)]
pub(super) struct Cells {
    /// ReLUs of a network, at most.
    #[arg(long, default_value_t = 2304)]
    relus: u64,
    /// Channels of the first stage.
    #[arg(long, default_value_t = 8)]
    width: u32,
    /// Nodes of a cell.
    #[arg(long, default_value_t = 4)]
    nodes: usize,
    /// Cells that are trained in the search, and as many drawn at random beside it.
    #[arg(long, default_value_t = 12)]
    evaluations: usize,
    /// Epochs of each.
    #[arg(long, default_value_t = 8)]
    epochs: usize,
    /// Figures to train on.
    #[arg(long, default_value_t = 1500)]
    shapes_train: usize,
    /// Figures to score on, and as many others to report on.
    #[arg(long, default_value_t = 400)]
    shapes_test: usize,
    /// Seed of cells, weights and orders.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    pricing: Pricing,
    /// Prints everything (reluctant.cells/1).
    #[arg(long)]
    json: bool,
}

pub(super) fn cells(args: &Cells) -> Result<(), Error> {
    let settings = CellsSettings {
        relus: args.relus,
        width: args.width,
        nodes: args.nodes,
        evaluations: args.evaluations,
        epochs: args.epochs,
        images: [args.shapes_train, args.shapes_test],
        seed: args.seed,
    };
    let mut tell = |what: &str, one: &CellScore| eprintln!("{what}: {:.3}  {}", one.score, one.cell);
    let report = api::cells(&settings, &args.pricing.ask()?, &mut tell)?;
    if args.json {
        print_json(&report);
        return Ok(());
    }
    say!("{} ReLUs, {} ReLU layers a cell", report.relus, report.layers);
    let mean = |all: &[CellScore]| all.iter().map(|one| one.score).sum::<f64>() / all.len().max(1) as f64;
    for (name, all, best, estimates) in [
        ("search", &report.searched, &report.best, &report.estimates),
        ("random", &report.random, &report.best_random, &report.estimates_random),
    ] {
        say!(
            "{name}: best {:.3} ({:.3} on other figures), mean {:.3} of {}; {} parameters, {} MACs",
            best.score,
            best.test,
            mean(all),
            all.len(),
            best.params,
            best.macs
        );
        say!("  {}", best.cell);
        estimates.iter().for_each(print_estimate);
    }
    Ok(())
}
