//! `reluctant exits`: a network that may stop early.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use reluctant::api::{
    self, Code, Error, ExitCost, ExitSearchSettings, ExitUnit, NamedFile, ReadAt, RunOptions, RunSession,
    Seen,
};

use super::cost::{Pricing, one_protocol};
use super::run::{labels, neighbours, read};
use super::shared::{Source, one_of, open, print_json, settings};

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Exits {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    price: Option<Price>,
}

#[derive(clap::Subcommand)]
enum What {
    /// Searches number, place and policy of exits under a budget.
    Search(Box<Search>),
    /// Sweeps the threshold on data with the heads that the model has.
    Sweep(Box<Sweep>),
}

#[derive(clap::Args)]
struct Price {
    #[command(flatten)]
    source: Source,
    /// Values that a head reads (names of outputs, or of their layers), in the order of the network. An output of the
    /// network is a head of its own.
    #[arg(long, value_delimiter = ',', required = true)]
    at: Vec<String>,
    /// Shares of the inputs that stop at each exit, and at the end: 0.4,0.3,0.2,0.1 for three exits.
    #[arg(long, value_delimiter = ',', required = true)]
    shares: Vec<f64>,
    /// Logits of each exit.
    #[arg(long, required = true)]
    classes: Option<u64>,
    #[command(flatten)]
    pricing: Pricing,
    /// Prints the report (reluctant.exits/1).
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct Search {
    #[command(flatten)]
    source: Source,
    /// Values that may be exits, in the order of the network; by default the outputs of the model's activations.
    #[arg(long, value_delimiter = ',')]
    at: Vec<String>,
    /// Share of the inputs that a head at each of them is sure of, by hand.
    #[arg(long, value_delimiter = ',', requires = "at")]
    sure: Vec<f64>,
    /// Without shares: a head at depth d, the share of the MACs before it, is sure of d to this power of the inputs. A
    /// stated model, not measured.
    #[arg(long, default_value_t = 1.0)]
    ease: f64,
    /// Logits of each head that is put there; the model's own have theirs.
    #[arg(long, default_value_t = 10)]
    classes: u64,
    /// Exits at most, 1 to 3.
    #[arg(long, default_value_t = 2)]
    most: usize,
    /// What may be spent.
    #[arg(long)]
    budget: Option<f64>,
    /// What the budget counts.
    #[arg(long, default_value = "bytes", value_parser = one_of(ExitUnit::ALL, ExitUnit::name))]
    unit: ExitUnit,
    /// Bits that may leak.
    #[arg(long, value_name = "BITS")]
    leak: Option<f64>,
    #[command(flatten)]
    data: Data<false>,
    #[command(flatten)]
    pricing: Pricing,
    /// Prints the report (reluctant.exits-search/1).
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct Sweep {
    #[command(flatten)]
    source: Source,
    /// Outputs of the model's own heads, in the order of the network.
    #[arg(long, value_delimiter = ',', required = true)]
    at: Vec<String>,
    /// Public thresholds on the largest logit; by default tenths of what the heads say.
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true)]
    thresholds: Vec<f64>,
    #[command(flatten)]
    data: Data<true>,
    #[command(flatten)]
    pricing: Pricing,
    /// Prints the report (reluctant.exits-sweep/1).
    #[arg(long)]
    json: bool,
}

/// Samples that heads are run on.
#[derive(clap::Args)]
struct Data<const REQUIRED: bool> {
    /// Samples: .npy, or .npz with labels as y.
    #[arg(long, value_name = "FILE", required = REQUIRED)]
    data: Option<PathBuf>,
    /// Class numbers of the samples.
    #[arg(long, value_name = "FILE", requires = "data")]
    labels: Option<PathBuf>,
}

impl<const REQUIRED: bool> Data<REQUIRED> {
    /// What the heads say of them; None without samples.
    fn seen(&self, source: &Source, at: &[String]) -> Result<Option<Seen>, Error> {
        let Some(data) = &self.data else { return Ok(None) };
        let none = || Error::new(Code::MissingData, "an example has no weights").hint("name an .onnx file");
        let path = source.model.as_deref().filter(|_| source.example.is_none()).ok_or_else(none)?;
        seen(path, source, data, self.labels.as_deref(), at).map(Some)
    }
}

fn seen(path: &Path, source: &Source, data: &Path, own: Option<&Path>, at: &[String]) -> Result<Seen, Error> {
    let files = neighbours(path)?;
    let files: Vec<NamedFile<'_>> = files
        .iter()
        .map(|(name, file)| NamedFile { name: name.clone(), bytes: file as &dyn ReadAt })
        .collect();
    let arrays = read(data)?;
    let shapes = arrays.iter().map(|(name, tensor)| (name.clone(), tensor.shape().to_vec())).collect();
    let options = RunOptions { shapes, ..RunOptions::default() };
    let mut quiet = |_, _| ControlFlow::Continue(());
    let mut session = RunSession::open(&files, &settings(source)?, &options, &mut quiet)?;
    let given = session.given(arrays, labels(own)?)?;
    api::ready(session.heads(at, given, &mut quiet))
}

pub(super) fn exits(args: &Exits) -> Result<(), Error> {
    match (&args.what, &args.price) {
        (Some(What::Search(args)), _) => search(args),
        (Some(What::Sweep(args)), _) => sweep(args),
        (None, Some(args)) => price(args),
        (None, None) => {
            Err(Error::new(Code::InvalidSetting, "exits needs a model").hint("reluctant exits --help"))
        }
    }
}

fn price(args: &Price) -> Result<(), Error> {
    let ask = args.pricing.ask()?;
    let scored = open(&args.source)?.score(&settings(&args.source)?)?;
    let classes = args.classes.unwrap_or_default();
    let report = scored.exits(&args.at, &args.shares, classes, &one_protocol(ask, &scored)?)?;
    if args.json {
        print_json(&report);
        return Ok(());
    }
    say!("{} v{} over {}", report.protocol, report.profile_version, report.link);
    print_head();
    for (place, cost) in report.at.iter().zip(&report.exits.fixed) {
        print_cost(&format!("always at {}", place.value), cost);
    }
    let leak = report.exits.secure.leak_bits;
    print_cost(&format!("tested, {leak:.3} bits leak"), &report.exits.secure);
    print_cost("all, chosen in secret", &report.exits.all);
    print_cost("no exits", &report.exits.none);
    let [secure, all] = [&report.exits.secure, &report.exits.all].map(|cost| &cost.unpriced);
    for why in secure.iter().chain(all.iter().filter(|why| !secure.contains(why))) {
        say!("  missing: {why}");
    }
    say!("{}", report.note);
    Ok(())
}

fn search(args: &Search) -> Result<(), Error> {
    let ask = args.pricing.ask()?;
    let seen = args.data.seen(&args.source, &args.at)?;
    let scored = open(&args.source)?.score(&settings(&args.source)?)?;
    let mut quiet = |_, _| ControlFlow::Continue(());
    let wish = ExitSearchSettings {
        at: args.at.clone(),
        sure: args.sure.clone(),
        ease: args.ease,
        classes: args.classes,
        most: args.most,
        unit: args.unit,
        budget: args.budget,
        leak: args.leak,
    };
    let report = scored.exit_search(&wish, seen.as_ref(), &one_protocol(ask, &scored)?, &mut quiet)?;
    if args.json {
        print_json(&report);
        return Ok(());
    }
    say!("{} v{} over {}", report.protocol, report.profile_version, report.link);
    say!("{} places, shares: {}", report.candidates.len(), report.sure_by);
    say!("{} ways priced, {} within the budget", report.tried, report.within);
    print_head();
    for (at, found) in report.found.iter().enumerate() {
        let best = if report.best == Some(at) { "best: " } else { "" };
        let leak = found.cost.leak_bits;
        print_cost(&format!("{best}{}, quality {:.3}", found.policy.name(), found.quality), &found.cost);
        if !found.at.is_empty() {
            say!("    at {} ({leak:.3} bits leak)", found.at.join(", "));
        }
    }
    say!("{}", report.note);
    Ok(())
}

fn sweep(args: &Sweep) -> Result<(), Error> {
    let ask = args.pricing.ask()?;
    let none = || Error::new(Code::MissingData, "a sweep needs samples").hint("--data x.npy");
    let seen = args.data.seen(&args.source, &args.at)?.ok_or_else(none)?;
    let scored = open(&args.source)?.score(&settings(&args.source)?)?;
    let report = scored.exit_sweep(&args.at, &seen, &args.thresholds, &one_protocol(ask, &scored)?)?;
    if args.json {
        print_json(&report);
        return Ok(());
    }
    say!("{} v{} over {}, {} samples", report.protocol, report.profile_version, report.link, report.samples);
    print_head();
    for point in &report.points {
        let shares: Vec<String> = point.shares.iter().map(|share| format!("{share:.3}")).collect();
        print_cost(&format!("threshold {:.4}", point.threshold), &point.secure);
        let accuracy = point.accuracy.map_or_else(String::new, |share| format!(", accuracy {share:.4}"));
        say!("    shares {}, as the end {:.4}{accuracy}", shares.join(" "), point.agreement);
    }
    print_cost("no exits", &report.none);
    say!("{}", report.note);
    Ok(())
}

fn print_head() {
    say!("{:<28} {:>18} {:>8} {:>12}", "", "bytes", "rounds", "seconds");
}

fn print_cost(name: &str, cost: &ExitCost) {
    let mark = |bound| if bound { ">" } else { "" };
    let (least, fewest) = (mark(cost.bound), mark(cost.bytes_bound));
    let seconds = match cost.seconds {
        Some([_, middle, _]) => format!("{least}{middle:.3}"),
        None => format!("link {:.3}", cost.link_seconds),
    };
    say!("{name:<28} {:>18} {:>8.1} {seconds:>12}", format!("{fewest}{}", cost.bytes), cost.rounds);
}
