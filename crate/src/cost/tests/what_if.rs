//! Effects of single changes: exact where prices are, signed, and null with a reason.

use super::nets::{activation, conv, relu, resnet18};
use super::*;
use crate::count::{Activation, Kind};

fn effects(id: &str, rows: &[Row]) -> Vec<Effect> {
    what_if(rows, &Tariff::of(id, &Terms::default()).unwrap(), &Terms::default(), &Activations::Keep).unwrap()
}

fn pool(n: u64) -> Work {
    Work::Activation(Activation {
        kind: Kind::MaxPool,
        elements: n,
        rows: n,
        row_length: 9,
        comparisons: 8 * n,
        folded: false,
    })
}

#[test]
fn a_polynomial_saves_here_and_costs_there() {
    let net = rows(vec![conv(3, 64, 32, 3, 1), relu(65_536), conv(64, 64, 32, 3, 1)]);
    let bytes = |id| {
        let [effect] = &effects(id, &net)[..] else { panic!("{id}: one row can change") };
        assert_eq!((effect.index, effect.change, effect.elements), (1, Change::Poly2, 65_536));
        effect.difference.unwrap().bytes
    };
    assert_eq!(bytes("semi2k"), -(144 - 48) * 65_536);
    assert_eq!(bytes("aby3"), -(172 - 80) * 65_536);
    assert_eq!(bytes("crypten"), -(464 - 16) * 65_536);
    // 224.45 B for 98.5 and Ferret's own.
    near("cheetah:spu", bytes("cheetah:spu") as f64, (224.45 - 99.5) * 65_536.0, 1e-4);
    assert!(bytes("delphi:server-garbler") < 0 && bytes("circa:12") < 0);
    let rounds = effects("semi2k", &net)[0].difference.unwrap().rounds;
    assert_eq!(rounds, 3 - 8);
}

/// The time on the link that a change saves or costs is the network's with it, less the network's without, over every link.
#[test]
fn link_seconds_are_after_less_before() {
    let net = rows(vec![conv(3, 64, 32, 3, 1), relu(65_536), conv(64, 64, 32, 3, 1), pool(4_096)]);
    let mut changed = net.clone();
    changed[1].work = vec![Work::Poly2 { elements: 65_536, secret: false }];
    let link = |e: &Estimate| e.offline.link_seconds + e.online.link_seconds;
    let seconds = |e: &Estimate| Some(e.offline.seconds?[1] + e.online.seconds?[1]);
    for p in profiles() {
        for preset in &LINKS {
            let terms = Terms { link: Line::Preset(preset), ..Terms::default() };
            let tariff = Tariff::of(p.id, &terms).unwrap();
            let effect = what_if(&net, &tariff, &terms, &Activations::Keep).unwrap().swap_remove(0);
            let Some(difference) = effect.difference else { continue };
            let (before, after) = (cost(p.id, &net, &terms), cost(p.id, &changed, &terms));
            let what = format!("{} over {}", p.id, preset.id);
            assert_eq!(difference.link_seconds, link(&after) - link(&before), "{what}");
            assert_eq!(difference.bytes, after.bytes_total as i64 - before.bytes_total as i64, "{what}");
            if let Some(got) = difference.seconds {
                assert_eq!(Some(got), seconds(&after).zip(seconds(&before)).map(|(a, b)| a - b), "{what}");
            }
        }
    }
    // SEMI2K over `wan`: 96 B less an element, half each way at 44 MB/s, and 5 rounds of 40 ms less.
    let terms = Terms { link: Line::preset("wan").unwrap(), ..Terms::default() };
    let effect = what_if(&net, &Tariff::of("semi2k", &terms).unwrap(), &terms, &Activations::Keep)
        .unwrap()
        .swap_remove(0);
    let want = -(96.0 * 65_536.0 / 44e6 + 5.0 * 0.04);
    let got = effect.difference.unwrap().link_seconds;
    assert!((got - want).abs() < 1e-9, "{got} for {want}");
}

#[test]
fn other_changes() {
    let net = rows(vec![conv(3, 8, 32, 3, 1), activation(Kind::ReLU6, 8_192), pool(1_000)]);
    let of = |id, change| {
        let effect = effects(id, &net).into_iter().find(|e| e.change == change).unwrap();
        effect.difference.unwrap().bytes
    };
    assert_eq!(of("semi2k", Change::Relu), -144 * 8_192);
    assert_eq!(of("delphi:server-garbler", Change::Relu), 0, "DELPHI's one circuit is a ReLU6's");
    assert_eq!(of("semi2k", Change::AveragePool), -(8 * 144 - 8) * 1_000);
    for p in profiles().iter().filter(|p| !["crypten", "sci-ot"].contains(&p.id) && p.family != "ckks") {
        assert!(of(p.id, Change::AveragePool) < 0, "{}", p.id);
    }
    let order: Vec<_> = effects("aby3", &net).iter().map(|e| (e.index, e.change)).collect();
    assert_eq!(order, [(1, Change::Relu), (1, Change::Poly2), (2, Change::AveragePool)]);
}

#[test]
fn without_a_price_there_is_a_reason() {
    let net = rows(vec![relu(1_000), pool(100)]);
    for effect in effects("cheetah:window16", &net).iter().filter(|e| e.change == Change::Poly2) {
        assert_eq!(effect.difference, None);
        assert!(effect.reason.as_ref().unwrap().contains("polynomial"));
    }
    let effect = &effects("delphi:server-garbler", &net)[0];
    let difference = effect.difference.unwrap();
    assert!(difference.bytes < 0 && difference.seconds.unwrap() < 0.0 && effect.reason.is_none());
    assert_eq!(difference.storage_bytes, Some(-18_248_000));
    let pools = effects("delphi:server-garbler", &net);
    assert!(pools[1].difference.unwrap().seconds.unwrap() < 0.0);
}

/// The effect is the whole network's: what a change leaves in the pool of triples is another row's gain.
#[test]
fn effects_are_of_the_whole_network() {
    let net = rows(vec![relu(96), Work::Product { elements: 4_000 }]);
    let effect = effects("cheetah:spu", &net)[0].difference.unwrap();
    let mut changed = net.clone();
    changed[0].work = vec![Work::Poly2 { elements: 96, secret: false }];
    let total = |net: &[Row]| cost("cheetah:spu", net, &Terms::default()).bytes_total as i64;
    assert_eq!(effect.bytes, total(&changed) - total(&net));
    // 96 and 4,000 take one batch together: by itself the polynomial would pay for it.
    assert!((-96 * 99..0).contains(&effect.bytes), "{}", effect.bytes);
    assert!(effects("cheetah:spu", &net[..1])[0].difference.unwrap().bytes > 1_000_000);
    for p in profiles() {
        let net = rows(resnet18(32, 10, true));
        for effect in effects(p.id, &net) {
            assert!(effect.difference.is_some() || effect.reason.is_some(), "{}", p.id);
        }
    }
}

/// With a plan in force: what it replaced is no change any more, and what it left changes the planned network.
#[test]
fn effects_start_from_what_is_in_force() {
    let net = rows(vec![conv(3, 64, 32, 3, 1), relu(65_536), conv(64, 64, 32, 3, 1), relu(65_536)]);
    let stay = |index, kept| Stay { index, kept, scales: 1, products: 1 };
    let plan = Activations::Plan(vec![stay(1, 0), stay(3, 16_384)]);
    for p in profiles() {
        let terms = Terms::default();
        let effects = what_if(&net, &Tariff::of(p.id, &terms).unwrap(), &terms, &plan).unwrap();
        assert_eq!(effects.iter().map(|effect| effect.index).collect::<Vec<_>>(), [3], "{}", p.id);
        let Some(difference) = effects[0].difference else { continue };
        let mut changed = net.clone();
        changed[3].work = vec![Work::Poly2 { elements: 65_536, secret: false }];
        let before = with(p.id, &net, &terms, &plan);
        let after = with(p.id, &changed, &terms, &Activations::Plan(vec![stay(1, 0)]));
        assert_eq!(difference.bytes, after.bytes_total as i64 - before.bytes_total as i64, "{}", p.id);
    }
    // Of a share that stays, what stays becomes a polynomial; what was dropped stays dropped.
    let terms = Terms::default();
    let tariff = Tariff::of("semi2k", &terms).unwrap();
    for (others, granularity) in
        [(Replacement::Identity, Granularity::Pixel), (Replacement::Poly2Public, Granularity::Channel)]
    {
        let kept = Keep { share: 0.125, granularity };
        let effects = what_if(&net, &tariff, &terms, &Activations::Share { kept, others }).unwrap();
        let bytes: Vec<i64> = effects.iter().map(|effect| effect.difference.unwrap().bytes).collect();
        assert_eq!(bytes, [-(144 - 48) * 65_536 / 8; 2]);
    }
    let share = Activations::Share {
        kept: Keep { share: 0.5, granularity: Granularity::Layer },
        others: Replacement::Poly2Public,
    };
    let effects = what_if(&net, &Tariff::of("semi2k", &terms).unwrap(), &terms, &share).unwrap();
    assert!(effects.iter().all(|effect| effect.difference.is_none() && effect.reason.is_some()));
    let all = Activations::All(Replacement::Identity);
    assert!(what_if(&net, &Tariff::of("semi2k", &terms).unwrap(), &terms, &all).unwrap().is_empty());
}
