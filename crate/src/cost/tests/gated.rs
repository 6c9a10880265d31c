//! Gates in the place of ReLUs: one comparison depth for all layers, or none.

use super::nets::resnet18;
use super::*;
use crate::cost::gated::gated;

/// SEMI2K: a ReLU is a comparison (112 B, 7 rounds) and a choice (32 B, 1 round). All gates are one call beside the
/// network's own start; each of the 17 layers keeps its choice.
#[test]
fn all_gates_are_one_comparison() {
    let net = rows(resnet18(32, 100, true));
    let (terms, keep) = (Terms::default(), Activations::Keep);
    let tariff = Tariff::of("semi2k", &terms).unwrap();
    let found = gated(&net, &Pricing::new(&tariff, &terms, &keep)).unwrap();
    assert_eq!(found.gates, 557_056);
    let whole = cost("semi2k", &net, &terms);
    assert_eq!((found.relu.bytes, found.relu.rounds), (whole.bytes_total, whole.online.rounds as f64));
    assert_eq!(found.compared.bytes, found.relu.bytes);
    assert_eq!(found.relu.bytes - found.clear.bytes, 112 * 557_056);
    // 17 comparisons of 7 rounds go.
    assert_eq!(found.relu.rounds - found.clear.rounds, 17.0 * 7.0);
    // What is compared passes beside the first layer, of 2 rounds.
    assert_eq!(found.compared.rounds - found.clear.rounds, 7.0 - 2.0);
}

/// Under every protocol that prices it: gates never take more rounds than ReLUs, and none in the clear takes fewest.
#[test]
fn gates_never_take_more_rounds() {
    let net = rows(resnet18(32, 100, true));
    let (terms, keep) = (Terms::default(), Activations::Keep);
    for profile in profiles() {
        let tariff = Tariff::of(profile.id, &terms).unwrap();
        let found = gated(&net, &Pricing::new(&tariff, &terms, &keep)).unwrap();
        if !found.compared.bound && !found.relu.bound {
            assert!(found.compared.rounds <= found.relu.rounds, "{}", profile.id);
            assert!(found.clear.rounds <= found.compared.rounds, "{}", profile.id);
            assert!(found.clear.bytes <= found.compared.bytes, "{}", profile.id);
        }
    }
}
