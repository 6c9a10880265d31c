//! A link opens to what was on screen; a damaged one is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::api::{Activations, Granularity, Keep, Line, Model, Replacement, Settings, Stay, examples};
use crate::error::Code;

fn json(value: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(value).unwrap()
}

/// Compares part by part, so that a failure names the part.
fn assert_same(found: &serde_json::Value, want: &serde_json::Value, place: &str) {
    match (found, want) {
        (serde_json::Value::Object(a), serde_json::Value::Object(b)) => {
            let keys = |map: &serde_json::Map<_, _>| map.keys().cloned().collect::<Vec<String>>();
            assert_eq!(keys(a), keys(b), "{place}");
            a.iter().for_each(|(key, value)| assert_same(value, &b[key], &format!("{place}/{key}")));
        }
        (serde_json::Value::Array(a), serde_json::Value::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs.for_each(|(at, (a, b))| assert_same(a, b, &format!("{place}/{at}")));
        }
        _ => assert_eq!(found, want, "{place}"),
    }
}

fn cost() -> Ask {
    let terms = Terms {
        protocols: vec!["delphi:server-garbler".into(), "semi2k".into()],
        link: Line::Custom { up: 12.5, down: 1_000.125, rtt: 7.25 },
        gc_threads: 32,
        ring_bits: 128,
        share_bits: 41,
        ot: crate::api::Ot::Softspoken,
        faults: crate::api::FaultMode::NegPass,
        argmax: true,
        ..Terms::default()
    };
    let kept = Keep { share: 0.25, granularity: Granularity::Layer };
    Ask { terms, activations: Activations::Share { kept, others: Replacement::Poly2Public } }
}

/// Everything that is on screen is the same; what only the file holds is not there.
#[test]
fn a_link_opens_to_the_same_score() {
    for example in examples() {
        let scored = Model::example(example.id).unwrap().score(&Settings::default()).unwrap();
        let view = LinkView {
            example: Some(example.id.into()),
            view: "score".into(),
            cost: Some(cost()),
            settings: vec![("pareto.dataset".into(), "CIFAR-100".into())],
            selection: vec![1, 5],
        };
        let opened = open_link(&scored.link(&view, true).unwrap()).unwrap();
        let mut want = json(&scored.score);
        for layer in want["layers"].as_array_mut().unwrap() {
            layer["output"] = "".into();
        }
        want["model"]["producer"] = "".into();
        for ports in ["inputs", "outputs"] {
            for port in want["model"][ports].as_array_mut().unwrap() {
                port["declared"] = serde_json::Value::Null;
            }
        }
        for list in ["missing_files", "faults"] {
            want["model"]["weights"][list] = serde_json::json!([]);
        }
        want["views"] = serde_json::json!([]);
        assert_same(&json(&opened.scored.score), &want, example.id);
        let rows = json(&opened.scored.rows);
        assert_eq!((opened.state.view, rows), (view, json(&scored.rows)), "{}", example.id);
        let estimates = json(&opened.scored.cost(&cost()).unwrap());
        assert_same(&estimates, &json(&scored.cost(&cost()).unwrap()), example.id);
        let [offline, online] = [&estimates["estimates"][0]["offline"], &estimates["estimates"][0]["online"]];
        let sent = &opened.state.sent[0];
        for (sent, now) in [(sent.offline_seconds, offline), (sent.online_seconds, online)] {
            let now = now["seconds"][1].as_f64().unwrap();
            assert!((sent - now).abs() <= 1e-4 * now, "{}: {sent} against {now}", example.id);
        }
        assert!(opened.state.changed.is_empty());
    }
}

#[test]
fn a_link_of_resnet50_with_its_settings_fits_a_message() {
    let scored = Model::example("resnet50-imagenet").unwrap().score(&Settings::default()).unwrap();
    let view = LinkView { view: "score".into(), cost: Some(cost()), ..LinkView::default() };
    let link = scored.link(&view, false).unwrap();
    assert!(link.len() < 2_000, "{} characters", link.len());
}

#[test]
fn without_names_the_figures_stay() {
    let scored = Model::example("vit-b-16").unwrap().score(&Settings::default()).unwrap();
    let link = scored.link(&LinkView::default(), false).unwrap();
    assert!(link.len() < 4_000, "{} characters", link.len());
    let opened = open_link(&link).unwrap().scored;
    assert_eq!(json(&opened.score.totals), json(&scored.score.totals));
    assert_eq!(json(&opened.score.stages), json(&scored.score.stages));
    let text = json(&opened.score).to_string();
    assert!(!text.contains("encoder") && !text.contains("ViT"), "{text}");
    let work = |rows: &[Row]| {
        rows.iter().map(|row| (row.index, row.after.clone(), row.work.clone())).collect::<Vec<_>>()
    };
    assert_eq!(work(&opened.rows), work(&scored.rows));
}
#[test]
fn settings_with_names_stay_behind_unless_asked_for() {
    let scored = Model::example("resnet18-cifar100").unwrap().score(&Settings::default()).unwrap();
    let settings = vec![("name.filter".into(), "xq7marker".into()), ("order".into(), "relu".into())];
    let view = LinkView { settings: settings.clone(), ..LinkView::default() };
    let opened = |names| open_link(&scored.link(&view, names).unwrap()).unwrap().state.view.settings;
    assert_eq!(opened(true), settings);
    assert_eq!(opened(false), settings[1..]);
}

#[test]
fn a_setting_that_does_not_work_is_an_invalid_link() {
    let scored = Model::example("resnet18-cifar100").unwrap().score(&Settings::default()).unwrap();
    for (key, value) in [
        ("up", "fast"),
        ("up", "12"),
        ("link", "moon"),
        ("gc-threads", "0"),
        ("he-threads", "-1"),
        ("ring-bits", "63"),
        ("activation", "drop"),
        ("activation-share", "half"),
        ("granularity", "tile"),
        ("rtt", "NaN"),
        ("rtt", "-5"),
        ("replaced", "1:0:1"),
        ("replaced", "2:0:1:x"),
    ] {
        let settings = vec![(key.into(), value.into())];
        let link = scored.link(&LinkView { settings, ..LinkView::default() }, false).unwrap();
        assert_eq!(open_link(&link).unwrap_err().code, Code::InvalidLink, "{key} = {value}");
    }
    // A protocol of a later release is named, not taken for another one.
    let mut later = shared(&scored.score, &scored.rows, &LinkView::default(), &Terms::default());
    later.settings.push(("protocol".into(), "later:one".into()));
    later.profiles = vec![("later:one".into(), 1), ("semi2k".into(), 99)];
    let opened = open_link(&share::link_from_shared(&later, false).unwrap()).unwrap();
    let changed: Vec<(&str, u32, Option<u32>)> =
        opened.state.changed.iter().map(|change| (change.id.as_str(), change.was, change.now)).collect();
    let now = cost::profile("semi2k").unwrap().version;
    assert_eq!(changed, [("later:one", 1, None), ("semi2k", 99, Some(now))]);
    // Dropped: the link is under what a link means that names none.
    assert_eq!(opened.state.view.cost.unwrap().terms.protocols, ["delphi:server-garbler"]);
}

/// A link of before holds no word of which layer a batch normalisation belongs to: it is found again.
#[test]
fn batch_norms_of_older_links_find_their_layers() {
    let norms = |norms| Terms { norms, ..Terms::under("semi2k") };
    let terms = norms(cost::Norms::Separate);
    for example in examples().iter().map(|example| example.id) {
        let scored = Model::example(example).unwrap().score(&Settings::default()).unwrap();
        let mut older = shared(&scored.score, &scored.rows, &LinkView::default(), &terms);
        for layer in older.layers.iter_mut().filter(|layer| layer.row.work.len() > 1) {
            layer.row.work.truncate(1);
        }
        let opened = open_link(&share::link_from_shared(&older, false).unwrap()).unwrap().scored;
        let works = |rows: &[Row]| rows.iter().map(|row| row.work.clone()).collect::<Vec<_>>();
        assert_eq!(works(&opened.rows), works(&scored.rows), "{example}");
        let bytes = |scored: &Scored, terms: &Terms| {
            scored.cost(&terms.clone().into()).unwrap().estimates[0].bytes_total
        };
        assert_eq!(bytes(&opened, &terms), bytes(&scored, &terms), "{example}");
        let folds = scored.rows.iter().any(|row| row.work.len() > 1);
        let folded = bytes(&scored, &norms(cost::Norms::Folded));
        assert_eq!(bytes(&scored, &terms) > folded, folds, "{example}");
    }
}

/// A plan travels with its costs, and a link with one says no more of the model than one without.
#[test]
fn a_plan_travels_with_the_costs() {
    let scored = Model::example("resnet18-cifar100").unwrap().score(&Settings::default()).unwrap();
    let of = |layer: &Layer| Some((layer.index, layer.activation.as_ref()?.elements));
    let relus = scored.score.layers.iter().filter_map(of);
    let replaced: Vec<_> = relus
        .map(|(index, n)| Stay { index, kept: n / 4, scales: 1, products: 1 })
        .filter(|stay| stay.kept > 100)
        .collect();
    assert_eq!(replaced.len(), 17);
    let cost = Ask { terms: Terms::under("semi2k"), activations: Activations::Plan(replaced) };
    let view = LinkView { cost: Some(cost.clone()), ..LinkView::default() };
    let link = scored.link(&view, false).unwrap();
    let opened = open_link(&link).unwrap();
    assert_eq!(opened.state.view.cost, Some(cost.clone()));
    assert_eq!(json(&opened.scored.cost(&cost).unwrap()), json(&scored.cost(&cost).unwrap()));
    assert!(link.len() < 1_200, "{}", link.len());
}

/// A score from a link has no graph: its cards give figures and say what is missing.
#[test]
fn cards_of_a_link_say_what_they_lack() {
    let scored = Model::example("resnet18-cifar100").unwrap().score(&Settings::default()).unwrap();
    let opened = open_link(&scored.link(&LinkView::default(), false).unwrap()).unwrap().scored;
    for column in ["relu", "macs", "coverage", "weight_bytes"] {
        let (a, mut b) = (opened.card(None, column).unwrap(), scored.card(None, column).unwrap());
        // What other tools would print follows from the graph.
        b.also.clear();
        assert_eq!(json(&a), json(&b), "{column}");
    }
    let index = scored.score.layers.iter().find(|layer| layer.macs > Some(0)).unwrap().index;
    let (a, b) = (opened.card(Some(index), "macs").unwrap(), scored.card(Some(index), "macs").unwrap());
    assert_eq!((a.value, a.unit), (b.value, b.unit));
    assert!(a.formula.is_empty() && a.leaves_out.contains("file"));
}
/// The frozen link of version 1 opens, prices and explains, in every release.
#[test]
fn the_frozen_link_is_a_score() {
    let opened = open_link(include_str!("../../../../tests/golden/link-r1.txt")).unwrap();
    assert!(!opened.scored.score.layers.is_empty());
    opened.scored.cost(&cost()).unwrap();
    opened.scored.card(None, "macs").unwrap();
    assert_eq!(opened.document().unwrap().schema, "reluctant.link/1");
}
