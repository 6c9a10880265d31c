//! Every setting, whatever the table holds: what is asked comes back from a link, from the command line and from JSON.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::LazyLock;

use clap::Parser;
use proptest::prelude::*;
use proptest::sample::select;
use reluctant::api::{
    self, Activations, Ask, CalibrateSettings, Draft, LinkView, Model, OwnProfile, ReplaceSettings, SETTINGS,
    Scored, Settings, Stay, Tensor, Terms, Workbench,
};
use serde_json::{Value, json};

use super::cost::{Pricing, planned};
use super::shared::Source;

/// The command line of a verb that prices.
#[derive(Parser)]
struct Line {
    #[command(flatten)]
    pricing: Pricing,
}

static SCORED: LazyLock<Scored> =
    LazyLock::new(|| Model::example("resnet18-cifar100").unwrap().score(&Settings::default()).unwrap());

static OWN: LazyLock<OwnProfile> = LazyLock::new(|| {
    let text = "op,size,bytes,rounds\nrelu,65536,6455296,20\nrelu,1024,120000,20".to_owned();
    let settings =
        CalibrateSettings { text, base: "semi2k".to_owned(), name: "bench".to_owned(), ..Default::default() };
    api::calibrate(&settings).unwrap().report.profile
});

/// A text that the setting takes, as a person would type it.
fn text(setting: &'static api::Setting) -> BoxedStrategy<String> {
    match (setting.view().map(|view| serde_json::to_value(view.kind).unwrap()), setting.name) {
        (Some(kind), _) => match kind["type"].as_str().unwrap() {
            "number" => (kind["least"].as_u64().unwrap()..=kind["most"].as_u64().unwrap())
                .prop_map(|n| n.to_string())
                .boxed(),
            "amount" => {
                let most = kind["most"].as_f64().unwrap();
                prop_oneof![Just(0.0), Just(most), 0.0..=most].prop_map(|x: f64| x.to_string()).boxed()
            }
            "factor" => (1e-3..1e3_f64).prop_map(|x| x.to_string()).boxed(),
            "share" => {
                prop_oneof![Just(0.125), Just(1.0), 0.0..=1.0].prop_map(|x: f64| x.to_string()).boxed()
            }
            _ => {
                let texts = kind["options"].as_array().unwrap().iter().map(|option| match &option["value"] {
                    Value::String(text) => text.clone(),
                    Value::Bool(on) => u8::from(*on).to_string(),
                    other => other.to_string(),
                });
                select(texts.collect::<Vec<_>>()).boxed()
            }
        },
        (None, "protocol") => {
            let ids: Vec<_> =
                api::protocols(&Terms::default()).unwrap().iter().map(|p| p.id.to_owned()).collect();
            prop_oneof![select(ids), (0..=40).prop_map(|bits| format!("circa:{bits}"))].boxed()
        }
        (None, "link") => {
            select(api::links().iter().map(|link| link.id.to_string()).collect::<Vec<_>>()).boxed()
        }
        (None, "up" | "down") => {
            prop_oneof![1e-6..1e4_f64, 1e-6..1e300].prop_map(|x: f64| x.to_string()).boxed()
        }
        (None, "rtt") => prop_oneof![Just(0.0), 0.0..1e4_f64].prop_map(|x: f64| x.to_string()).boxed(),
        (None, "replaced") => {
            let of = |layer: &api::Layer| Some((layer.index, layer.activation.as_ref()?.elements));
            let relus: Vec<(u32, u64)> = SCORED.score.layers.iter().filter_map(of).collect();
            prop::collection::btree_map(0..relus.len(), (any::<u64>(), 0..9_u32, 0..9_u32), 1..5)
                .prop_map(move |stays| {
                    let stay = |(at, (kept, scales, products)): (usize, (u64, u32, u32))| {
                        format!("{}:{}:{scales}:{products}", relus[at].0, kept % (relus[at].1 + 1))
                    };
                    stays.into_iter().map(stay).collect::<Vec<_>>().join(",")
                })
                .boxed()
        }
        (None, "calibration") => Just(String::new()).boxed(),
        (None, other) => panic!("no values are known of {other}"),
    }
}

/// Some of the settings, each with a text; contradictions are left out.
fn asks() -> impl Strategy<Value = Ask> {
    let each: Vec<_> = SETTINGS.iter().map(|setting| prop::option::of(text(setting))).collect();
    (each, any::<[bool; 3]>()).prop_map(|(texts, [custom, plan, own])| {
        let has = |name: &str| SETTINGS.iter().zip(&texts).any(|(s, text)| s.name == name && text.is_some());
        let custom = custom && has("up") && has("down");
        let mut draft = Draft::default();
        let activation = SETTINGS.iter().zip(&texts).find(|(setting, _)| setting.name == "activation");
        let replaces = activation.and_then(|(_, text)| text.as_deref()).is_some_and(|text| text != "keep");
        for (setting, text) in SETTINGS.iter().zip(&texts) {
            let takes = match setting.name {
                "link" => !custom,
                "up" | "down" | "rtt" => custom,
                "calibration" => false,
                "replaced" => plan,
                "activation" => !plan,
                "activation-share" | "granularity" => !plan && replaces,
                _ => true,
            };
            if let Some(text) = text.as_ref().filter(|_| takes) {
                draft.read_text(setting, text).unwrap();
            }
        }
        if own {
            draft.own(OWN.clone());
        }
        let mut ask = draft.finish().unwrap();
        // The command line adds what it prices under, and a link what it means without one.
        if own {
            ask.terms.protocols.push(api::CALIBRATED.to_owned());
        } else if ask.terms.protocols.is_empty() {
            ask.terms.protocols.push("delphi:server-garbler".to_owned());
        }
        ask
    })
}

fn from_command_line(ask: &Ask) -> Ask {
    let mut words = vec!["reluctant".to_owned()];
    for setting in SETTINGS {
        let Some(flag) = setting.flag() else { continue };
        for value in setting.said(ask) {
            match (setting.is_flag(), &*value.text()) {
                (true, "1") => words.push(format!("--{flag}")),
                (true, _) => {}
                // Granularity without a share says nothing.
                (false, text) => words.push(format!("--{flag}={text}")),
            }
        }
    }
    let folder = std::env::temp_dir().join(format!("reluctant-settings-{}", std::process::id()));
    if let Some(own) = &ask.terms.own {
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("own.json");
        std::fs::write(&file, serde_json::to_string(&api::calibration(own).unwrap()).unwrap()).unwrap();
        words.push(format!("--profile={}", file.display()));
    }
    let read =
        Line::try_parse_from(&words).unwrap_or_else(|e| panic!("{words:?}: {e}")).pricing.ask().unwrap();
    let _ = std::fs::remove_dir_all(folder);
    read
}

fn from_link(ask: &Ask) -> Ask {
    let view = LinkView { cost: Some(ask.clone()), ..LinkView::default() };
    api::open_link(&SCORED.link(&view, true).unwrap()).unwrap().state.view.cost.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn every_setting_comes_back(ask in asks()) {
        prop_assert_eq!(&from_command_line(&ask), &ask);
        prop_assert_eq!(&from_link(&ask), &ask);
        let text = serde_json::to_string(&ask).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Ask>(&text).unwrap(), &ask, "{}", text);
        let terms = serde_json::to_string(&ask.terms).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Terms>(&terms).unwrap(), &ask.terms);
    }
}

/// A mistyped key, or one of a later release, is refused by its name, and never passed over.
#[test]
fn unknown_keys_are_refused_by_name() {
    for key in ["he-threads", "protocol", "layers", "activations", "per_call", ""] {
        let error = serde_json::from_value::<Ask>(json!({ key: 1 })).unwrap_err().to_string();
        assert!(error.contains(&format!("{key:?}")), "{key}: {error}");
        assert!(serde_json::from_value::<Terms>(json!({ key: 1 })).is_err(), "{key}");
    }
    for setting in SETTINGS.iter().filter(|setting| setting.of == api::Of::Activations) {
        let error = serde_json::from_value::<Terms>(json!({ setting.key(): null })).unwrap_err().to_string();
        assert!(error.contains(&setting.key()), "{error}");
    }
    assert!(Line::try_parse_from(["reluctant", "--moon", "1"]).is_err());
}

/// What goes wrong says which setting it is, and what it takes.
#[test]
fn values_out_of_range_are_refused_by_name() {
    for setting in SETTINGS.iter().filter(|setting| setting.view().is_some()) {
        for bad in ["moon", "-1", "1e9", "NaN"] {
            let error = Draft::default().read_text(setting, bad).unwrap_err();
            assert!(error.message.starts_with(setting.name), "{}", error.message);
            assert!(!error.hint.is_empty(), "{}", setting.name);
        }
    }
}

#[test]
fn settings_that_go_against_each_other_are_refused() {
    for (pairs, word) in [
        (&[("activation_share", json!(0.5))][..], "share"),
        (&[("activation", json!("keep")), ("activation_share", json!(0.5))], "share"),
        (
            &[
                ("activation", json!("identity")),
                ("replaced", json!([Stay { index: 1, kept: 0, scales: 1, products: 1 }])),
            ],
            "plan",
        ),
        (&[("link", json!("lan")), ("up", json!(1)), ("down", json!(1))], "link"),
        (&[("up", json!(1))], "link"),
        (&[("up", json!(0)), ("down", json!(1))], "rate"),
    ] {
        let object: serde_json::Map<_, _> =
            pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        let error = serde_json::from_value::<Ask>(object.into()).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

/// The command line and the menu tell the default that is in force.
#[test]
fn the_help_tells_the_default() {
    let mut help = Vec::new();
    <Line as clap::CommandFactory>::command().write_long_help(&mut help).unwrap();
    let help = String::from_utf8(help).unwrap();
    for said in [
        "--gc-threads <N>",
        "1 to 1024; 4 by default",
        "keep, identity, poly2:public, poly2:secret or aespa; keep by default",
        "--argmax\n",
    ] {
        assert!(help.contains(said), "{said}\n{help}");
    }
    let ask = Ask { activations: Activations::Keep, terms: Terms::default() };
    assert_eq!(Line::try_parse_from(["reluctant"]).unwrap().pricing.ask().unwrap(), ask);
}

/// What a plan file says is priced, held against the model: the bench's own stays come back from its file.
#[test]
fn a_plan_file_is_priced() {
    let example = |id: &str| Source { model: None, example: Some(id.to_owned()), set: Vec::new() };
    let mut bench = Workbench::example("resnet18-cifar100", &Settings::default()).unwrap();
    bench.set_wish(&ReplaceSettings { budget: "25%".to_owned(), ..ReplaceSettings::default() }).unwrap();
    let made = api::ready(bench.planned()).unwrap();
    let path = std::env::temp_dir().join(format!("reluctant-{}.plan.json", std::process::id()));
    std::fs::write(&path, made.plan.to_json().unwrap()).unwrap();
    let held = planned(&example("resnet18-cifar100"), &path);
    let other = planned(&example("resnet50-imagenet"), &path);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(held.unwrap().replaced, made.replaced);
    assert_eq!(other.unwrap_err().code, api::Code::InvalidSetting);
    // 557,056 ReLUs, of which a quarter stays: 139,264. What does not change is in no row of the plan's.
    let gone = |stay: &Stay| {
        let layer = made.figures.layers.iter().find(|layer| layer.index == stay.index).unwrap();
        layer.elements - stay.kept
    };
    assert_eq!(made.replaced.iter().map(gone).sum::<u64>(), 557_056 - 139_264);
}

/// Labels are the file's only array, or the one that is called so, wherever it stands.
#[test]
fn labels_are_found_by_their_name() {
    let [x, y] =
        [vec![0.5f32; 4], vec![3.0, 1.0]].map(|values| Tensor::new(vec![values.len()], values).unwrap());
    let npz = |names: [&str; 2]| {
        let [first, second] = names.map(str::to_owned);
        api::npz_from(&[(first, x.clone()), (second, y.clone())]).unwrap()
    };
    for names in [["x", "y"], ["a", "Labels"], ["images", "classes"]] {
        assert_eq!(api::labels("data.npz", &npz(names)).unwrap().shape(), [2], "{names:?}");
    }
    assert_eq!(api::labels("any.npy", &api::npy_from(&y)).unwrap().shape(), [2]);
    let error = api::labels("data.npz", &npz(["a", "b"])).unwrap_err();
    assert!(error.message.contains("a, b"), "{error:?}");
}

/// No two flags of a verb share a name, and every default reads.
#[test]
fn every_verb_can_be_parsed() {
    use clap::CommandFactory as _;
    super::Args::command().debug_assert();
}

/// The lines of the documents.
#[test]
fn design_verbs_take_their_flags() {
    for line in [
        "design equalise --blocks 2,2,2,2 --order 3,2,4,1 --min-mult 2 --max-mult 64 --json",
        "design equalise --blocks 2,2 --order 2,1 --rank seconds --protocol semi2k --link wan --alpha 2 --max-relus 9",
        "design build net.json -o net.onnx --pytorch net.py --seed 3",
        "design alter net.json --cull 1,4 --thin --skip --balance --narrow 2 --shrink 2",
        "design preset",
        "design sweep sweep.json --csv --shard 3/64",
        "design gradient net.json --protocol semi2k --json",
        "design coarse net.onnx --cull stem,S1 --thin first --skip --groups 2 --plan plan.json",
        "design criticality net.onnx --data x.npz --weight 0.07 --json",
        "design claims --json",
        "diff a.onnx b.json --protocol semi2k --json",
        "merge a.json b.json --csv",
        "atlas net.json --csv",
        "cost net.onnx --plan plan.json --all --csv",
        "cost --example resnet18-cifar100 --plan plan.json --advice --json",
    ] {
        let words = std::iter::once("reluctant").chain(line.split(' '));
        assert!(super::Args::try_parse_from(words).is_ok(), "{line}");
    }
}
