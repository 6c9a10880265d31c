//! What the page knows of the core: the types of everything that crosses, and the lists of names, as TypeScript. The
//! file is kept in the tree; this test fails when it is stale, and writes it where `RELUCTANT_WRITE` is set.

#![allow(clippy::unwrap_used)]

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use ts_rs::{Config, TS, TypeVisitor};

use crate::api;
use crate::cost::{CostCard, Terms};

const HEAD: &str = "/**
 * What crosses between the core and the page: types and lists of names, written from the core's by its test
 * `api::contract`. Do not edit: `RELUCTANT_WRITE=1 cargo test -p reluctant --lib contract` writes it.
 */
";

/// Every type that a root leads to, by name.
struct Found<'a> {
    config: &'a Config,
    /// Names of types whose every field may be left out.
    asks: Vec<String>,
    seen: HashSet<TypeId>,
    texts: BTreeMap<String, String>,
}

impl TypeVisitor for Found<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
        if T::output_path().is_none() {
            return;
        }
        let mut text = tidy(&format!("{}export {}\n", T::docs().unwrap_or_default(), T::decl(self.config)));
        let name = T::ident(self.config);
        if self.asks.contains(&name) {
            text = text.lines().map(|line| optional(line) + "\n").collect();
        }
        let was = self.texts.insert(name.clone(), text.clone());
        assert!(was.is_none_or(|was| was == text), "two types are called {name}: rename one for the page");
    }
}

/// Comments of one line on one line, fields indented, nothing at the ends of lines.
fn tidy(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.replace(", };", ",\n};").lines().map(str::trim_end) {
        match (line.strip_prefix(" */"), lines.as_slice()) {
            (Some(rest), [.., open, one]) if open == "/**" => {
                let one = format!("/**{} */{rest}", one.trim_start_matches(" *"));
                lines.truncate(lines.len() - 2);
                lines.push(one);
            }
            _ => lines.push(line.to_owned()),
        }
    }
    let start = lines.iter().position(|line| line.starts_with("export ")).unwrap_or_default();
    let last = lines.len().saturating_sub(1);
    for line in lines.iter_mut().take(last).skip(start + 1) {
        line.insert_str(0, "  ");
    }
    lines.join("\n") + "\n"
}

/// A field that may be left out.
fn optional(line: &str) -> String {
    match line.split_once(": ") {
        Some((name, rest))
            if line.starts_with("  ")
                && name.trim().bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric()) =>
        {
            format!("{name}?: {rest}")
        }
        _ => line.to_owned(),
    }
}

/// The name of a type that reads from an empty object.
fn ask<T: TS + serde::de::DeserializeOwned>(config: &Config) -> String {
    assert!(serde_json::from_str::<T>("{}").is_ok(), "{} has fields that must be said", T::ident(config));
    T::ident(config)
}

/// `export const POLICIES = [...] as const`: lists that the page offers or reads.
fn list<T: serde::Serialize>(name: &str, all: &[T]) -> String {
    let names: Vec<String> = all.iter().map(|one| serde_json::to_string(one).unwrap()).collect();
    format!("export const {name} = [{}] as const;\n", names.join(", "))
}

fn contract() -> String {
    let config = Config::new().with_large_int("number");
    let asks = vec![
        ask::<api::CalibrateSettings>(&config),
        ask::<api::CellsSettings>(&config),
        ask::<api::CoarseSettings>(&config),
        ask::<api::EqualiseSettings>(&config),
        ask::<api::ExitSearchSettings>(&config),
        ask::<api::LayerWish>(&config),
        ask::<api::ParetoSettings>(&config),
        ask::<api::ReplaceSettings>(&config),
        ask::<api::RunOptions>(&config),
        ask::<api::RunRequest>(&config),
    ];
    let mut found = Found { config: &config, asks, seen: HashSet::new(), texts: BTreeMap::new() };
    macro_rules! roots {
        ($($Root:ty),* $(,)?) => { $(found.visit::<$Root>();)* };
    }
    roots!(
        api::Error,
        api::Score,
        api::Card,
        api::Example,
        api::Settings,
        api::Ask,
        Terms,
        api::Report,
        api::CostTable,
        CostCard,
        api::Row,
        crate::cost::SettingView,
        crate::cost::ProfileView,
        crate::cost::Link,
        api::Advice,
        crate::cost::Opening,
        api::WhatIf,
        api::CalibrateSettings,
        api::Calibrated,
        api::CalibrationReport,
        api::LinkView,
        api::LinkState,
        api::ReluPrice,
        api::Published,
        api::ParetoSettings,
        api::ParetoReport,
        api::RunOptions,
        api::RunRequest,
        api::RunInfo,
        api::RunReport,
        api::StatsReport,
        api::FixedSettings,
        api::FixedReport,
        api::LiveView,
        api::Probe,
        crate::engines::gpu::Opened,
        api::BenchInfo,
        api::ReplaceSettings,
        api::Planned,
        api::MeasuredPlan,
        api::SweepPoint,
        api::LayerView,
        api::PresetView,
        api::EqualiseSettings,
        api::EqualiseReport,
        api::Diff,
        api::Gradient,
        api::ExploreSettings,
        api::ExploreReport,
        api::Atlas,
        api::Claim,
        api::CoarseSettings,
        api::Criticality,
        api::ExitsReport,
        api::ExitSearchSettings,
        api::ExitSearch,
        api::ExitSweep,
        api::GatedReport,
        api::CleanReport,
        api::CellsSettings,
        api::CellsStart,
        api::CellView,
        api::NtkReport,
        api::AscentReport,
        api::TrainingAsk,
        api::FolderAsk,
        api::TrainingView,
        api::StagesRanked,
        api::Trained,
        crate::select::Policy,
        crate::poly::Method,
        api::Granularity,
        api::Ot,
        api::Replacement,
    );
    let mut text = HEAD.to_owned();
    text += &list("POLICIES", crate::select::Policy::ALL);
    text += &list("METHODS", crate::poly::Method::ALL);
    text += &list("TRAIN_METHODS", api::TrainMethod::ALL);
    text += &list("POINT_STATUSES", crate::pareto::Status::ALL);
    found.texts.values().for_each(|one| text += &format!("\n{one}"));
    text
}

#[test]
fn the_pages_types_are_the_cores() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../www/src/contract/core.ts");
    let text = contract();
    if std::env::var_os("RELUCTANT_WRITE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let stale = text.lines().zip(kept.lines()).find(|(new, old)| new != old);
    assert!(kept == text, "www/src/contract/core.ts is stale, at {stale:?}: {HEAD}");
}
