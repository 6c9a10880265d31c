//! `reluctant mpc`: the protocol for real.

use std::ops::ControlFlow;
use std::path::PathBuf;

use reluctant::api::{Code, Error, Line, MpcReport, MpcSettings, NamedFile, ReadAt, RunOptions, RunSession};

use super::run::{arrays, labels, neighbours};
use super::shared::{Source, print_json, settings};

/// Runs the protocol.
#[derive(clap::Args)]
pub(super) struct Mpc {
    #[command(flatten)]
    source: Source,
    /// A .npy or .npz file for the input; each sample is an inference.
    #[arg(long = "input", value_name = "[NAME=]FILE", required = true)]
    inputs: Vec<String>,
    /// A .npy file of class numbers, for accuracy.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Bits of the ring: 64 or 32.
    #[arg(long, value_name = "BITS", default_value_t = 64)]
    ring_bits: u32,
    /// Bits after the point.
    #[arg(long, value_name = "BITS", default_value_t = 18)]
    fraction: u32,
    /// Waits as this link would: lan, wan, ...
    #[arg(long, value_name = "ID")]
    link: Option<String>,
    /// Seed of all randomness: the same seed, the same messages.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Opens the best class alone, not the scores.
    #[arg(long)]
    argmax: bool,
    /// Runs the ring's simulation beside it, and compares.
    #[arg(long)]
    simulate: bool,
    /// Prints the report (reluctant.mpc/1).
    #[arg(long)]
    json: bool,
}

pub(super) fn mpc(args: &Mpc) -> Result<(), Error> {
    let Some(path) = args.source.model.as_ref().filter(|_| args.source.example.is_none()) else {
        return Err(Error::new(Code::MissingData, "an example has no weights").hint("name an .onnx file"));
    };
    let files = neighbours(path)?;
    let files: Vec<NamedFile<'_>> = files
        .iter()
        .map(|(name, file)| NamedFile { name: name.clone(), bytes: file as &dyn ReadAt })
        .collect();
    let options = RunOptions { batch: 1, ..RunOptions::default() };
    let mut quiet = |_, _| ControlFlow::Continue(());
    let mut session = RunSession::open(&files, &settings(&args.source)?, &options, &mut quiet)?;
    let given = session.given(arrays(&args.inputs)?, labels(args.labels.as_deref())?)?;
    let asked = MpcSettings {
        ring_bits: args.ring_bits,
        fraction_bits: args.fraction,
        seed: args.seed,
        link: args.link.as_deref().map(Line::preset).transpose()?,
        argmax: args.argmax,
        simulate: args.simulate,
    };
    let report = session.mpc(given, &asked, &mut quiet)?;
    if args.json {
        print_json(&report);
    } else {
        print(&report);
    }
    Ok(())
}

fn print(report: &MpcReport) {
    let MpcReport { ring_bits, fraction_bits, samples, .. } = report;
    say!(
        "{}: {samples} inferences in a ring of {ring_bits} bits, {fraction_bits} after the point",
        report.model
    );
    let [client, server] = report.bytes_by_party;
    let predicted =
        report.predicted_bytes_total.map_or("no price".to_owned(), |bytes| format!("{bytes} B predicted"));
    say!(
        "each sends {client} and {server} B, {} B ({predicted}), {} rounds",
        report.bytes_total,
        report.rounds
    );
    say!("{:<28} {:>12} {:>12} {:>7}", "", "bytes", "predicted", "rounds");
    for layer in &report.layers {
        let predicted = layer.predicted_bytes.map_or("-".to_owned(), |bytes| bytes.to_string());
        let name: String = layer.name.chars().take(28).collect();
        say!("{name:<28} {:>12} {predicted:>12} {:>7}", layer.bytes, layer.rounds);
    }
    let (input, weights, output) = (report.input_bytes, report.weights_bytes, report.output_bytes);
    say!("beside it: {input} B of shares of the input, {weights} B of the weights, {output} B of the result");
    say!("the dealer sent {} B", report.dealer_bytes);
    say!("{:.3} s, of them {:.3} s of compute", report.seconds, report.compute_seconds);
    if let Some(link) = &report.link {
        say!("{link} is priced at {:.3} s", report.link_seconds);
    }
    if let Some(accuracy) = &report.accuracy {
        say!("top-1 {:.4} ({} of {})", accuracy.top1, accuracy.correct, accuracy.samples);
    }
    if let Some(ring) = &report.ring {
        let [off, simulated, float] =
            [ring.largest_difference, ring.simulated_difference, ring.float_difference];
        say!("same class as the ring's simulation: {} of {samples}", ring.same);
        say!(
            "largest differences: {off:.2e} from the simulation, {float:.2e} from float32 (simulation {simulated:.2e})"
        );
    }
    if let (1, Some(row)) = (*samples, report.output.first()) {
        let all: Vec<String> = row.iter().map(|x| format!("{x:.5}")).collect();
        say!("{}", all.join(" "));
    }
}
