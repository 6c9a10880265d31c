//! Laws: more of anything never costs less, nothing is negative, NaN or past its type.

use proptest::prelude::*;

use super::nets::{activation, conv, fc, resnet18};
use super::*;
use crate::count::{Activation, Kind};

/// The seconds of a link are known everywhere, those of compute not.
fn seconds(e: &Estimate) -> f64 {
    let one = |phase: &Phase| phase.seconds.map_or(phase.link_seconds, |s| s[1]);
    one(&e.offline) + one(&e.online)
}

fn sound(e: &Estimate) {
    for phase in [&e.offline, &e.online] {
        assert!(phase.link_seconds.is_finite() && phase.link_seconds >= 0.0);
        if let Some([low, mid, high]) = phase.seconds {
            assert!(
                low.is_finite() && high.is_finite() && 0.0 <= low && low <= mid && mid <= high,
                "{low} {mid} {high}"
            );
        }
    }
    let parts = [&e.offline, &e.online].map(|p| p.bytes_up + p.bytes_down + p.bytes_between);
    assert_eq!(parts[0] + parts[1], e.bytes_total);
    let k = &e.by_kind;
    let kinds = [k.linear, k.activation, k.pool, k.truncation, k.bootstrap, k.link];
    assert_eq!(kinds.iter().map(|k| k.bytes).sum::<u64>(), e.bytes_total);
    assert_eq!(kinds.iter().map(|k| k.rounds).sum::<u64>(), e.online.rounds + e.offline.rounds);
    for (phase, kinds) in [(&e.offline, &e.offline_by_kind), (&e.online, &e.online_by_kind)] {
        let kinds =
            [kinds.linear, kinds.activation, kinds.pool, kinds.truncation, kinds.bootstrap, kinds.link];
        assert_eq!(kinds.iter().map(|k| k.bytes).sum::<u64>(), phase.bytes_total());
        assert_eq!(kinds.iter().map(|k| k.rounds).sum::<u64>(), phase.rounds);
        let of_phase: f64 = kinds.iter().filter_map(|k| k.seconds).sum();
        let [_, mid, _] = phase.seconds.unwrap_or([phase.link_seconds; 3]);
        assert!(phase.seconds.is_none() || (of_phase - mid).abs() <= 1e-9 * mid.max(1e-9));
    }
    let s = &e.status;
    assert_eq!(s.validated.bytes + s.measured.bytes + s.estimate.bytes, e.bytes_total);
    if e.bytes_total > 0 {
        let shares = s.validated.bytes_share + s.measured.bytes_share + s.estimate.bytes_share;
        assert!((shares - 1.0).abs() < 1e-12);
    }
    if e.compute_included {
        let by_kind: f64 = kinds.iter().filter_map(|k| k.seconds).sum();
        let total = seconds(e);
        assert!((by_kind - total).abs() <= 1e-9 * total.max(1e-9), "{by_kind} {total}");
    }
}

fn work(which: u8, n: u64) -> Work {
    let kinds = [
        Kind::ReLU,
        Kind::ReLU6,
        Kind::GELU,
        Kind::SiLU,
        Kind::HardSwish,
        Kind::Sigmoid,
        Kind::Division,
        Kind::PReLU,
        Kind::Abs,
    ];
    match which {
        0..=8 => activation(kinds[usize::from(which)], n),
        9 => Work::Activation(Activation {
            kind: Kind::Softmax,
            elements: n,
            rows: n.div_ceil(64),
            row_length: 64,
            comparisons: 0,
            folded: false,
        }),
        10 => Work::Activation(Activation {
            kind: Kind::MaxPool,
            elements: n,
            rows: n,
            row_length: 9,
            comparisons: n.saturating_mul(8),
            folded: false,
        }),
        11 => Work::AvgPool { elements: n, window: 4 },
        12 => Work::Product { elements: n },
        13 => Work::Scale { elements: n },
        14 => fc(n.min(1_000_000), 10),
        15 => Work::BatchNorm { elements: n },
        _ => Work::Add { elements: n },
    }
}

fn activations(plan: u8) -> Activations {
    match Replacement::ALL.get(usize::from(plan)) {
        Some(others) => Activations::All(*others),
        None => Activations::Keep,
    }
}

/// Its products come in batches, and a larger one may fit its blocks better: only sums without products must grow.
fn in_batches(profile: &Profile) -> bool {
    profile.id.starts_with("cheetah:spu")
}

proptest! {
    #[test]
    fn monotone_in_elements(which in 0_u8..17, a in 1_u64..1_000_000_000_000, b in 1_u64..1_000_000_000_000, plan in 0_u8..5, ring in 0_usize..3, id in 0..profiles().len()) {
        let (small, large) = (a.min(b), a.max(b));
        prop_assume!(!in_batches(profiles()[id]) || ([0, 4].contains(&plan) && [0, 1, 10, 11, 13].contains(&which)));
        let (terms, activations) = (Terms { ring_bits: RING_BITS[ring], ..Terms::default() }, activations(plan));
        let price = |n| with(profiles()[id].id, &[row(work(which, n))], &terms, &activations);
        let (x, y) = (price(small), price(large));
        sound(&x);
        sound(&y);
        prop_assert!(x.bytes_total <= y.bytes_total && x.online.rounds <= y.online.rounds);
        prop_assert!(seconds(&x) <= seconds(&y) * (1.0 + 1e-12));
    }

    #[test]
    fn monotone_in_the_link(up in 0.001..1e4_f64, down in 0.001..1e4_f64, rtt in 0.0..1e3_f64, slower in 1.0..100.0_f64, id in 0..profiles().len()) {
        let net = rows(resnet18(32, 100, true));
        let on = |up: f64, down: f64, rtt: f64| {
            let e = cost(profiles()[id].id, &net, &Terms { link: Line::Custom { up, down, rtt }, ..Terms::default() });
            sound(&e);
            seconds(&e)
        };
        let base = on(up, down, rtt);
        prop_assert!(base <= on(up / slower.min(up * 1e5), down, rtt));
        prop_assert!(base <= on(up, down / slower.min(down * 1e5), rtt));
        prop_assert!(base <= on(up, down, rtt * slower));
    }

    #[test]
    fn wider_convolutions_cost_more(cin in 1_u64..512, cout in 1_u64..512, size in 1_u64..90, id in 0..profiles().len()) {
        prop_assume!(!in_batches(profiles()[id]));
        let s = Terms::default();
        // Its code packs an even number of outputs per input cheaper than an uneven one.
        prop_assume!(profiles()[id].id != "ckks:openfhe");
        let one = cost(profiles()[id].id, &[row(conv(cin, cout, size, 3, 1))], &s);
        let two = cost(profiles()[id].id, &[row(conv(cin + 1, cout + 1, size, 3, 1))], &s);
        sound(&one);
        prop_assert!(one.bytes_total <= two.bytes_total && seconds(&one) <= seconds(&two) * (1.0 + 1e-12));
    }

    #[test]
    fn any_sizes_never_panic(n in any::<u64>(), k in any::<u64>(), which in 0_u8..17, id in 0..profiles().len()) {
        let (id, terms) = (profiles()[id].id, Terms::default());
        let matmul = Work::MatMul { batch: n, m: k, k: n, n: k, secret: which % 2 == 0, steps: k };
        let wide = Work::Conv(crate::count::Conv {
            batch: n, in_channels: k, out_channels: n, groups: k % 3, input: vec![n, k], output: vec![k, n],
            kernel: vec![k % 9, n % 9], strides: vec![1, 1], dilations: vec![1, 1], pads: vec![(n, k)], places: None,
        });
        for work in [work(which, n), matmul, wide] {
            if let Ok(e) = attempt(id, &[row(work.clone())], &terms, &Activations::Keep) {
                for phase in [&e.offline, &e.online] {
                    prop_assert!(phase.link_seconds.is_finite() && phase.seconds.is_none_or(|s| s.iter().all(|s| s.is_finite())));
                }
            }
            let _ = card(&[row(work)], 0, id, &terms);
        }
    }
}
