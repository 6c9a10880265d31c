//! `reluctant train --adjust`: rounds of moving width or ReLUs, each told as it ends.

use std::path::Path;

use reluctant::api::{self, AdjustReport, AdjustRound, AdjustSettings, Error, TrainSettings, UtilisationOf};

use super::run::write;
use super::shared::{one_of, print_json};

/// What of `train` adjusts a network.
#[derive(clap::Args)]
pub(super) struct Adjust {
    /// Instead of methods: measures what the network would miss of each layer, moves ReLUs (within --budget) or widths (within its
    /// multiplications) from the least to the most missed, trains a little beside the same training without the move, and again.
    #[arg(
        long,
        value_name = "relu|flops",
        value_parser = one_of(UtilisationOf::ALL, UtilisationOf::name),
        conflicts_with_all = ["method", "plan", "gap", "criticality", "resume", "checkpoint", "pytorch"]
    )]
    adjust: Option<UtilisationOf>,
    /// Rounds of --adjust, at most; it ends sooner where moves gain nothing.
    #[arg(long, value_name = "N", default_value_t = 8, requires = "adjust")]
    adjust_rounds: usize,
    /// Epochs of each of the two trainings of a round of --adjust; a third of those of fine-tuning where not given.
    #[arg(long, value_name = "N", requires = "adjust")]
    adjust_epochs: Option<usize>,
}

impl Adjust {
    /// How, where it is asked for.
    pub(super) fn settings(&self) -> Option<AdjustSettings> {
        let (rounds, epochs) = (self.adjust_rounds, self.adjust_epochs);
        self.adjust.map(|of| AdjustSettings { of, rounds, epochs, share: 0.05, draws: 5 })
    }
}

pub(super) fn adjust(
    settings: &TrainSettings,
    how: &AdjustSettings,
    output: Option<&Path>,
    json: bool,
) -> Result<(), Error> {
    let report =
        api::train_adjust(settings, how, &mut |seed, round| eprintln!("seed {seed}, {}", words(round)))?;
    if let Some(path) = output {
        for (of, bytes) in report.seeds.iter().zip(&report.files) {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let several = path.with_file_name(format!("{stem}-{}.onnx", of.seed));
            write(if report.files.len() > 1 { &several } else { path }, bytes)?;
        }
    }
    if json {
        print_json(&report);
    } else {
        print(&report);
    }
    Ok(())
}

fn words(AdjustRound { round, work, moved, score, still, won, test }: &AdjustRound) -> String {
    let at = format!("loss {:.4}, validation {:.4}", score.loss, score.accuracy);
    let Some(still) = still else {
        return format!("begins with {work}: {at}, test {test:.4}");
    };
    let beside = format!("without the move {:.4}, {:.4}", still.loss, still.accuracy);
    let end = if *won { "the move stays" } else { "the move loses and is taken back" };
    format!("round {round}, {} layers moved: {at}; {beside}: {end}; {work}, test {test:.4}", moved.len())
}

fn print(report: &AdjustReport) {
    for of in &report.seeds {
        say!("seed {}, all ReLUs at the start {:.4}", of.seed, of.base_accuracy);
        for round in &of.rounds {
            say!("  {}", words(round));
            for step in &round.moved {
                say!("    {} {} -> {}", step.name, step.from, step.to);
            }
        }
        say!("  kept: round {}, {:.4} ({:.0} s)", of.best, of.test_accuracy, of.seconds);
    }
}
