//! Every row of `expected.csv`.

use std::ops::ControlFlow;

use reluctant::api::{self, LinkView, LocalFile, NamedFile, Tensor};
use reluctant_tests::csv_rows;

use super::run::{arrays, faults, run};
use super::{estimate, here, open, score, settings};

#[test]
fn every_row_has_a_check() {
    let rows = csv_rows(&std::fs::read_to_string(here("expected.csv")).unwrap());
    let mut done = 0;
    for row in &rows {
        let (name, command) = (row["file"].trim_end_matches(".onnx"), row["command"].as_str());
        let verb = command.split([' ', ';']).next().unwrap();
        match (name, verb) {
            ("bn_training", "score") => training_norm(),
            ("two_inputs_symbol", "score") => symbols_bind(),
            ("loop_const3", "score") => {
                assert_eq!(macs_relus("loop_const3", &[]), (216, 36));
                // A pass of 2x6: a truncation and a ReLU of each, in as many rounds as in one layer.
                let scored = score(name, &[]);
                assert!(scored.rows().iter().all(|row| row.passes == Some(3)), "{:?}", scored.rows());
                let priced = estimate(&scored);
                let rounds = priced.online.rounds;
                assert_eq!((priced.bytes_total % 3, rounds % 3, priced.bound), (0, 0, false));
            }
            ("matmulnbits_gqa", "score") => assert_eq!(macs_relus(name, &[]).0, 64_640),
            ("dqlstm_shape", "score") => assert_eq!(macs_relus(name, &[]).0, 2496),
            ("einsum_forms", "score") => einsum(),
            ("deformconv", "score") => {
                assert_eq!(macs_relus(name, &[]).0, 3888);
                assert_eq!(score(name, &[]).score.totals.params, 114);
            }
            ("params_unknown_size", "score") => {
                let totals = score(name, &[]).score.totals;
                assert_eq!((totals.params, totals.not_known), (448, vec!["macs", "relu"]));
            }
            ("relu6_minmax", "score") => {
                let totals = score(name, &[]).score.totals;
                assert_eq!((totals.relu.elements, totals.activations.len()), (0, 1));
                assert_eq!(totals.activations["ReLU6"].elements, 128);
            }
            ("guess_too_short", "score") => {
                let symbols = score(name, &[]).score.model.symbols;
                let sequence = symbols.iter().find(|s| s.name == "sequence").unwrap();
                assert!(
                    sequence.value.is_none_or(|n| n >= 256) && sequence.why.contains("128 is impossible")
                );
            }
            ("views_maxpool_softmax", "score") => {
                let views = score(name, &[]).score.views;
                let tool = views.iter().find(|view| view.tool.starts_with("onnx-tool")).unwrap();
                assert_eq!(tool.value, Some(8690));
            }
            ("rnn_layout1_lens", "link") => link(),
            ("replace_if_other_branch" | "bf16_gemm", "replace") => replaced(name),
            ("dqlstm_shape", "run") => agrees(name, &[], &[], "dqlstm_shape.here.npz"),
            ("rnn_state_batch", "run") => agrees(name, &["time=6"], &[], "rnn_state_batch.out.npz"),
            ("ext_subfolder", "run") => {
                let found = run(name, "ext_subfolder.npy", &[], &[], &["w/data.bin"]);
                assert_eq!(faults(&found, "ext_subfolder.out.npz", 1e-5), Vec::<String>::new());
            }
            ("skl_mlp_clf", "run") => {
                let found = run(name, "skl_mlp_clf.npz", &[], &["probabilities"], &[]);
                let wanted: Vec<(String, Tensor)> = arrays("skl_mlp_clf.out.npz");
                let (_, wanted) = wanted.iter().find(|(name, _)| name == "probabilities").unwrap();
                let (a, b): (Vec<f64>, Vec<f64>) = (found[0].1.data().convert(), wanted.data().convert());
                assert_eq!(found[0].1.shape(), wanted.shape());
                assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-5), "{a:?} {b:?}");
            }
            (_, "run") => agrees(name, &[], &[], &format!("{name}.out.npz")),
            other => panic!("no check for {other:?}"),
        }
        done += 1;
    }
    assert_eq!(done, 23);
}

fn macs_relus(name: &str, set: &[&str]) -> (u64, u64) {
    let totals = score(name, set).score.totals;
    (totals.macs, totals.relu.elements)
}

fn agrees(name: &str, set: &[&str], outputs: &[&str], wanted: &str) {
    let found = run(name, &format!("{name}.npz"), set, outputs, &[]);
    assert_eq!(faults(&found, wanted, 1e-5), Vec::<String>::new(), "{name}");
}

fn training_norm() {
    let scored = score("bn_training", &[]);
    let norm = scored.score.layers.iter().find(|layer| layer.op == "BatchNormalization").unwrap();
    assert!(!norm.marks.iter().any(|mark| mark.contains("folds")), "{:?}", norm.marks);
    let shown = norm.activation.as_ref().unwrap();
    assert_eq!((shown.elements, shown.rows, shown.row_length), (288, 4, 72));
    let priced = estimate(&scored);
    assert!(!priced.partial && priced.bytes_total > 76_608, "{}", priced.bytes_total);
}

fn symbols_bind() {
    let score = score("two_inputs_symbol", &["a=4x3"]).score;
    assert_eq!(api::shape_text(score.model.inputs[1].shape.as_ref().unwrap()), "4x3");
    assert_eq!(score.totals.macs, 96);
    let fault = open("two_inputs_symbol").score(&settings(&["a=4x3", "b=5x3"])).unwrap_err();
    assert!(fault.message.contains("a=4x3") && fault.message.contains("b=5x3"), "{fault}");
}

fn einsum() {
    let score = score("einsum_forms", &[]).score;
    let macs = |name: &str| score.layers.iter().find(|layer| layer.name == name).and_then(|layer| layer.macs);
    assert_eq!([macs("a"), macs("b"), macs("e")], [Some(840), Some(840), Some(150)]);
    assert!(score.coverage.unknown.is_empty());
}

/// A link shows what the score shows.
fn link() {
    let scored = score("rnn_layout1_lens", &[]);
    let link = scored.link(&LinkView { view: "score".to_owned(), ..LinkView::default() }, false).unwrap();
    let opened = api::open_link(&link).unwrap().scored;
    assert_eq!(opened.score.totals.activations["LSTM"].elements, 105);
    assert_eq!(opened.score.totals.activations.len(), 1);
}

/// ONNX Runtime loads the one, onnx.checker passes the other: what made them refuse is gone.
fn replaced(name: &str) {
    let files = vec![(format!("{name}.onnx"), LocalFile::open(&here(&format!("{name}.onnx"))).unwrap())];
    let set: &[&str] = if name == "bf16_gemm" { &[] } else { &["x=1x1x64"] };
    let changed = super::run::replace_half(files, &settings(set));
    let file = NamedFile { name: "changed.onnx".to_owned(), bytes: &changed };
    let opened = api::Model::open(&file, Vec::new(), &mut |_, _| ControlFlow::Continue(())).unwrap();
    let layers = opened.score(&settings(set)).unwrap().score.layers;
    let ops = |op: &str| layers.iter().filter(|layer| layer.op == op).count();
    if name == "bf16_gemm" {
        // Where of bfloat16 came with operator set 16; this is 13.
        assert_eq!((ops("Where"), ops("Relu")), (0, 1));
    } else {
        // The branch that cannot run with 64 samples keeps its activation whole.
        let whole = layers.iter().find(|layer| layer.name == "rb").unwrap();
        assert_eq!(whole.activation.as_ref().unwrap().elements, 8);
    }
}
