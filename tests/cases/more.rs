//! The further cases: counts by hand, outputs by ONNX Runtime.

use reluctant::api::{Ask, Scored};
use reluctant_tests::csv_rows;

use super::run::{faults, run};
use super::{estimate, here, score};

/// A figure of `counts`, as the score has it.
fn figure(scored: &Scored, name: &str) -> Option<u64> {
    let score = &scored.score;
    Some(match name {
        "macs" => score.totals.macs,
        "relu" => score.totals.relu.elements,
        "params" => score.totals.params,
        "average_pool" => score.totals.average_pool.elements,
        "unknown" => score.coverage.unknown.len() as u64,
        "bound" => u64::from(estimate(scored).bound),
        kind if score.totals.activations.contains_key(kind) => score.totals.activations[kind].elements,
        symbol => score.model.symbols.iter().find(|s| s.name == symbol)?.value?.try_into().ok()?,
    })
}

#[test]
fn each_further_case_counts_and_runs() {
    let rows = csv_rows(&std::fs::read_to_string(here("more.csv")).unwrap());
    assert!(rows.len() > 30);
    let mut failed = Vec::new();
    for row in rows {
        let name = format!("more/{}", row["file"]);
        let set: Vec<&str> = row["set"].split(';').filter(|s| !s.is_empty()).collect();
        let scored = score(&name, &set);
        for count in row["counts"].split(';') {
            let (figure_name, wanted) = count.split_once('=').unwrap();
            if figure_name == "mark" {
                let marked =
                    scored.score.layers.iter().flat_map(|layer| &layer.marks).any(|m| m.contains(wanted));
                if !marked {
                    failed.push(format!("{name} {set:?}: no mark {wanted}"));
                }
            } else if figure(&scored, figure_name) != wanted.parse().ok() {
                failed.push(format!(
                    "{name} {set:?}: {figure_name} {:?}, not {wanted}",
                    figure(&scored, figure_name)
                ));
            }
        }
        if let Ok(tolerance) = row["run"].parse() {
            let found = run(&name, &format!("{name}.npz"), &set, &[], &[]);
            failed.extend(
                faults(&found, &format!("{name}.out.npz"), tolerance).iter().map(|f| format!("{name}: {f}")),
            );
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What an optimiser fuses sends what its parts send.
#[test]
fn fused_embeddings_cost_what_their_parts_cost() {
    let mut ask = Ask::default();
    ask.terms.protocols =
        reluctant::api::protocols(&ask.terms).unwrap().iter().map(|p| p.id.to_string()).collect();
    let cost = |name: &str| score(name, &[]).cost(&ask).unwrap().estimates;
    let (fused, plain) = (cost("more/embed_layer"), cost("more/embed_plain"));
    assert!(fused.iter().any(|estimate| estimate.protocol == "cheetah:spu" && !estimate.bound));
    for (fused, plain) in fused.iter().zip(&plain) {
        assert_eq!(fused.bound, plain.bound, "{}", fused.protocol);
        if !fused.bound {
            assert_eq!(fused.bytes_total, plain.bytes_total, "{}", fused.protocol);
        }
    }
}
