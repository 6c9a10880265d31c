//! Every change is priced again by other means than the verb's: the model opened at the other size, the network of half
//! the width built from its numbers, works put in place by hand, settings changed; each figure agrees to the last bit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use prost::Message;

use super::*;
use crate::api::{Delta, Estimate, Keep, Kind, Line, NamedFile, Replacement, cost_of};
use crate::cost::Norms;
use crate::count::Granularity;
use crate::design::{Block, Head, Pool, Spec, Stage as SpecStage, Stem, model};

fn opened(id: &str) -> (Model, Scored) {
    let model = Model::example(id).unwrap();
    let scored = model.score(&Settings::default()).unwrap();
    (model, scored)
}

fn under(protocol: &str, activations: Activations) -> Ask {
    Ask { terms: Terms::under(protocol), activations }
}

fn price(rows: &[Row], ask: &Ask) -> Estimate {
    cost_of(rows, ask, crate::cost::Detail::Findings).unwrap().estimates.remove(0)
}

/// Every third activation goes, of the next a quarter stays.
fn plan(rows: &[Row]) -> Activations {
    let activations = rows.iter().filter_map(|row| Some((row.index, pointwise(row)?)));
    let stay = |(place, (index, elements)): (usize, (u32, u64))| {
        let kept = [0, elements / 4].get(place % 3).copied()?;
        Some(Stay { index, kept, scales: 1, products: 1 })
    };
    Activations::Plan(activations.enumerate().filter_map(stay).collect())
}

fn pointwise(row: &Row) -> Option<u64> {
    row.work.iter().find_map(|work| match work {
        Work::Activation(a) if a.kind.is_pointwise() => Some(a.elements),
        _ => None,
    })
}

/// ResNet-18 for CIFAR-100 and ResNet-20 for CIFAR-10 at half their widths, written down.
fn narrow(example: &str) -> Scored {
    let (stem, widths, blocks, side, classes) = match example {
        "resnet18-cifar100" => (Stem::new(32), &[32, 64, 128, 256][..], 2, 32, 100),
        "resnet20-cifar10" => (Stem::new(8), &[8, 16, 32][..], 3, 32, 10),
        "resnet18-imagenet" => {
            let pool = Some(Pool { kernel: 3, stride: 2, pad: 1 });
            (Stem { kernel: 7, stride: 2, pool, ..Stem::new(32) }, &[32, 64, 128, 256][..], 2, 224, 1000)
        }
        other => panic!("{other}"),
    };
    let stage = |(place, width): (usize, &u32)| {
        SpecStage::new(Block::Basic, blocks, *width, if place == 0 { 1 } else { 2 })
    };
    let stages = widths.iter().enumerate().map(stage).collect();
    let spec = Spec { input: [3, side, side], classes, stem: Some(stem), stages, head: Head::Gap };
    let bytes = model(&spec, "narrow").unwrap().encode_to_vec();
    let file = NamedFile { name: "narrow.onnx".into(), bytes: &bytes };
    Model::open(&file, Vec::new(), &mut |_, _| std::ops::ControlFlow::Continue(()))
        .unwrap()
        .score(&Settings::default())
        .unwrap()
}

/// The changed network under changed settings, made anew from a change's id.
fn remade(example: &str, side: u32, id: &str, ask: &Ask) -> (Vec<Row>, Ask) {
    let (model, scored) = opened(example);
    let (mut rows, mut ask) = (scored.rows.clone(), ask.clone());
    let quarter = |activations: &mut Activations, part: u64| {
        let Activations::Plan(plan) = activations else { return };
        plan.iter_mut().for_each(|stay| stay.kept /= part);
    };
    let (kind, rest) = id.split_once(':').unwrap_or((id, ""));
    match kind {
        "poly2" => {
            let whose: Vec<u32> = match rest.split_once(':') {
                None => rows.iter().map(|row| row.index).collect(),
                Some(("layer", index)) => vec![index.parse().unwrap()],
                Some((_, stage)) => {
                    let layers = scored.score.layers.iter().filter(|layer| layer.stage == stage);
                    layers.map(|layer| layer.index).collect()
                }
            };
            let mut left = match &ask.activations {
                Activations::Plan(plan) => plan.clone(),
                _ => Vec::new(),
            };
            for row in rows.iter_mut().filter(|row| whose.contains(&row.index)) {
                // What the plan replaced already stays as the plan has it.
                if left.iter().any(|stay| stay.index == row.index && stay.kept == 0) {
                    continue;
                }
                let Some(elements) = pointwise(row) else { continue };
                left.retain(|stay| stay.index != row.index);
                let is_activation =
                    |work: &Work| matches!(work, Work::Activation(a) if a.kind.is_pointwise());
                let slot = row.work.iter_mut().find(|work| is_activation(work)).unwrap();
                *slot = Work::Poly2 { elements, secret: false };
            }
            ask.activations = if left.is_empty() { Activations::Keep } else { Activations::Plan(left) };
        }
        "average-pool" | "relu6-to-relu" => {
            for work in rows.iter_mut().flat_map(|row| &mut row.work) {
                match work {
                    Work::Activation(a) if kind == "average-pool" && a.kind == Kind::MaxPool => {
                        *work = Work::AvgPool { elements: a.elements, window: a.row_length };
                    }
                    Work::Activation(a) if kind == "relu6-to-relu" && a.kind == Kind::ReLU6 => {
                        (a.kind, a.comparisons) = (Kind::ReLU, a.elements);
                    }
                    _ => {}
                }
            }
        }
        "half-side" => {
            let mut set = Settings::default();
            set.add(&format!("input=1x3x{}x{}", side / 2, side / 2)).unwrap();
            rows = model.score(&set).unwrap().rows;
            quarter(&mut ask.activations, 4);
        }
        "half-width" => {
            rows = narrow(example).rows;
            quarter(&mut ask.activations, 2);
        }
        "fold-batch-norm" => ask.terms.norms = Norms::Weights,
        "link" => ask.terms.link = Line::preset(rest).unwrap(),
        "he-threads" => ask.terms.he_threads = rest.parse().unwrap(),
        "gc-threads" => ask.terms.gc_threads = rest.parse().unwrap(),
        "protocol" => ask.terms.protocols = vec![rest.to_owned()],
        "activation-share" => ask.activations = Activations::All(Replacement::Poly2Public),
        other => panic!("{other} is not priced by other means here"),
    }
    (rows, ask)
}

/// What the two differ by, where nothing is missing of either.
fn apart(before: &Estimate, after: &Estimate) -> Delta {
    let whole = |e: &Estimate| e.status.not_supported.parts == 0;
    let timed = |e: &Estimate| !e.partial && e.compute_included;
    let seconds = |of: fn(&Estimate) -> Option<[f64; 3]>| {
        let both = of(after).zip(of(before)).filter(|_| timed(before) && timed(after));
        both.map(|(after, before)| after[1] - before[1])
    };
    let signed = |a: u64, b: u64| (whole(before) && whole(after)).then(|| a as i64 - b as i64);
    Delta {
        offline_seconds: seconds(|e| e.offline.seconds),
        online_seconds: seconds(|e| e.online.seconds),
        bytes: signed(after.bytes_total, before.bytes_total),
        rounds: signed(after.online.rounds, before.online.rounds),
    }
}

fn every_change_is_its_own_price(example: &str, side: u32, ask: &Ask) -> Advice {
    let (model, scored) = opened(example);
    let advice = model.advice(&Settings::default(), &scored, ask).unwrap();
    let before = price(&scored.rows, ask);
    assert_eq!(
        serde_json::to_value(&advice.findings).unwrap(),
        serde_json::to_value(&before.findings).unwrap()
    );
    for change in &advice.changes {
        let (rows, changed) = remade(example, side, &change.id, ask);
        let want = apart(&before, &price(&rows, &changed));
        assert_eq!(change.delta, want, "{example} under {:?}: {}", ask.terms.protocols, change.id);
        let known = want.offline_seconds.is_some() && want.bytes.is_some();
        assert_eq!(change.reason.is_none(), known, "{}: {:?}", change.id, change.reason);
        assert!(!change.text.is_empty());
    }
    let ids: std::collections::HashSet<&str> = advice.changes.iter().map(|change| &*change.id).collect();
    assert_eq!(ids.len(), advice.changes.len(), "an id twice");
    advice
}

fn has<'a>(advice: &'a Advice, id: &str) -> &'a Advised {
    advice.changes.iter().find(|change| change.id == id).unwrap_or_else(|| panic!("no {id}"))
}

#[test]
fn each_saving_is_the_price_of_the_changed_network() {
    for protocol in ["delphi:server-garbler", "semi2k", "cheetah:spu", "ckks:openfhe", "trio"] {
        let ask = under(protocol, Activations::Keep);
        let advice = every_change_is_its_own_price("resnet20-cifar10", 32, &ask);
        assert_eq!(advice.starts_from, "network");
        for id in ["poly2:all", "half-side", "half-width", "link:wan", "protocol:aby3"] {
            has(&advice, id);
        }
        assert!(has(&advice, "half-side").delta.bytes.unwrap() <= 0, "{protocol}");
        assert_eq!(
            advice.changes.iter().any(|c| c.id == "he-threads:8"),
            protocol == "delphi:server-garbler" || protocol == "ckks:openfhe"
        );
        assert!(advice.left_out.is_empty());
    }
}

/// All of it by `activation`, which the settings offer, is the same network.
#[test]
fn all_polynomials_are_what_the_setting_prices() {
    let (model, scored) = opened("resnet18-cifar100");
    for protocol in ["delphi:server-garbler", "aby3", "ckks:cpu"] {
        let ask = under(protocol, Activations::Keep);
        let advice = model.advice(&Settings::default(), &scored, &ask).unwrap();
        let all = under(protocol, Activations::All(Replacement::Poly2Public));
        let want = apart(&price(&scored.rows, &ask), &price(&scored.rows, &all));
        assert_eq!(has(&advice, "poly2:all").delta, want, "{protocol}");
    }
}

#[test]
fn with_a_plan_in_force_it_starts_from_the_planned_network() {
    let (_, scored) = opened("resnet18-cifar100");
    for protocol in ["delphi:client-garbler", "semi2k"] {
        let ask = under(protocol, plan(&scored.rows));
        let advice = every_change_is_its_own_price("resnet18-cifar100", 32, &ask);
        assert_eq!(advice.starts_from, "plan");
        // What is replaced already is no change.
        let Activations::Plan(plan) = &ask.activations else { panic!() };
        let gone = plan.iter().find(|stay| stay.kept == 0).unwrap().index;
        assert!(advice.changes.iter().all(|change| change.id != format!("poly2:layer:{gone}")));
        let partly = plan.iter().find(|stay| stay.kept > 0).unwrap().index;
        assert!(has(&advice, &format!("poly2:layer:{partly}")).delta.bytes.unwrap() < 0);
    }
}

#[test]
fn pools_clips_and_norms() {
    let terms = Terms { norms: Norms::Separate, ..Terms::under("semi2k") };
    let ask = Ask { terms, activations: Activations::Keep };
    let advice = every_change_is_its_own_price("mobilenetv2", 224, &ask);
    assert!(has(&advice, "relu6-to-relu").delta.seconds().unwrap() < 0.0);
    assert!(has(&advice, "fold-batch-norm").delta.bytes.unwrap() < 0);
    // No spec has its widths; a link would say the same of both sizes.
    assert_eq!(advice.left_out.iter().map(|left| &*left.id).collect::<Vec<_>>(), ["half-width"]);
    let advice = every_change_is_its_own_price("vgg16bn-cifar10", 32, &under("aby3", Activations::Keep));
    assert!(has(&advice, "average-pool").delta.bytes.unwrap() < 0);
    // Five pools leave one place of 32: none of 16.
    assert_eq!(advice.left_out.iter().map(|left| &*left.id).collect::<Vec<_>>(), ["half-side", "half-width"]);
}

#[test]
fn what_is_missing_on_a_side_is_null_with_a_reason() {
    let ask = under("cheetah:paper", Activations::Keep);
    let advice = every_change_is_its_own_price("vit-b-16", 224, &ask);
    assert!(advice.at_least);
    // Its positions are learnt for 14 x 14 patches.
    assert!(advice.left_out.iter().any(|left| left.id == "half-side" && left.reason.contains("one size")));
    assert!(advice.changes.iter().all(|c| c.delta == Delta::default() && c.reason.is_some()));
    assert!(advice.findings.iter().all(|finding| finding.at_least));
    // A whole network against a protocol that leaves some of it, and bytes without times.
    let advice = every_change_is_its_own_price("resnet18-imagenet", 224, &under("semi2k", Activations::Keep));
    let trio = has(&advice, "protocol:trio");
    assert!(trio.delta.bytes.is_some() && trio.delta.online_seconds.is_none());
    assert!(trio.reason.as_ref().unwrap().contains("compute time"));
}

#[test]
fn the_greatest_saving_is_first_and_the_unknown_last() {
    let (model, scored) = opened("resnet18-cifar100");
    let share = Activations::Share {
        kept: Keep { share: 0.5, granularity: Granularity::Layer },
        others: Replacement::Poly2Public,
    };
    for ask in [under("delphi:server-garbler", Activations::Keep), under("quad", share)] {
        let advice = model.advice(&Settings::default(), &scored, &ask).unwrap();
        let seconds: Vec<f64> = advice.changes.iter().filter_map(|c| c.delta.seconds()).collect();
        assert!(seconds.is_sorted());
        let class = |c: &Advised| match (c.delta.seconds(), c.delta.bytes) {
            (Some(s), _) => {
                if s < 0.0 {
                    0
                } else {
                    2
                }
            }
            (None, Some(b)) => {
                if b < 0 {
                    1
                } else {
                    3
                }
            }
            _ => 4,
        };
        assert!(advice.changes.is_sorted_by_key(class));
    }
}

/// A link has no model to open again: sizes are left out, the rest is the model's.
#[test]
fn a_score_without_its_model_says_what_it_cannot_try() {
    let (model, scored) = opened("resnet20-cifar10");
    let ask = under("semi2k", Activations::Keep);
    let (whole, of_link) =
        (model.advice(&Settings::default(), &scored, &ask).unwrap(), scored.advice(&ask).unwrap());
    let without = whole.changes.iter().filter(|change| !change.id.starts_with("half"));
    assert!(without.eq(&of_link.changes));
    assert_eq!(of_link.left_out.len(), 2);
}

#[test]
fn the_fields_are_those_of_the_schema() {
    let (model, scored) = opened("resnet20-cifar10");
    let advice =
        model.advice(&Settings::default(), &scored, &under("delphi:server-garbler", Activations::Keep));
    let json = serde_json::to_value(advice.unwrap()).unwrap();
    assert_eq!(json["schema"], "reluctant.advice/1");
    for field in ["phase", "cause", "share", "seconds", "bytes", "text"] {
        assert!(json["findings"][0].get(field).is_some(), "{field}");
    }
    for field in ["offline_seconds", "online_seconds", "bytes", "rounds"] {
        assert!(json["changes"][0]["delta"].get(field).is_some(), "{field}");
    }
    assert!(model.advice(&Settings::default(), &scored, &Ask::default()).is_err());
}
