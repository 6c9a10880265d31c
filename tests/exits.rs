//! Exits of real files: heads that a model has, measured against ONNX Runtime; searches; segmentation; an If.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::ops::ControlFlow;

use reluctant::api::{
    self, Ask, ExitHead, ExitPolicy, ExitSearchSettings, ExitUnit, LocalFile, NamedFile, ReadAt, RunOptions,
    RunSession, Scored, Seen, Settings, Terms,
};
use reluctant_tests::{corpus, open};

fn go(_: u64, _: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn ask(protocol: &str) -> Ask {
    Terms::under(protocol).into()
}

fn scored(file: &str) -> Scored {
    open(&corpus(file)).unwrap().score(&Settings::default()).unwrap()
}

const HEADS: [&str; 2] = ["exit1", "exit2"];

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What the heads say of the test images.
fn seen() -> Seen {
    seen_of(&LocalFile::open(&corpus("exits/heads.onnx")).unwrap())
}

fn seen_of(bytes: &dyn ReadAt) -> Seen {
    let files = [NamedFile { name: "heads.onnx".to_owned(), bytes }];
    let mut session =
        RunSession::open(&files, &Settings::default(), &RunOptions::default(), &mut go).unwrap();
    let arrays = api::arrays("digits.npz", &fs::read(corpus("digits/digits.npz")).unwrap()).unwrap();
    let given = session.given(arrays, None).unwrap();
    api::ready(session.heads(&names(&HEADS), given, &mut go)).unwrap()
}

/// `make.py` ran ONNX Runtime on the same images: shares, accuracy and agreement by threshold are its own.
#[test]
fn a_sweep_is_what_onnx_runtime_says() {
    let wanted: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(corpus("exits/sweep.json")).unwrap()).unwrap();
    let wanted = wanted.as_array().unwrap();
    let thresholds: Vec<f64> = wanted.iter().map(|point| point["threshold"].as_f64().unwrap()).collect();
    let (net, seen) = (scored("exits/heads.onnx"), seen());
    assert_eq!(seen.samples(), 500);
    let report = net.exit_sweep(&names(&HEADS), &seen, &thresholds, &ask("semi2k")).unwrap();
    assert!(report.at.iter().all(|place| place.head == ExitHead::Own));
    assert_eq!(report.end_accuracy, Some(0.994));
    for (point, wanted) in report.points.iter().zip(wanted) {
        for (share, wanted) in point.shares.iter().zip(wanted["shares"].as_array().unwrap()) {
            // An image may lie on the other side of a threshold in another order of sums.
            assert!((share - wanted.as_f64().unwrap()).abs() < 0.005, "{point:?}");
        }
        assert!((point.accuracy.unwrap() - wanted["accuracy"].as_f64().unwrap()).abs() < 0.005, "{point:?}");
        assert!((point.agreement - wanted["agreement"].as_f64().unwrap()).abs() < 0.005, "{point:?}");
        assert!((point.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((point.reach[2] - point.shares[2]).abs() < 1e-12);
        // What a sweep prices is what exits prices for these shares.
        let exits = net.exits(&names(&HEADS), &point.shares, 10, &ask("semi2k")).unwrap().exits;
        assert_eq!(exits.secure, point.secure);
    }
    // By itself: all leave at once, then nobody does.
    let report = net.exit_sweep(&names(&HEADS), &seen, &[], &ask("semi2k")).unwrap();
    assert_eq!(report.points[0].shares, [1.0, 0.0, 0.0]);
    let last = report.points.last().unwrap();
    assert_eq!((last.shares[2], last.agreement, last.accuracy), (1.0, 1.0, Some(0.994)));
    assert!(report.points[0].secure.bytes < last.secure.bytes);
    // The network without exits is the one without heads: the digits network itself.
    let bare = scored("digits/digits_cnn.onnx").cost(&ask("semi2k")).unwrap().estimates.remove(0);
    assert_eq!(report.none.bytes, bare.bytes_total);
}

fn varint(mut value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn part(field: usize, content: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(content.len()), content.to_vec()].concat()
}

/// Features that stand before the logits are no end: neither of a run, nor of a price.
#[test]
fn the_end_is_an_output_that_is_like_the_heads() {
    let file = fs::read(corpus("exits/heads.onnx")).unwrap();
    // The graph, part 7 of the file, with one more output, its part 12, before the others.
    let (before, graph, after) = (&file[..19], &file[23..file.len() - 4], &file[file.len() - 4..]);
    assert_eq!(file[19..23], [vec![7 << 3 | 2], varint(graph.len())].concat());
    let features = part(12, &part(1, b"/a.0/Relu_output_0"));
    let made = [before, &part(7, &[&features, graph].concat()), after].concat();
    let seen = seen_of(&made);
    let file = NamedFile { name: "more.onnx".to_owned(), bytes: &made as &dyn ReadAt };
    let net = api::Model::open(&file, Vec::new(), &mut go).unwrap().score(&Settings::default()).unwrap();
    assert_eq!(net.score.model.outputs[0].name, "/a.0/Relu_output_0");
    let report = net.exit_sweep(&names(&HEADS), &seen, &[], &ask("semi2k")).unwrap();
    assert_eq!(report.end_accuracy, Some(0.994));
    let bare = scored("digits/digits_cnn.onnx").cost(&ask("semi2k")).unwrap().estimates.remove(0);
    assert_eq!(report.none.bytes, bare.bytes_total);
}

fn wish(at: &[&str]) -> ExitSearchSettings {
    ExitSearchSettings { at: names(at), ..ExitSearchSettings::default() }
}

/// The search against every way tried by hand; a budget and a leak hold.
#[test]
fn a_search_finds_what_trying_all_finds() {
    let net = scored("exits/heads.onnx");
    let seen = seen();
    let found = net.exit_search(&wish(&HEADS), Some(&seen), &ask("semi2k"), &mut go).unwrap();
    let none = found.found.iter().find(|one| one.policy == ExitPolicy::None).unwrap();
    assert_eq!((none.quality, none.cost.leak_bits), (0.994, 0.0));
    // The network without exits is the one without any head, whichever are tried first.
    let bare = scored("digits/digits_cnn.onnx").cost(&ask("semi2k")).unwrap().estimates.remove(0);
    assert_eq!(none.cost.bytes, bare.bytes_total);
    assert!(found.found.iter().all(|one| one.policy != ExitPolicy::All));
    assert!(found.found.windows(2).all(|pair| pair[0].cost.bytes <= pair[1].cost.bytes));
    // Of 99,376 MACs, the heads among them: the first convolution, or three, and the head. Its place in the file says
    // nothing: both heads stand at its end.
    let depths: Vec<f64> = found.candidates.iter().map(|one| one.depth).collect();
    let macs = [4_608 + 80, 4_608 + 36_864 + 18_432 + 160].map(|macs| f64::from(macs) / 99_376.0);
    assert_eq!(depths, macs);
    let budget = none.cost.bytes as f64 * 0.9;
    // A head that is not chosen is paid by nobody: who lets all pass at exit1 pays its head and test.
    let late =
        found.found.iter().find(|one| one.at == ["exit2"] && one.policy == ExitPolicy::Secure).unwrap();
    let alone = net.exits(&names(&["exit2"]), &late.shares, 10, &ask("semi2k")).unwrap().exits;
    assert_eq!(late.cost, alone.secure);
    // By hand: everything within the budget, the best accuracy of it.
    let mut best = 0f64;
    for set in [&[0usize][..], &[1], &[0, 1]] {
        let at: Vec<String> = set.iter().map(|i| HEADS[*i].to_owned()).collect();
        for threshold in seen.thresholds() {
            let left = seen.left(set, threshold);
            let exits = net.exits(&at, &left.shares, 10, &ask("semi2k")).unwrap().exits;
            if exits.secure.bytes as f64 <= budget {
                best = best.max(left.accuracy.unwrap());
            }
            if set.len() == 1 && exits.fixed[0].bytes as f64 <= budget {
                best = best.max(seen.left(set, f64::NEG_INFINITY).accuracy.unwrap());
            }
        }
    }
    let within = ExitSearchSettings { budget: Some(budget), ..wish(&HEADS) };
    let found = net.exit_search(&within, Some(&seen), &ask("semi2k"), &mut go).unwrap();
    let chosen = &found.found[found.best.unwrap()];
    assert_eq!(chosen.quality, best);
    assert!(found.found.iter().all(|one| one.cost.bytes as f64 <= budget));
    let silent = ExitSearchSettings { leak: Some(0.0), ..within };
    let found = net.exit_search(&silent, Some(&seen), &ask("semi2k"), &mut go).unwrap();
    assert!(found.found.iter().all(|one| one.cost.leak_bits == 0.0));
    let nothing = ExitSearchSettings { budget: Some(1.0), ..wish(&HEADS) };
    let found = net.exit_search(&nothing, Some(&seen), &ask("semi2k"), &mut go).unwrap();
    assert_eq!((found.within, found.best), (0, None));
}

/// Without data: by hand, or by the stated model, which says that it is one.
#[test]
fn a_search_without_data_states_its_model() {
    let net = api::Model::example("resnet18-cifar100").unwrap().score(&Settings::default()).unwrap();
    let settings = ExitSearchSettings { classes: 100, most: 1, ..wish(&[]) };
    let found = net.exit_search(&settings, None, &ask("semi2k"), &mut go).unwrap();
    assert!(found.sure_by.contains("stated model"), "{}", found.sure_by);
    assert!(found.candidates.len() > 10 && found.candidates.len() <= 24);
    assert!(found.candidates.windows(2).all(|pair| pair[0].depth <= pair[1].depth));
    // One way without exits, and three at each place.
    assert_eq!(found.tried, 1 + 3 * found.candidates.len() as u64);
    let at = ["/layer1/layer1.1/relu/Relu_1_output_0", "/layer2/layer2.1/relu/Relu_1_output_0"];
    let by_hand = ExitSearchSettings { classes: 100, sure: vec![0.4, 0.7], ..wish(&at) };
    let found = net.exit_search(&by_hand, None, &ask("semi2k"), &mut go).unwrap();
    let both = found.found.iter().find(|one| one.at.len() == 2).unwrap();
    assert_eq!(both.policy, ExitPolicy::Secure);
    both.shares.iter().zip([0.4, 0.3, 0.3]).for_each(|(a, b)| assert!((a - b).abs() < 1e-12));
    // Seconds where the engine's are not known, work without a price, shares that are none.
    let seconds = ExitSearchSettings { unit: ExitUnit::Seconds, ..by_hand.clone() };
    assert!(
        net.exit_search(&seconds, None, &ask("crypten"), &mut go)
            .unwrap_err()
            .message
            .contains("compute times")
    );
    let bad = ExitSearchSettings { sure: vec![0.4], ..by_hand };
    assert!(net.exit_search(&bad, None, &ask("semi2k"), &mut go).is_err());
}

/// UNet tells a class of each position: an exit has a linear layer at each, and a test at each.
#[test]
fn a_segmentation_net_has_heads_at_each_position() {
    let net = scored("models/unet_convt_64.legacy.op13.b1.onnx");
    let report = |at: &str| net.exits(&names(&[at]), &[0.5, 0.5], 2, &ask("semi2k")).unwrap();
    let place = net
        .score
        .layers
        .iter()
        .find(|layer| layer.activation.as_ref().is_some_and(|a| a.kind == "ReLU"))
        .unwrap();
    let found = report(&place.output);
    let at = &found.at[0];
    assert_eq!(at.head, ExitHead::EachPosition);
    // By hand: products of positions x channels by channels x 2, truncated; a maximum and a comparison at each position, one
    // of the count, and the bit.
    let (n, c) = (at.positions, at.channels);
    let rows = net.rows();
    let upto = rows.iter().position(|row| row.index == place.index).unwrap();
    let ask = ask("semi2k");
    let trunk = api::cost_of(&rows[..=upto], &ask, api::Detail::Totals).unwrap().estimates.remove(0);
    let head = 16 * (n * c + c * 2) + 8 * n * 2;
    assert_eq!(found.exits.fixed[0].bytes, trunk.bytes_total + head);
    let test = n * 144 + (n + 1) * 112 + 16;
    let half = (found.exits.secure.bytes as f64 - (trunk.bytes_total + head + test) as f64) * 2.0;
    let rest = found.exits.none.bytes - trunk.bytes_total;
    assert!((half - rest as f64).abs() <= 2.0, "{half} {rest}");
}

/// On encrypted data both branches of an If run: neither its result nor what lies in it is an exit.
#[test]
fn an_if_is_refused_with_the_reason() {
    let path = corpus("../cases/more/if_flag.onnx");
    let net = open(&path).unwrap().score(&Settings::default()).unwrap();
    let error = net.exits(&names(&["y"]), &[0.5, 0.5], 2, &ask("semi2k")).unwrap_err();
    assert!(error.message.contains("both run"), "{error}");
}
