//! A share of the activations stays: bytes by element, calls and rounds by what is kept together.

use proptest::prelude::*;

use super::nets::{activation, conv, relu, resnet18, resnet20};
use super::*;
use crate::count::Kind;

const ALL: [Granularity; 5] =
    [Granularity::Pixel, Granularity::Spatial, Granularity::Channel, Granularity::Layer, Granularity::Stage];

fn keeping(share: f64, granularity: Granularity) -> Activations {
    Activations::Share { kept: Keep { share, granularity }, others: Replacement::Poly2Public }
}

const POLY: Activations = Activations::All(Replacement::Poly2Public);
const IDENTITY: Activations = Activations::All(Replacement::Identity);

fn of(id: &str, net: &[Row], activations: &Activations) -> Estimate {
    with(id, net, &Terms::default(), activations)
}

/// 65,536 elements at 32 x 32: 6,554 pixels; 102 positions of 64; 6 channels of 1,024; ReLU 144 B, polynomial 48 B.
#[test]
fn parts_of_a_layer_are_priced_by_element() {
    let net = rows(vec![conv(3, 64, 32, 3, 1), relu(65_536)]);
    for (granularity, kept) in
        [(Granularity::Pixel, 6_554), (Granularity::Spatial, 102 * 64), (Granularity::Channel, 6 * 1_024)]
    {
        let layer = &of("semi2k", &net, &keeping(0.1, granularity)).layers.unwrap()[1];
        assert_eq!(layer.bytes_total, Some(144 * kept + 48 * (65_536 - kept)), "{granularity:?}");
        // 8 rounds of the ReLU; the polynomial's 3 pass in them.
        assert_eq!(layer.online.unwrap().rounds, 8);
    }
    // DELPHI: 16 B for each chunk of 8,192 circuits, of the kept ones only.
    let layer = &of("delphi:server-garbler", &net, &keeping(0.1, Granularity::Pixel)).layers.unwrap()[1];
    assert_eq!(layer.client_storage_bytes, Some(18_248 * 6_554));
    assert_eq!(layer.online.unwrap().rounds, 1);
}

#[test]
fn masks_keep_every_call_and_layers_drop_theirs() {
    let net = rows(resnet18(32, 100, true));
    let of = |activations: &Activations| of("semi2k", &net, activations);
    let (all, none) = (of(&Activations::Keep), of(&POLY));
    let relus: Vec<u64> = vec![65_536; 5]
        .into_iter()
        .chain(vec![32_768; 4])
        .chain(vec![16_384; 4])
        .chain(vec![8_192; 4])
        .collect();
    let total: u64 = relus.iter().sum();
    for granularity in &ALL[..3] {
        assert_eq!(of(&keeping(0.2, *granularity)).online.rounds, all.online.rounds, "{granularity:?}");
    }
    // 111,411 of 557,056: the last eight layers (98,304), and no layer of the second stage fits into what is left.
    let layer = of(&keeping(0.2, Granularity::Layer));
    assert_eq!(layer.bytes_total - none.bytes_total, (144 - 48) * 98_304);
    assert_eq!(layer.online.rounds, none.online.rounds + 8 * (8 - 3));
    // The fourth and third stage are 32,768 and 65,536.
    let stage = of(&keeping(0.1, Granularity::Stage));
    assert_eq!(stage.bytes_total - none.bytes_total, (144 - 48) * 32_768);
    assert_eq!(stage.online.rounds, none.online.rounds + 4 * (8 - 3));
    for granularity in ALL {
        assert_eq!(of(&keeping(1.0, granularity)).bytes_total, all.bytes_total);
        assert_eq!(of(&keeping(0.0, granularity)).bytes_total, none.bytes_total);
        let kept = Keep { share: 0.3, granularity };
        let dropped = Activations::Share { kept, others: Replacement::Identity };
        let kept = (of(&dropped).bytes_total - of(&IDENTITY).bytes_total) / 144;
        // Half a channel of each of 17 layers, at most, by rounding.
        assert!(kept as f64 <= 0.3 * total as f64 + 17.0 * 512.0 && kept > 0, "{granularity:?} {kept}");
    }
}

/// A ciphertext is activated whole: masks save nothing, whole layers save their bootstraps.
#[test]
fn under_ckks_only_whole_layers_save() {
    let net = rows(resnet20());
    let of = |activations: &Activations| of("ckks:cpu", &net, activations);
    let (all, none) = (of(&Activations::Keep), of(&POLY));
    let seconds = |e: &Estimate| e.online.seconds.unwrap()[1];
    let half = of(&keeping(0.5, Granularity::Pixel));
    assert_eq!(half.by_kind.bootstrap, all.by_kind.bootstrap);
    assert!(seconds(&half) > seconds(&all), "the polynomials come on top");
    let layers = of(&keeping(0.5, Granularity::Layer));
    assert!(seconds(&none) < seconds(&layers) && seconds(&layers) < seconds(&all));
}

#[test]
fn a_share_is_a_part() {
    for share in [-0.1, 1.1, f64::NAN] {
        let error =
            attempt("semi2k", &[], &Terms::default(), &keeping(share, Granularity::Pixel)).unwrap_err();
        assert_eq!((error.code, error.hint.as_str()), (Code::InvalidSetting, "0 to 1"));
    }
}

fn planned(plan: Vec<Stay>) -> Activations {
    Activations::Plan(plan)
}

fn square(index: u32, kept: u64) -> Stay {
    Stay { index, kept, scales: 1, products: 1 }
}

/// A plan that keeps of every layer what a share keeps costs what the share does; what it does not name stays.
#[test]
fn a_plan_costs_what_a_share_does() {
    let net = rows(resnet18(32, 100, true));
    let relus: Vec<(u32, u64)> = net
        .iter()
        .filter_map(|row| match row.work.first() {
            Some(Work::Activation(a)) if a.kind == Kind::ReLU => Some((row.index, a.elements)),
            _ => None,
        })
        .collect();
    for protocol in ["semi2k", "aby3", "cheetah:spu", "delphi:server-garbler", "ckks:cpu"] {
        for share in [0.0, 0.25] {
            let part = |n: u64| (n as f64 * share).round() as u64;
            let plan = relus.iter().map(|(index, n)| square(*index, part(*n))).collect();
            let (plan, share) =
                (of(protocol, &net, &planned(plan)), of(protocol, &net, &keeping(share, Granularity::Pixel)));
            assert_eq!(plan.online.rounds, share.online.rounds, "{protocol}");
            if protocol == "cheetah:spu" {
                // A polynomial measured whole, against its parts.
                assert!((plan.bytes_total as f64 / share.bytes_total as f64 - 1.0).abs() < 1e-5);
            } else if !protocol.starts_with("ckks") {
                assert_eq!(plan.bytes_total, share.bytes_total, "{protocol}");
            }
        }
    }
    let one = of("semi2k", &net, &planned(vec![square(relus[0].0, 0)]));
    let all = cost("semi2k", &net, &Terms::default());
    assert_eq!(all.bytes_total - one.bytes_total, (144 - 48) * relus[0].1);
    // Degree 4 takes two products more, of 32 + 8 B each; the identity nothing.
    let quartic = Stay { products: 3, ..square(relus[0].0, 0) };
    let identity = Stay { scales: 0, products: 0, ..quartic };
    let bytes = |stay| of("semi2k", &net, &planned(vec![stay])).bytes_total;
    assert_eq!(bytes(quartic) - one.bytes_total, 2 * 40 * relus[0].1);
    assert_eq!(all.bytes_total - bytes(identity), 144 * relus[0].1);
}

#[test]
fn a_plan_that_does_not_fit_is_refused() {
    let net = rows(vec![conv(3, 64, 32, 3, 1), relu(65_536), relu(65_536)]);
    let code = |plan| attempt(profiles()[0].id, &net, &Terms::default(), &planned(plan)).unwrap_err().code;
    let far = Stay { products: u32::MAX, ..square(1, 0) };
    for plan in [
        vec![square(0, 0)],
        vec![square(9, 0)],
        vec![square(1, 65_537)],
        vec![square(2, 0), square(1, 0)],
        vec![square(1, 0), square(1, 0)],
        vec![far],
    ] {
        assert_eq!(code(plan), Code::InvalidSetting);
    }
}

proptest! {
    /// Never more than all, never less than none where a ReLU is dearer; more kept never costs less.
    #[test]
    fn between_none_and_all(a in 0.0..=1.0_f64, b in 0.0..=1.0_f64, which in 0_usize..5, sizes in prop::collection::vec(1_u64..5_000, 1..12)) {
        let net = rows(sizes.iter().map(|n| activation(Kind::ReLU, *n)).collect());
        let bytes = |activations: &Activations| of("semi2k", &net, activations).bytes_total;
        let part = |share| bytes(&keeping(share, ALL[which]));
        let (few, many) = (part(a.min(b)), part(a.max(b)));
        let (all, none) = (bytes(&Activations::Keep), bytes(&POLY));
        prop_assert!(none <= few && many <= all);
        if which < 3 {
            prop_assert!(few <= many);
        } else {
            // Whole layers and stages stay within the share.
            let total: u64 = sizes.iter().sum();
            prop_assert!((many - none) / 96 <= (total as f64 * a.max(b)).round() as u64);
        }
    }
}

/// Under every protocol that pays by the element, whatever is kept together: more that stays never sends less, all is all and
/// nothing is nothing, and parts of a layer answer in the layer's rounds.
#[test]
fn shares_lie_between_none_and_all_where_elements_are_paid() {
    let net = rows(resnet18(32, 100, true));
    for id in ["trio", "quad", "fss", "semi2k", "aby3"] {
        let (all, none) = (of(id, &net, &Activations::Keep), of(id, &net, &IDENTITY));
        for granularity in ALL {
            let at = |share| {
                let kept = Keep { share, granularity };
                let others = Replacement::Identity;
                of(id, &net, &Activations::Share { kept, others })
            };
            let shares = [0.0, 0.1, 0.35, 0.7, 1.0].map(at);
            let bytes = shares.each_ref().map(|e| e.bytes_total);
            assert!(bytes.is_sorted(), "{id} {granularity}: {bytes:?}");
            assert_eq!((bytes[0], bytes[4]), (none.bytes_total, all.bytes_total), "{id} {granularity}");
            if matches!(granularity, Granularity::Pixel | Granularity::Spatial | Granularity::Channel) {
                assert_eq!(shares[2].online.rounds, all.online.rounds, "{id} {granularity}");
            } else {
                assert!(shares[2].online.rounds < all.online.rounds, "{id} {granularity}");
            }
        }
    }
}

/// RPReLU is one comparison and its choice: 184 B under SEMI2K where the slope is the server's, 144 + 8 where it is public (x, or
/// a public multiple of it); Sign is the comparison alone, 112 B.
#[test]
fn reactnets_activations_by_the_element() {
    let of = |kind| cost("semi2k", &rows(vec![activation(kind, 1024)]), &Terms::default()).bytes_total;
    assert_eq!(of(Kind::PReLU), 1024 * 184);
    assert_eq!(of(Kind::LeakyReLU), 1024 * (144 + 8));
    assert_eq!(of(Kind::Sign), 1024 * 112);
}
