//! The command line. No logic: reads arguments, calls the api, prints.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use reluctant::api::{
    self, ActivationPlan, Axis, CostSettings, Error, LinkView, LocalFile, Machine, Model, NamedFile,
    ParetoSettings, Present, Settings,
};

/// Prints a line; ends quietly when the reader has gone, as `head` does.
macro_rules! say {
    ($($text:tt)*) => {
        if std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{}\n", format_args!($($text)*))).is_err() {
            std::process::exit(0);
        }
    };
}

mod calibrate;
mod poly;
#[cfg(feature = "run")]
mod replace;
#[cfg(feature = "run")]
mod run;

/// What a network costs in private inference.
#[derive(Parser)]
#[command(version, about)]
struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Counts ReLUs, other activations, MACs and parameters.
    Score(Score),
    /// Prices the layers under protocols: offline and online seconds, bytes, rounds.
    Cost(Cost),
    /// Prints a link that opens to the score, without the file.
    Link(Link),
    /// Prints what a link holds.
    Open {
        /// The link, its whole address, or a file that holds it.
        link: String,
        /// Prints everything (reluctant.link/1).
        #[arg(long)]
        json: bool,
    },
    /// Compares with published points: fronts, and the best at a budget or an accuracy.
    Pareto(Pareto),
    /// Fits the polynomial that stands for an activation.
    Poly(poly::Poly),
    /// Fits a profile of your own to measurements.
    Calibrate(calibrate::Calibrate),
    #[cfg(feature = "run")]
    /// Replaces activations under a budget, writes the changed model, shows what it does and costs.
    Replace(Box<replace::Replace>),
    #[cfg(feature = "run")]
    /// Measures many budgets: fidelity or accuracy against what stays, with costs.
    Sweep(Box<replace::Sweep>),
    /// Lists the protocols, with constants and sources.
    Protocols {
        /// Prints everything.
        #[arg(long)]
        json: bool,
    },
    /// Runs a model on arrays: outputs, accuracy, times, statistics.
    #[cfg(feature = "run")]
    Run(run::Run),
    /// Lists the examples that `--example` takes.
    Examples,
}

#[derive(clap::Args)]
struct Source {
    /// An .onnx file; files of external data are looked for beside it.
    #[arg(required_unless_present = "example")]
    model: Option<PathBuf>,
    /// An example instead of a file.
    #[arg(long, conflicts_with = "model")]
    example: Option<String>,
    /// Sets an input's shape or a symbolic dimension: input=1x3x32x32, batch=4.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
}

/// What a cost depends on besides the model.
#[derive(clap::Args)]
struct Pricing {
    #[command(flatten)]
    terms: Terms,
    /// What becomes of activations.
    #[arg(long, default_value = "keep")]
    activation: Plan,
    /// Part of the activations that stays, 0 to 1; the others become what --activation says.
    #[arg(long, value_name = "PART", requires = "activation")]
    activation_share: Option<f64>,
    /// What is kept or replaced together: pixel, spatial, channel, layer, stage.
    #[arg(long, default_value = "pixel", requires = "activation_share")]
    granularity: api::Granularity,
}

/// Protocols, link and machines.
#[derive(clap::Args)]
struct Terms {
    /// A protocol, as `reluctant protocols` lists them; may be given several times.
    #[arg(long = "protocol", value_name = "ID")]
    protocols: Vec<String>,
    /// A profile that `reluctant calibrate` saved: adds the protocol `calibrated`.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// A preset of the link between the parties; lan by default.
    #[arg(long, value_name = "ID", conflicts_with_all = ["up", "down", "rtt"])]
    link: Option<String>,
    /// Rate from the client.
    #[arg(long, value_name = "MB/S", requires = "down")]
    up: Option<f64>,
    /// Rate to the client.
    #[arg(long, value_name = "MB/S", requires = "up")]
    down: Option<f64>,
    /// Round-trip time.
    #[arg(long, value_name = "MS", requires = "up")]
    rtt: Option<f64>,
    /// Threads for homomorphic layers.
    #[arg(long, value_name = "N")]
    he_threads: Option<u32>,
    /// Threads for garbled circuits.
    #[arg(long, value_name = "N")]
    gc_threads: Option<u32>,
    /// The client's processor, or the graphics processor of ckks:gpu.
    #[arg(long, default_value = "epyc")]
    client: Client,
    /// Width of the ring: 32, 64, 128.
    #[arg(long, value_name = "N")]
    ring_bits: Option<u32>,
    /// Bits of a share where a protocol chooses them freely (cheetah:paper, cheetah:window16, sci-ot).
    #[arg(long, value_name = "N")]
    share_bits: Option<u32>,
    /// Oblivious transfer of cheetah:spu: ferret or softspoken.
    #[arg(long, default_value = "ferret")]
    ot: api::Ot,
    /// Which side of zero errs under circa: pos-zero or neg-pass.
    #[arg(long, default_value = "pos-zero")]
    faults: api::FaultMode,
    /// Chooses the class under encryption: an argmax over the last linear layer.
    #[arg(long)]
    argmax: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Client {
    Epyc,
    Atom,
    #[value(name = "a100-40")]
    A100x40,
    #[value(name = "a100-80")]
    A100x80,
    H100,
    Rtx5090,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Plan {
    Keep,
    Identity,
    #[value(name = "poly2:public")]
    Poly2Public,
    #[value(name = "poly2:secret")]
    Poly2Secret,
}

impl Terms {
    fn settings(&self, layers: bool) -> Result<CostSettings, Error> {
        let calibration = self.profile.as_deref().map(calibrate::profile).transpose()?;
        let mut protocols = self.protocols.clone();
        if calibration.is_some() && !protocols.iter().any(|id| id == api::CALIBRATED) {
            protocols.push(api::CALIBRATED.to_owned());
        }
        Ok(CostSettings {
            protocols,
            calibration,
            link: self.link.clone(),
            up: self.up,
            down: self.down,
            rtt: self.rtt,
            he_threads: self.he_threads,
            gc_threads: self.gc_threads,
            machine: match self.client {
                Client::Epyc => Machine::Epyc,
                Client::Atom => Machine::Atom,
                Client::A100x40 => Machine::A100x40,
                Client::A100x80 => Machine::A100x80,
                Client::H100 => Machine::H100,
                Client::Rtx5090 => Machine::Rtx5090,
            },
            ring_bits: self.ring_bits,
            share_bits: self.share_bits,
            ot: self.ot,
            faults: self.faults,
            argmax: self.argmax,
            layers,
            ..CostSettings::default()
        })
    }
}

impl Pricing {
    fn settings(&self, layers: bool) -> Result<CostSettings, Error> {
        Ok(CostSettings {
            activation: match self.activation {
                Plan::Keep => ActivationPlan::Keep,
                Plan::Identity => ActivationPlan::Identity,
                Plan::Poly2Public => ActivationPlan::Poly2Public,
                Plan::Poly2Secret => ActivationPlan::Poly2Secret,
            },
            activation_share: self.activation_share,
            granularity: self.granularity,
            ..self.terms.settings(layers)?
        })
    }
}

#[derive(clap::Args)]
struct Cost {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    pricing: Pricing,
    /// Adds the cost of each layer to the JSON.
    #[arg(long, requires = "json")]
    layers: bool,
    /// Compares every protocol in one table; seconds in brackets are those of the link alone.
    #[arg(long, conflicts_with_all = ["protocols", "layers"])]
    all: bool,
    /// Prints the estimates (reluctant.cost/1).
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Prints one line of figures for each protocol.
    #[arg(long)]
    csv: bool,
}

#[derive(clap::Args)]
struct Score {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    pricing: Pricing,
    /// Prints the whole report (reluctant.score/1).
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Prints the layer table.
    #[arg(long)]
    csv: bool,
}

#[derive(clap::Args)]
struct Link {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    pricing: Pricing,
    /// Lets the names of the model, its layers and symbols into the link.
    #[arg(long)]
    names: bool,
    /// Address of the page that the link opens.
    #[arg(long, value_name = "URL", default_value = "")]
    base: String,
}

#[derive(clap::Args)]
struct Pareto {
    /// CIFAR-10, CIFAR-100, TinyImageNet or ImageNet.
    #[arg(long, default_value = "CIFAR-100")]
    dataset: String,
    /// What a point costs; latency and traffic take the first protocol.
    #[arg(long, default_value = "relus")]
    x: X,
    #[command(flatten)]
    pricing: Pricing,
    /// Looks for the most accurate point within this cost, in the axis' unit.
    #[arg(long, value_name = "N")]
    budget: Option<f64>,
    /// Looks for the cheapest point of this accuracy.
    #[arg(long, value_name = "PERCENT")]
    accuracy: Option<f64>,
    /// Lists every published point with its source instead.
    #[arg(long)]
    published: bool,
    /// Prints everything (reluctant.pareto/1).
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum X {
    Relus,
    Latency,
    Traffic,
    Macs,
}

fn main() -> ExitCode {
    let result = match Args::parse().verb {
        Verb::Score(args) => score(&args),
        Verb::Cost(args) => cost(&args),
        Verb::Link(args) => link(&args),
        Verb::Open { link, json } => open_link(&link, json),
        Verb::Pareto(args) => pareto(&args),
        Verb::Calibrate(args) => calibrate::run(&args),
        #[cfg(feature = "run")]
        Verb::Replace(args) => replace::replace(&args),
        #[cfg(feature = "run")]
        Verb::Sweep(args) => replace::sweep(&args),
        Verb::Poly(args) => poly::run(&args),
        Verb::Protocols { json } => protocols(json),
        #[cfg(feature = "run")]
        Verb::Run(args) => run::run(&args),
        Verb::Examples => {
            for example in api::examples() {
                say!("{:<28} {}", example.id, example.title);
            }
            Ok(())
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn score(args: &Score) -> Result<(), Error> {
    let mut scored = open(&args.source)?.score(&settings(&args.source)?)?;
    if !args.pricing.terms.protocols.is_empty() || args.pricing.terms.profile.is_some() {
        scored.score.estimates = Some(scored.cost(&args.pricing.settings(false)?)?.estimates);
    }
    if args.json {
        print_json(&scored.score);
    } else if args.csv {
        say!("{}", api::csv(&scored.score).trim_end());
    } else {
        print_table(&scored.score);
        scored.score.estimates.iter().flatten().for_each(print_estimate);
    }
    Ok(())
}

fn cost(args: &Cost) -> Result<(), Error> {
    let mut pricing = args.pricing.settings(args.layers)?;
    let scored = open(&args.source)?.score(&settings(&args.source)?)?;
    let report = if args.all {
        scored.compare(&pricing)?
    } else {
        if pricing.protocols.is_empty() {
            let all = api::protocols(&pricing)?;
            pricing.protocols = all.iter().map(|profile| profile.id.to_owned()).collect();
        }
        scored.cost(&pricing)?
    };
    if args.json {
        print_json(&report);
    } else if args.csv {
        say!("{}", api::cost_csv(&report).trim_end());
    } else if args.all {
        print_comparison(&report);
    } else {
        report.estimates.iter().for_each(print_estimate);
    }
    Ok(())
}

fn link(args: &Link) -> Result<(), Error> {
    let scored = open(&args.source)?.score(&settings(&args.source)?)?;
    let view = LinkView {
        example: args.source.example.clone(),
        view: "score".to_owned(),
        cost: Some(args.pricing.settings(false)?),
        ..LinkView::default()
    };
    say!("{}{}", args.base, scored.link(&view, args.names)?);
    Ok(())
}

fn open_link(text: &str, json: bool) -> Result<(), Error> {
    let saved = if text.contains('=') { None } else { std::fs::read_to_string(text).ok() };
    let document = api::open_link(saved.as_deref().unwrap_or(text))?.document()?;
    if json {
        print_json(&document);
        return Ok(());
    }
    print_table(&document.score);
    document.score.estimates.iter().flatten().for_each(print_estimate);
    for api::ProfileChange { id, was, now } in &document.state.changed {
        let now = now.map_or_else(|| "not known here".to_owned(), |now| format!("v{now} here"));
        say!("{id} was v{was} for the sender and is {now}");
    }
    Ok(())
}

fn published(json: bool) -> Result<(), Error> {
    let published = api::published()?;
    if json {
        print_json(&published);
        return Ok(());
    }
    for point in published.points {
        let relus = point.relus.map_or_else(|| "-".to_owned(), |relus| relus.to_string());
        let (dataset, method) = (&point.dataset, &point.method);
        say!(
            "{dataset:<12} {relus:>7} {:>6.2} %  {method}: {}, {}",
            point.accuracy,
            point.source,
            point.place
        );
    }
    Ok(())
}

fn pareto(args: &Pareto) -> Result<(), Error> {
    if args.published {
        return published(args.json);
    }
    let report = api::pareto_report(&ParetoSettings {
        dataset: args.dataset.clone(),
        axis: match args.x {
            X::Relus => Axis::Relus,
            X::Latency => Axis::Latency,
            X::Traffic => Axis::Traffic,
            X::Macs => Axis::Macs,
        },
        cost: args.pricing.settings(false)?,
        budget: args.budget,
        accuracy: args.accuracy,
        ..ParetoSettings::default()
    })?;
    if args.json {
        print_json(&report);
        return Ok(());
    }
    let points = api::published()?.points;
    let line = |what: &str, index: usize| {
        let cost = report.points.iter().find(|placed| placed.index == index).and_then(|placed| placed.cost);
        if let (Some(point), Some(cost)) = (points.get(index), cost) {
            let (unit, method) = (report.unit, &point.method);
            say!("{what:<24} {cost:>14.6} {unit:<6} {:>6.2} %  {method}: {}", point.accuracy, point.source);
        }
    };
    report.front.iter().for_each(|index| line("front", *index));
    report.best_at_budget.iter().for_each(|index| line("best at the budget", *index));
    report.fewest_at_accuracy.iter().for_each(|index| line("fewest at the accuracy", *index));
    Ok(())
}

fn protocols(json: bool) -> Result<(), Error> {
    let protocols = api::protocols(&CostSettings::default())?;
    if json {
        print_json(&protocols);
        return Ok(());
    }
    for profile in protocols {
        say!("{:<24} v{}  {}", profile.id, profile.version, profile.title);
        say!("{:<24} leaves out: {}", "", profile.leaves_out);
    }
    Ok(())
}

fn print_comparison(report: &api::Report) {
    say!(
        "{:<24} {:>16} {:>16} {:>15} {:>15} {:>8} {:>14}",
        "protocol",
        "offline s",
        "online s",
        "offline B",
        "online B",
        "rounds",
        "client keeps B"
    );
    for e in &report.estimates {
        // Seconds in brackets are those of the link alone.
        let seconds = |phase: &api::Phase| match phase.seconds {
            Some([_, middle, _]) => format!("{middle:.3} "),
            None => format!("({:.3})", phase.link_seconds),
        };
        let bytes = |phase: &api::Phase| phase.bytes_up + phase.bytes_down + phase.bytes_between;
        say!(
            "{:<24} {:>16} {:>16} {:>15} {:>15} {:>8} {:>14}{}",
            e.protocol,
            seconds(&e.offline),
            seconds(&e.online),
            bytes(&e.offline),
            bytes(&e.online),
            e.online.rounds,
            e.client_storage_bytes.map_or_else(|| "-".to_owned(), |n| n.to_string()),
            if e.partial {
                format!("  partial: {} without a price", e.unpriced.len())
            } else {
                String::new()
            }
        );
    }
}

fn print_estimate(estimate: &api::Estimate) {
    say!("{} v{} over {}", estimate.protocol, estimate.profile_version, estimate.link);
    for (name, phase) in [("offline", &estimate.offline), ("online", &estimate.online)] {
        let time = match phase.seconds {
            Some([low, mid, high]) => format!("{mid:.3} s [{low:.3}-{high:.3}]"),
            None => format!("{:.3} s on the link; compute is not known", phase.link_seconds),
        };
        let bytes = phase.bytes_up + phase.bytes_down + phase.bytes_between;
        say!("  {name:<8} {time}, {bytes} B, {} rounds", phase.rounds);
    }
    let storage = estimate.client_storage_bytes.map_or_else(|| "not known".to_owned(), |n| format!("{n} B"));
    say!("  total {} B; set-up {} B; client keeps {storage}", estimate.bytes_total, estimate.setup_bytes);
    if estimate.partial {
        say!("  partial: {} pieces of work have no price", estimate.unpriced.len());
    }
    say!("  leaves out: {}", estimate.leaves_out);
}

fn settings(source: &Source) -> Result<Settings, Error> {
    let mut settings = Settings::default();
    for text in &source.set {
        settings.add(text)?;
    }
    Ok(settings)
}

/// Opens the model; the files in its folder are offered as external data.
fn open(source: &Source) -> Result<Model, Error> {
    if let Some(id) = &source.example {
        return Model::example(id);
    }
    let path = source.model.clone().unwrap_or_default();
    let file = LocalFile::open(&path)?;
    let file = NamedFile { name: name(&path), bytes: &file };
    Model::open(&file, neighbours(&path), &mut |_, _| ControlFlow::Continue(()))
}

/// Names and sizes of the files in the model's folder.
fn neighbours(path: &Path) -> Vec<Present> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let plain = entries.flatten().filter_map(|entry| {
        let about = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
        Some(Present { name: name(&entry.path()), bytes: about.len() })
    });
    plain.take(api::MAX_FILES).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn print_json<T: serde::Serialize>(value: &T) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => say!("{text}"),
        Err(error) => eprintln!("error: {error}"),
    }
}

fn print_table(score: &api::Score) {
    let model = &score.model;
    say!("{}  (IR {}, opset {}, {})", model.name, model.ir_version, model.opset, model.producer);
    for symbol in &model.symbols {
        let value = symbol.value.map_or_else(|| "not set".to_owned(), |v| v.to_string());
        say!("  {} = {value} ({:?})", symbol.name, symbol.origin);
    }
    say!("{:<44} {:<18} {:<20} {:>12} {:>16} {:>12}", "layer", "op", "shape", "params", "MACs", "activation");
    for layer in &score.layers {
        let shape = layer.shape.as_ref().map(|dims| api::shape_text(dims)).unwrap_or_default();
        let number = |n: Option<u64>| n.map_or_else(|| "unknown".to_owned(), |n| n.to_string());
        let activation = layer.activation.as_ref().map(|a| format!("{} {}", a.kind, a.elements));
        say!(
            "{:<44} {:<18} {:<20} {:>12} {:>16} {:>12}",
            layer.name,
            layer.op,
            shape,
            number(layer.params),
            number(layer.macs),
            activation.unwrap_or_default()
        );
    }
    let totals = &score.totals;
    say!("params {}, MACs {}, ReLUs {}", totals.params, totals.macs, totals.relu.elements);
    for (kind, tally) in &totals.activations {
        say!("  {kind} {} in {} nodes", tally.elements, tally.nodes);
    }
    let coverage = &score.coverage;
    say!("{} of {} nodes counted", coverage.counted, coverage.nodes);
    for unknown in &coverage.unknown {
        say!("  unknown: {} ({}): {}", unknown.node, unknown.op, unknown.reason);
    }
}
