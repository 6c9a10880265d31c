//! What a network costs under one tariff: the sums of its rows' terms.

use std::borrow::Cow;

use super::ask::{Ask, Knob, Norms};
use super::cause::Cause;
use super::finding::{Ground, Parts, Whole, findings};
use super::ledger::{Ledger, Page};
use super::link::LOOPBACK;
use super::money::{Money, Taken};
use super::path::Path;
use super::protocols::circa::Faults;
use super::report::{COST_SCHEMA, Estimate, Phase, Place, Report, RowCost, SettingsView, Unpriced};
use super::tally::{Tally, whole};
use super::tariff::{Pricing, Tariff};
use super::term::{Term, To};
use crate::count::Row;
use crate::error::Result;

pub(super) const UNTIMED: &str = "its traffic is priced, its compute time is not known";

/// What an estimate says beside its totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Nothing: its findings are empty.
    Totals,
    /// What stands in the way, in words.
    Findings,
    /// That, and the cost of each row.
    Rows,
}

/// Estimates of plain rows under each protocol that is asked for.
///
/// # Errors
/// `InvalidSetting` for an unknown protocol or link, or a value out of range; `Overflow`.
pub fn cost_of(rows: &[Row], ask: &Ask, detail: Detail) -> Result<Report> {
    let one = |id: &String| {
        estimate(rows, &Pricing::new(&Tariff::of(id, &ask.terms)?, &ask.terms, &ask.activations), detail)
    };
    let estimates = ask.terms.protocols.iter().map(one).collect::<Result<_>>()?;
    Ok(Report { schema: COST_SCHEMA, estimates })
}

/// Prices `rows`. Fails on settings out of range and on sums past 64 bits; a row
/// without a price makes the estimate partial, never smaller in silence.
pub fn estimate(rows: &[Row], pricing: &Pricing<'_>, detail: Detail) -> Result<Estimate> {
    let ledger = Ledger::new(rows, pricing)?;
    let profile = pricing.tariff.profile();
    let (mut page, mut total, mut setup) = (Page::default(), Tally::default(), Setup::default());
    let mut unpriced = Vec::new();
    let mut layers = (detail == Detail::Rows).then(|| Vec::with_capacity(rows.len()));
    let (mut path, mut parts) = (Path::default(), Parts::default());
    for (position, row) in rows.iter().enumerate() {
        ledger.fill(position, &mut page);
        let sum = sum_row(row, &page, &ledger, &mut unpriced, &mut |cause, cost| {
            parts.add(position, cause, cost.pieces(&pricing.link)?);
            Ok(())
        })?;
        if let Some(layers) = &mut layers {
            #[allow(unused_mut, reason = "what follows is not in every build")]
            let mut cost = row_cost(row, &sum, &page, &ledger)?;
            {
                cost.homomorphic = ledger.homomorphic(position);
            }
            layers.push(cost);
        }
        path.push(row, sum.rounds())?;
        total.plus(&sum);
        setup.add(page.all(), ledger.column);
    }
    let (on_path, rounds) = path.longest();
    total.share_rounds(rounds, &pricing.link)?;
    let timed = total.is_timed(pricing.has_compute());
    for (layer, on_path) in layers.iter_mut().flatten().zip(&on_path) {
        layer.take_place(Place { on_path: *on_path, timed }, &pricing.link);
    }
    let causes = parts.shares(&on_path, pricing.link.rtt_ms / 1e3, timed);
    let [offline, online] = total.phases(timed)?;
    let bytes_total = total.bytes_total()?;
    let taken = Taken {
        bytes: bytes_total,
        core_seconds: core_seconds(rows, pricing)?,
        more_traffic: match total.has_missing() {
            true => Some("some work has no price: there is more traffic"),
            false => profile.uncounted,
        },
        seconds_partial: !unpriced.is_empty(),
    };
    let [offline_by_kind, online_by_kind] = total.by_phase(timed)?;
    let refreshes = ledger.refreshes();
    let ground = Ground {
        phases: [&offline, &online].map(whole_of),
        link: &pricing.link,
        bound: !unpriced.is_empty(),
        he_threads: profile.knobs.contains(&Knob::HeThreads).then_some(pricing.terms.he_threads),
        bootstraps: refreshes.map(|refreshes| refreshes.planned),
        uncounted: profile.uncounted,
        separate_norms: pricing.terms.norms == Norms::Separate,
        masked: ledger.masked(),
    };
    let setup_bytes = profile.has_setup.then(|| whole(setup.bytes)).transpose()?;
    let findings = if detail == Detail::Totals { Vec::new() } else { findings(&ground, &causes) };
    Ok(Estimate {
        protocol: pricing.tariff.id(),
        variant: profile.variant,
        profile_version: profile.version,
        link: pricing.link.id.clone(),
        offline,
        online,
        setup_bytes,
        setup_bytes_each: setup_bytes.and_then(|bytes| each(bytes, pricing.terms.inferences)),
        client_storage_bytes: profile.has_storage.then(|| total.storage()).transpose()?,
        bytes_total,
        compute_included: timed,
        partial: !unpriced.is_empty(),
        bound: !unpriced.is_empty(),
        by_kind: total.by_kind(timed)?,
        offline_by_kind,
        online_by_kind,
        status: total.by_status(timed)?,
        unpriced,
        causes,
        findings,
        refreshes,
        faults: Faults::of(profile, pricing.terms.faults),
        calibration: match pricing.tariff {
            Tariff::Published(_) => None,
            Tariff::Own(own, _) => Some(own.provenance()),
        },
        leaves_out: pricing.tariff.leaves_out(),
        trust: profile.trust,
        money: Money::of(pricing.terms, &taken),
        settings: view(pricing),
        layers,
    })
}

/// Seconds of cores of all parties: what the work takes with one thread for each, on the cores of that. Waiting for
/// the link is none. Only where somebody asks for their price.
fn core_seconds(rows: &[Row], pricing: &Pricing<'_>) -> Result<std::result::Result<f64, &'static str>> {
    if pricing.terms.price_core_hour.is_none() {
        return Ok(Err("nobody asked"));
    }
    let cores = match pricing.tariff {
        Tariff::Own(..) => return Ok(Err("how many cores were busy in the measurements is not known")),
        Tariff::Published(profile) if !profile.has_compute => {
            return Ok(Err("compute times of this protocol are not known"));
        }
        Tariff::Published(profile) => match profile.cores {
            Some(cores) => f64::from(cores),
            None => return Ok(Err("its times are those of a graphics processor")),
        },
    };
    let terms = pricing.terms.on_one_thread();
    // Without a link, all the time of sending is the parties'.
    let link = LOOPBACK.clone();
    let alone = estimate(rows, &Pricing { terms: &terms, link, ..pricing.clone() }, Detail::Totals)?;
    let compute = |phase: &Phase| Some(phase.seconds?[1] - phase.link_seconds);
    let known = compute(&alone.offline).zip(compute(&alone.online));
    Ok(known.map(|(a, b)| (a + b) * cores).ok_or("the compute time of this work is not known"))
}

fn view(pricing: &Pricing<'_>) -> SettingsView {
    let Pricing { terms, activations, .. } = *pricing;
    let terms = terms.without_protocols();
    SettingsView {
        link: pricing.link.clone(),
        ask: Ask { terms, activations: activations.clone() },
        has_ring: pricing.tariff.profile().has_ring,
        per_call: pricing.per_call,
    }
}

fn whole_of(phase: &Phase) -> Whole {
    Whole {
        seconds: phase.seconds.map(|[_, middle, _]| middle),
        link_seconds: phase.link_seconds,
        bytes: phase.bytes_total(),
        rounds: phase.rounds,
    }
}

/// The sum of a row, and each piece of its work to `each`; what has no price goes to `unpriced`.
pub(super) fn sum_row(
    row: &Row,
    page: &Page,
    ledger: &Ledger<'_>,
    unpriced: &mut Vec<Unpriced>,
    each: &mut dyn FnMut(Cause, &Tally) -> Result<()>,
) -> Result<Tally> {
    let mut sum = Tally::default();
    let mut miss = |reason| unpriced.push(Unpriced { index: row.index, reason });
    if let Some(reason) = &row.unknown {
        sum.plus(&Tally::missing());
        miss(Cow::Owned(reason.clone()));
    }
    for entry in &page.entries {
        let cost = match entry.missing {
            Some(reason) => {
                miss(Cow::Borrowed(reason));
                Tally::missing()
            }
            None => Tally::of(page.terms(entry), ledger)?,
        };
        if cost.untimed && ledger.pricing.has_compute() {
            miss(Cow::Borrowed(UNTIMED));
        }
        each(entry.cause, &cost)?;
        sum.plus(&cost);
    }
    Ok(sum)
}

/// What the row at `position` is in its network.
pub(super) fn place_of(rows: &[Row], position: usize, ledger: &Ledger<'_>) -> Result<Place> {
    let (mut path, mut page, mut total) = (Path::default(), Page::default(), Tally::default());
    for (position, row) in rows.iter().enumerate() {
        ledger.fill(position, &mut page);
        let sum = sum_row(row, &page, ledger, &mut Vec::new(), &mut |_, _| Ok(()))?;
        path.push(row, sum.rounds())?;
        total.plus(&sum);
    }
    let on_path = path.longest().0.get(position).is_some_and(|on| *on);
    Ok(Place { on_path, timed: total.is_timed(ledger.pricing.has_compute()) })
}

/// The sum of a row by itself: null where nothing of it has a price. What it adds to its network depends on the
/// [`Place`] that it takes there.
pub(super) fn row_cost(row: &Row, sum: &Tally, page: &Page, ledger: &Ledger<'_>) -> Result<RowCost> {
    let priced = !sum.has_missing() || page.entries.iter().any(|entry| entry.missing.is_none());
    let timed = sum.is_timed(ledger.pricing.has_compute());
    let [offline, online] = sum.phases(timed)?;
    Ok(RowCost {
        index: row.index,
        offline: priced.then_some(offline),
        online: priced.then_some(online),
        bytes_total: priced.then(|| sum.bytes_total()).transpose()?,
        client_storage_bytes: (priced && ledger.profile().has_storage).then(|| sum.storage()).transpose()?,
        by_kind: sum.by_kind(timed)?,
        status: sum.by_status(timed)?,
        partial: sum.has_missing() || (sum.untimed && ledger.pricing.has_compute()),
        on_path: false,
        homomorphic: None,
    })
}

/// 33,184,404 B over 1,000 inferences are 33,185 B each. One alone carries all of it, which its estimate says anyway.
fn each(setup_bytes: u64, inferences: u32) -> Option<u64> {
    (inferences > 1).then(|| setup_bytes.div_ceil(inferences.into()))
}

/// What is sent once: each set-up constant counts once, however many layers ask for it.
#[derive(Default)]
struct Setup {
    seen: Vec<&'static str>,
    bytes: u128,
}

impl Setup {
    fn add(&mut self, terms: &[Term], column: usize) {
        for rate in terms.iter().filter(|term| term.to == To::Setup).map(|term| &*term.rate) {
            if !self.seen.contains(&rate.name) {
                self.seen.push(rate.name);
                self.bytes += rate.times(column, 1);
            }
        }
    }
}
