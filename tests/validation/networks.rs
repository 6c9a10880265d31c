//! Whole networks, as papers, repositories and logs give them (`end-to-end.csv`).

use std::collections::HashMap;

use reluctant::api::{
    Activations, Ask, Detail, Estimate, Line as Wire, Machine, Model, Replacement, Row, Settings, Terms,
    cost_of,
};
use reluctant_tests::csv_rows;

use crate::nets::{bert_base, conv, resnet_cifar, resnet18, row};
use crate::{Fit, Line};

type Entry = HashMap<String, String>;

/// How a row of the table is predicted.
struct Case {
    net: Vec<Row>,
    ask: Ask,
    /// Column, what it holds, whether it was fitted to.
    quantities: Vec<(Column, &'static str, Fit)>,
    note: &'static str,
    value: fn(&Estimate, &str) -> f64,
}

/// Why a row is not predicted.
enum Gap {
    /// No profile prices what it ran.
    NoProfile(&'static str),
    /// What it ran is not public.
    NotPublic(&'static str),
}

enum Column {
    Named(&'static str),
    /// From the text of the row: bootstraps, rounds.
    Given(f64),
}

pub(crate) fn lines() -> Vec<Line> {
    let table = csv_rows(include_str!("../../crate/src/cost/fixtures/end-to-end.csv"));
    table.iter().flat_map(line_of).collect()
}

fn line_of(entry: &Entry) -> Vec<Line> {
    let line = Line {
        system: entry["system"].clone(),
        subject: entry["network"].clone(),
        setting: [&entry["input"], &entry["hardware"]]
            .into_iter()
            .filter(|text| !text.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join(", "),
        quantity: "seconds",
        ..Line::default()
    };
    let case = match case_of(entry) {
        Ok(case) => case,
        Err(gap) => {
            let (reason, not_public) = match gap {
                Gap::NoProfile(reason) => (reason, false),
                Gap::NotPublic(reason) => (reason, true),
            };
            let all = [("total_s", "seconds", 1.0), ("total_MB", "bytes", 1e6)];
            let known = all.into_iter().filter_map(|(column, quantity, unit)| {
                let measured = entry[column].parse::<f64>().ok()? * unit;
                Some(Line { quantity, measured: Some(measured), ..line.clone() })
            });
            let mut lines: Vec<Line> = known.collect();
            if lines.is_empty() {
                lines.push(Line { quantity: "bytes", ..line });
            }
            let gap = |line: Line| Line { not_public, ..line }.without(reason);
            return lines.into_iter().map(gap).collect();
        }
    };
    let estimate = cost_of(&case.net, &case.ask, Detail::Rows).unwrap().estimates.remove(0);
    let one = |(column, quantity, fit): &(Column, &'static str, Fit)| {
        let measured = match column {
            Column::Named(name) => {
                let scale = if name.ends_with("MB") { 1e6 } else { 1.0 };
                entry[*name].parse::<f64>().unwrap() * scale
            }
            Column::Given(value) => *value,
        };
        let line = Line { quantity, measured: Some(measured), ..line.clone() };
        let predicted = (case.value)(&estimate, quantity);
        // What a log says besides proves nothing once a figure of it went into the constants.
        let fitted = case.quantities.iter().any(|(_, _, fit)| *fit == Fit::Fitted);
        let fit = if fitted && *fit != Fit::Fitted { Fit::SameLog } else { *fit };
        line.predicted(estimate.protocol, estimate.profile_version, predicted, fit).noting(case.note)
    };
    let mut lines: Vec<Line> = case.quantities.iter().map(one).collect();
    if !estimate.compute_included {
        for (column, quantity) in [("online_s", "online seconds"), ("total_s", "seconds")] {
            if let Ok(measured) = entry[column].parse() {
                let line = Line { quantity, measured: Some(measured), ..line.clone() };
                lines.push(line.without("the profile has no compute times"));
            }
        }
    }
    lines
}

fn value_of(e: &Estimate, quantity: &str) -> f64 {
    let seconds = |phase: &reluctant::api::Phase| phase.seconds.map_or(f64::NAN, |s| s[1]);
    let bytes = |phase: &reluctant::api::Phase| (phase.bytes_up + phase.bytes_down) as f64;
    let [offline, online] = [&e.offline, &e.online];
    match quantity {
        "offline seconds" => seconds(&e.offline),
        "online seconds" => seconds(&e.online),
        "offline bytes with keys" => bytes(&e.offline) + e.setup_bytes.unwrap_or(0) as f64,
        "online bytes" => bytes(&e.online),
        "bytes" => e.bytes_total as f64,
        "bytes up" => (offline.bytes_up + online.bytes_up) as f64,
        "bytes down" => (offline.bytes_down + online.bytes_down) as f64,
        "rounds" => e.online.rounds as f64,
        "compute seconds" => seconds(&e.online) - e.online.link_seconds,
        "bootstraps" => e.refreshes.map_or(f64::NAN, |refreshes| refreshes.fewest as f64),
        other => panic!("{other} is no quantity"),
    }
}

const LIBRARY: &str = "another library; the profile for graphics processors is Cheddar's";
const SEARCHED: &str =
    "a search gave each activation a polynomial of its own degree, which the table does not list";

/// One party's bytes of a linear layer under SEMI2K: half of what both open, and all that its truncation sends.
fn of_the_truncating_party(e: &Estimate, _: &str) -> f64 {
    e.by_kind.linear.bytes as f64 / 2.0 + e.by_kind.truncation.bytes as f64
}

/// The first row is the look-up of the words, the others are the backbone.
fn of_embedding_and_backbone(e: &Estimate, quantity: &str) -> f64 {
    let embedding = e.layers.as_ref().and_then(|layers| layers.first()?.bytes_total).unwrap() as f64;
    match quantity {
        "bytes of the embedding" => embedding,
        "bytes of the backbone" => e.bytes_total as f64 - embedding,
        _ => e.bytes_total as f64,
    }
}

fn case_of(entry: &Entry) -> Result<Case, Gap> {
    use Gap::{NoProfile, NotPublic};

    let (system, network, input) =
        (entry["system"].as_str(), entry["network"].as_str(), entry["input"].as_str());
    // The logs are of one thread for homomorphic layers, where they do not say another number.
    let terms = |protocol: &str, link: &str| Terms {
        link: Wire::preset(link).unwrap(),
        he_threads: 1,
        ..Terms::under(protocol)
    };
    let named = |columns: &[(&'static str, &'static str, Fit)]| {
        columns.iter().map(|(column, quantity, fit)| (Column::Named(column), *quantity, *fit)).collect()
    };
    let delphi_net = || match (network, input) {
        ("ResNet-32", _) => resnet_cifar(5, false),
        (_, "3x32x32") => resnet18(32, 100),
        _ => resnet18(64, 200),
    };
    let planned = |net, ask, quantities, note| Ok(Case { net, ask, quantities, note, value: value_of });
    let case = |net, terms: Terms, quantities, note| planned(net, terms.into(), quantities, note);
    let client = system.contains("Client-Garbler");
    match system {
        "DELPHI codebase (Server-Garbler)" => case(
            delphi_net(),
            terms("delphi:server-garbler", "loopback"),
            named(&[
                ("offline_s", "offline seconds", Fit::Fitted),
                ("online_s", "online seconds", Fit::Fitted),
                ("offline_MB", "offline bytes with keys", Fit::Fitted),
                ("online_MB", "online bytes", Fit::Fitted),
            ]),
            "the logged network has no shortcut convolutions",
        ),
        _ if system.starts_with("Garimella simulator") => {
            let (id, link) = if client {
                ("delphi:client-garbler", "gbit-up")
            } else {
                ("delphi:server-garbler", "gbit-down")
            };
            let terms = Terms { machine: Machine::Atom, ..terms(id, link) };
            let columns = named(&[
                ("offline_s", "offline seconds", Fit::Fitted),
                ("online_s", "online seconds", Fit::Fitted),
            ]);
            case(
                delphi_net(),
                terms,
                columns,
                "a simulator's figures, not a clock's; its constants are the profile's",
            )
        }
        "CrypTFlow2 SCI_OT" => case(
            imagenet_resnet50(),
            terms("sci-ot", "loopback"),
            vec![
                (Column::Named("total_MB"), "bytes", Fit::Fitted),
                // The log is the server's: it received what came up.
                (Column::Given(29_783.0 * 1_048_576.0), "bytes up", Fit::SameLog),
                (Column::Given(346_429.0 * 1_048_576.0), "bytes down", Fit::SameLog),
                (Column::Given(5_579.0), "rounds", Fit::SameLog),
            ],
            "a bound: constants are the log's own rows, batch norms are in the weights",
        ),
        "Cheetah" => case(
            imagenet_resnet50(),
            terms("cheetah:paper", "wan"),
            named(&[("total_MB", "bytes", Fit::Bound)]),
            "the abstract gives an upper bound of 2.3 GB",
        ),
        "MPCNN" | "AESPA" => {
            let blocks = if network == "ResNet-20" { 3 } else { 5 };
            let degree2 = system == "AESPA";
            let count = match (blocks, degree2) {
                (3, false) => 18.0,
                (3, true) => 5.0,
                (_, false) => 30.0,
                (_, true) => 8.0,
            };
            let all = Activations::All(Replacement::Poly2Public);
            let activations = if degree2 { all } else { Activations::Keep };
            planned(
                resnet_cifar(blocks, false),
                Ask { terms: terms("ckks:cpu", "loopback"), activations },
                vec![(Column::Given(count), "bootstraps", Fit::Fitted)],
                "seconds are not predicted: 96 images at once on one machine",
            )
        }
        "MPCNN (FHE-MP-CNN)" => case(
            resnet_cifar(3, false),
            terms("ckks:cpu", "loopback"),
            named(&[("total_s", "compute seconds", Fit::Fitted)]),
            "",
        ),
        "LowMemoryFHEResNet20 (OpenFHE)" => {
            let he_threads = if entry["hardware"].contains("8 threads") { 8 } else { 1 };
            let mut columns = named(&[("total_s", "compute seconds", Fit::Fitted)]);
            columns.push((Column::Given(21.0), "bootstraps", Fit::SameLog));
            let terms = Terms { he_threads, ..terms("ckks:openfhe", "loopback") };
            case(resnet_cifar(3, true), terms, columns, "")
        }
        "Cheddar" => {
            let h100 = entry["hardware"].contains("H100");
            let (machine, fit) =
                if h100 { (Machine::H100, Fit::OtherShape) } else { (Machine::A100x80, Fit::Fitted) };
            let terms = Terms { machine, ..terms("ckks:gpu", "loopback") };
            let columns = named(&[("total_s", "compute seconds", fit)]);
            case(resnet_cifar(3, false), terms, columns, "")
        }
        "MP-SPDZ replicated ring 64" => case(
            imagenet_resnet50(),
            terms("aby3", "loopback"),
            vec![
                (Column::Named("total_MB"), "bytes", Fit::OtherEngine),
                (Column::Given(41_304.0), "rounds", Fit::OtherEngine),
            ],
            "another engine: SPU's truncation and comparison are not its own, and its rounds are high for its batches",
        ),
        "SPU SEMI2K user" if network.starts_with("convolution") => Ok(Case {
            net: vec![row(conv(3, 64, 32, 3, 1))],
            ask: terms("semi2k", "loopback").into(),
            quantities: named(&[("online_MB", "online bytes", Fit::OtherSource)]),
            note: "one party's: half of what both open, and all that truncation sends",
            value: of_the_truncating_party,
        }),
        "AutoFHE" => Err(NotPublic(SEARCHED)),
        "CrypTFlow2 (best variant, per Cheetah)" => {
            Err(NoProfile("ratios to Cheetah only; no formula of its linear layers is public"))
        }
        "SecONNds" => Err(NoProfile("no profile: its traffic per operation is not public")),
        "DELPHI paper" => Err(NotPublic("second-hand, and which activations were kept is not known")),
        "SPU Cheetah" => Err(NotPublic("a network with fewer ReLUs, and how many is not given")),
        "TensorFHE" | "WarpDrive" => Err(NoProfile(LIBRARY)),
        _ if system.starts_with("DISCC") || system.starts_with("HyPHEN") || system.starts_with("Park") => {
            Err(NoProfile(if system.contains("ASIC") { "a simulated chip" } else { LIBRARY }))
        }
        _ if system.contains("Activate Me!") => {
            Err(NotPublic("neither the machine nor the degrees are given in the abstract"))
        }
        "Batched HE" => Err(NoProfile("a batch in one ciphertext, time divided by it: another packing")),
        "HPMPC Trio" => Err(NoProfile("all parties on one machine over loopback: no constant is made of it")),
        "MP-SPDZ astra" => Err(NoProfile("no profile of this protocol")),
        "SPU Cheetah 0.9.3b0" => Ok(Case {
            net: bert_base(128),
            ask: terms("cheetah:spu-shared", "loopback").into(),
            quantities: vec![
                (Column::Named("total_MB"), "bytes", Fit::OtherEngine),
                (Column::Given(23_324.00e6), "bytes of the embedding", Fit::OtherEngine),
                (Column::Given(12_465.92e6), "bytes of the backbone", Fit::OtherEngine),
            ],
            note: "a user's log of an earlier version: its embedding is a one-hot product that sends 58 times what the look-ups of 0.9.5 come to, its backbone less than the generic GELU of 0.9.5 alone; whose the weights were is not said",
            value: of_embedding_and_backbone,
        }),
        "SPU SEMI2K user" => Err(NotPublic(
            "it computes batch norms from their variances, and its network is not given in full",
        )),
        "SPU BumbleBee user" | "OpenBumbleBee user" | "BumbleBee" => {
            Err(NoProfile("no profile: what BumbleBee's functions send each is not public"))
        }
        "SPU three parties user" => Err(NotPublic("neither how many tokens nor machines and link are given")),
        "PUMA" => Err(NoProfile("no profile: what PUMA's functions send each is not public")),
        "NEXUS" => Err(NoProfile("no profile: its operations are not public one by one")),
        "SIGMA" | "Orca" => Err(NoProfile("the profile has no times: how fast keys are read is not public")),
        "Flash" => Err(NotPublic("the abstract does not name the network")),
        "Nimbus" | "Rhombus" | "Orion" | "PrivCirNet" => {
            Err(NotPublic("ratios only, to systems whose networks and settings the abstract does not give"))
        }
        other => panic!("{other} has no rule"),
    }
}

fn imagenet_resnet50() -> Vec<Row> {
    Model::example("resnet50-imagenet").unwrap().score(&Settings::default()).unwrap().rows().to_vec()
}
