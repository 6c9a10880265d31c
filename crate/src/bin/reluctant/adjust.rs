//! `reluctant train --adjust`: rounds of moving width or ReLUs, each told as it ends.

use std::path::{Path, PathBuf};

use reluctant::api::{
    self, AdjustReport, AdjustRound, AdjustSettings, AdjustWatch, Error, TrainSettings, UtilisationOf,
};

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
    let mut watch = Watch { output: output.map(Path::to_owned), several: settings.seeds.len() > 1 };
    let report = api::train_adjust(settings, how, &mut watch)?;
    if json {
        print_json(&report);
    } else {
        print(&report);
    }
    report.broke.map_or(Ok(()), Err)
}

/// Tells of rounds, and writes each seed's network as it ends.
struct Watch {
    output: Option<PathBuf>,
    several: bool,
}

impl AdjustWatch for Watch {
    fn round(&mut self, seed: u64, round: &AdjustRound) {
        eprintln!("seed {seed}, {}", words(round));
    }

    fn file(&mut self, seed: u64, bytes: &[u8]) -> Result<(), Error> {
        let Some(path) = &self.output else { return Ok(()) };
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let several = path.with_file_name(format!("{stem}-{seed}.onnx"));
        write(if self.several { &several } else { path }, bytes)
    }
}

fn words(of: &AdjustRound) -> String {
    let AdjustRound { round, work, moved, score, still, won, test } = of;
    let at = match of.diverged() {
        true => "training diverged".to_owned(),
        false => format!("loss {:.4}, validation {:.4}", score.loss, score.accuracy),
    };
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
