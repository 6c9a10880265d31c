//! `reluctant cost`, and what every verb that prices takes: protocols, link, machines, activations.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};
use reluctant::api::{self, Activations, Ask, Draft, Error, Planned, SETTINGS, Setting, Workbench};

use super::advice::print_advice;
use super::bench::{bench, plan};
use super::calibrate;

use super::shared::{Source, open, print_json, settings};

/// The settings of an ask as flags, one for each row of the core's table: of the terms, or of the network too.
pub(super) struct Flags<const NETWORK: bool> {
    said: Vec<(&'static Setting, String)>,
    profile: Option<PathBuf>,
}

/// Terms, and what becomes of activations.
pub(super) type Pricing = Flags<true>;
/// Protocols, link and machines.
pub(super) type Terms = Flags<false>;

/// A profile of one's own has a flag beside the table: it is a file.
const PROFILE: &str = "profile";

impl<const NETWORK: bool> Flags<NETWORK> {
    fn settings() -> impl Iterator<Item = (&'static Setting, &'static str)> {
        let named = SETTINGS.iter().filter_map(|setting| Some((setting, setting.flag()?)));
        named.filter(|(setting, _)| NETWORK || setting.of == api::Of::Terms)
    }

    /// What is asked for.
    pub(super) fn ask(&self) -> Result<Ask, Error> {
        let mut draft = Draft::default();
        for (setting, text) in &self.said {
            draft.read_text(setting, text)?;
        }
        let own = self.profile.as_deref().map(calibrate::profile).transpose()?;
        let brings_own = own.is_some();
        own.into_iter().for_each(|own| draft.own(own));
        let mut ask = draft.finish()?;
        if brings_own && !ask.terms.protocols.iter().any(|id| id == api::CALIBRATED) {
            ask.terms.protocols.push(api::CALIBRATED.to_owned());
        }
        Ok(ask)
    }

    /// Some protocol was named.
    pub(super) fn names_protocol(&self) -> bool {
        self.profile.is_some() || self.said.iter().any(|(setting, _)| setting.name == "protocol")
    }
}

impl<const NETWORK: bool> clap::Args for Flags<NETWORK> {
    fn augment_args(command: Command) -> Command {
        let arg = |setting: &'static Setting, flag: &'static str| {
            let arg = Arg::new(setting.name).long(flag).help(setting.help());
            let arg = match (setting.is_flag(), setting.name) {
                (true, _) => return arg.action(ArgAction::SetTrue),
                (_, "protocol") => arg.action(ArgAction::Append),
                // Without a share there is nothing that it could say.
                (_, "granularity") => arg.requires("activation-share"),
                _ => arg,
            };
            arg.value_name(setting.value_name)
        };
        let profile = Arg::new(PROFILE)
            .long(PROFILE)
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .help("A profile that `reluctant calibrate` saved: adds the protocol `calibrated`.");
        command.args(Self::settings().map(|(setting, flag)| arg(setting, flag))).arg(profile)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const NETWORK: bool> clap::FromArgMatches for Flags<NETWORK> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self { said: Vec::new(), profile: None };
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for (setting, _) in Self::settings() {
            if setting.is_flag() {
                self.said.extend(matches.get_flag(setting.name).then(|| (setting, "1".to_owned())));
            } else {
                let texts = matches.get_many::<String>(setting.name).into_iter().flatten();
                self.said.extend(texts.map(|text| (setting, text.clone())));
            }
        }
        self.profile = matches.get_one::<PathBuf>(PROFILE).cloned();
        Ok(())
    }
}

#[derive(clap::Args)]
pub(super) struct Cost {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    pricing: Pricing,
    /// Prices the network under a plan (reluctant.plan/1) that `reluctant replace --plan` or the page wrote.
    #[arg(long, value_name = "PLAN", conflicts_with = "activation")]
    plan: Option<PathBuf>,
    /// Adds the cost of each layer to the JSON.
    #[arg(long, requires = "json")]
    layers: bool,
    /// Compares every protocol in one table; seconds in brackets are those of the link alone. What leaves work without a
    /// price stands last: its figures are lower bounds.
    #[arg(long, conflicts_with_all = ["protocol", "layers"])]
    all: bool,
    /// Says what stands in the way under one protocol, and what changes would save or cost, the greatest saving first
    /// (with --json: reluctant.advice/1).
    #[arg(long, conflicts_with_all = ["all", "layers", "csv"])]
    advice: bool,
    /// Prints the estimates (reluctant.cost/1).
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Prints one line of figures for each protocol.
    #[arg(long)]
    csv: bool,
}

/// A plan file, held against the model.
pub(super) fn planned(source: &Source, path: &Path) -> Result<Planned, Error> {
    let settings = settings(source)?;
    let mut bench = match (&source.example, &source.model) {
        (Some(id), _) => Workbench::example(id, &settings)?,
        (None, model) => bench(model.as_deref().unwrap_or(Path::new("")), &settings, 1)?,
    };
    bench.held(&plan(path)?)
}

pub(super) fn cost(args: &Cost) -> Result<(), Error> {
    let mut ask = args.pricing.ask()?;
    if let Some(path) = &args.plan {
        let planned = planned(&args.source, path)?;
        for note in &planned.notes {
            eprintln!("note: {note}");
        }
        ask.activations = Activations::Plan(planned.replaced);
    }
    let (model, settings) = (open(&args.source)?, settings(&args.source)?);
    let scored = model.score(&settings)?;
    if args.advice {
        return advise(&model.advice(&settings, &scored, &one_protocol(ask, &scored)?)?, args.json);
    }
    let report = if args.all {
        let mut all = scored.compare(&ask)?;
        all.bounds_last();
        all
    } else {
        if ask.terms.protocols.is_empty() {
            let all = api::protocols(&ask.terms)?;
            ask.terms.protocols = all.iter().map(|profile| profile.id.to_owned()).collect();
        }
        if args.layers { scored.cost_by_row(&ask)? } else { scored.cost(&ask)? }
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

/// The protocol that was named, or the one that the model opens under: some questions are of one.
pub(super) fn one_protocol(mut ask: Ask, scored: &api::Scored) -> Result<Ask, Error> {
    if ask.terms.protocols.len() > 1 {
        let message = format!("this is asked of one protocol, not of {}", ask.terms.protocols.join(", "));
        return Err(Error::new(api::Code::InvalidSetting, message).hint("name one with --protocol"));
    }
    if ask.terms.protocols.is_empty() {
        ask.terms.protocols =
            scored.opens_under().iter().take(1).map(|opening| opening.protocol.to_owned()).collect();
    }
    Ok(ask)
}

fn advise(advice: &api::Advice, json: bool) -> Result<(), Error> {
    if json {
        print_json(advice)
    } else {
        print_advice(advice)
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
        // Seconds in brackets are those of the link alone; behind `>` stands a lower bound.
        let least = least(e);
        let seconds = |phase: &api::Phase| match phase.seconds {
            _ if phase.is_empty() => nothing(e).to_owned(),
            Some([_, middle, _]) => format!("{least}{middle:.3} "),
            None => format!("{least}({:.3})", phase.link_seconds),
        };
        let bytes = |phase: &api::Phase| match phase.is_empty() {
            true => nothing(e).to_owned(),
            false => format!("{least}{}", phase.bytes_total()),
        };
        let rounds = match e.online.is_empty() {
            true => nothing(e).to_owned(),
            false => format!("{least}{}", e.online.rounds),
        };
        say!(
            "{:<24} {:>16} {:>16} {:>15} {:>15} {:>8} {:>14}{}",
            e.protocol,
            seconds(&e.offline),
            seconds(&e.online),
            bytes(&e.offline),
            bytes(&e.online),
            rounds,
            storage(e, "-"),
            if e.bound { format!("  {}", gaps(e)) } else { String::new() }
        );
    }
}

/// Before a lower bound.
fn least(e: &api::Estimate) -> &'static str {
    if e.bound { "> " } else { "" }
}

/// Of a phase without a figure: there is none of it, or nothing of it has a price.
fn nothing(e: &api::Estimate) -> &'static str {
    if e.bound { "unpriced" } else { "none" }
}

/// What the client keeps; a bound of nothing is no bound.
fn storage(e: &api::Estimate, unknown: &str) -> String {
    match e.client_storage_bytes {
        Some(0) if e.bound => nothing(e).to_owned(),
        Some(n) => format!("{}{n}", least(e)),
        None => unknown.to_owned(),
    }
}

/// `74 of 110 pieces unpriced`.
fn gaps(e: &api::Estimate) -> String {
    format!("{} of {} pieces unpriced", e.unpriced.len(), e.pieces())
}

pub(super) fn print_estimate(estimate: &api::Estimate) {
    say!("{} v{} over {}", estimate.protocol, estimate.profile_version, estimate.link);
    let least = least(estimate);
    for (name, phase) in [("offline", &estimate.offline), ("online", &estimate.online)] {
        if phase.is_empty() {
            say!(
                "  {name:<8} {}",
                if estimate.bound { "nothing of it has a price" } else { "no such phase" }
            );
            continue;
        }
        let time = match phase.seconds {
            Some([_, mid, _]) if estimate.bound => format!("> {mid:.3} s"),
            Some([low, mid, high]) => format!("{mid:.3} s [{low:.3}-{high:.3}]"),
            None => format!("{least}{:.3} s on the link; compute is not known", phase.link_seconds),
        };
        // At least none is no bound.
        let rounds = match phase.rounds {
            0 if estimate.bound => String::new(),
            rounds => format!(", {least}{rounds} rounds"),
        };
        say!("  {name:<8} {time}, {least}{} B{rounds}", phase.bytes_total());
    }
    let each = estimate.setup_bytes_each.map_or_else(String::new, |n| {
        format!(", {n} B each of {} inferences", estimate.settings.ask.terms.inferences)
    });
    let setup = estimate.setup_bytes.map_or_else(|| "not known".to_owned(), |n| format!("{n} B{each}"));
    let storage = storage(estimate, "not known");
    let unit = if storage.ends_with(char::is_numeric) { " B" } else { "" };
    say!("  total {least}{} B; set-up {setup}; client keeps {storage}{unit}", estimate.bytes_total);
    if estimate.partial {
        say!("  lower bounds: {}", gaps(estimate));
    }
    if let Some(money) = &estimate.money {
        print_money(money);
    }
    say!("  leaves out: {}", estimate.leaves_out);
    estimate.trust.lines().iter().for_each(|line| say!("  {line}"));
}

fn print_money(money: &api::Money) {
    let bound = if money.at_least { "at least " } else { "" };
    match money.per_1000 {
        Some(sum) => say!("  1,000 inferences cost {bound}{sum:.4}"),
        None => say!("  what 1,000 inferences cost is not known"),
    }
    for part in &money.parts {
        let amount = match (part.quantity, part.amount) {
            (Some(quantity), Some(amount)) => {
                format!("{quantity:.4} {} at {} = {amount:.4}", part.unit, part.price)
            }
            _ => "not known".to_owned(),
        };
        let reason = part.reason.as_deref().map_or(String::new(), |reason| format!(" ({reason})"));
        say!("    {}: {amount}{reason}", part.of);
    }
}
