//! CKKS: bootstraps from levels, and seconds against the logs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::matrix::{matrix_diagonals, matrix_openfhe};
use crate::cost::formulas::packing::{diagonal, multiplexed};
use crate::cost::job::Job;
use crate::cost::ledger::{Ledger, Page};
use crate::cost::levels::{Plan, Step, plan};
use crate::cost::term::{Part, Term};
use crate::cost::tests::examples::{WAYS, example, examples};
use crate::cost::tests::nets::{conv, fc, relu, resnet, resnet20};
use crate::cost::tests::*;
use crate::count::Conv;
use proptest::prelude::*;

/// A CIFAR ResNet with the edges of its skips; shortcuts as convolutions or not at all.
fn skips(blocks: u64, shortcuts: bool) -> Vec<Row> {
    let mut net = rows(resnet(32, &[16, 32, 64], blocks, 10, shortcuts));
    let mut block = 1;
    for position in 0..net.len() {
        if !matches!(net[position].work[..], [Work::Add { .. }]) {
            continue;
        }
        // The row before is the shortcut where there is one; the block's input is what its first row reads.
        let shortcut = matches!(&net[position - 1].work[..], [Work::Conv(conv)] if conv.kernel == [1, 1]);
        if shortcut {
            net[position - 1].after = Some(vec![block]);
            net[position].after = Some(vec![position as u32 - 2, position as u32 - 1]);
        } else {
            net[position].after = Some(vec![block, position as u32 - 1]);
        }
        block = position as u32 + 1;
    }
    net
}

/// VGG-11 for CIFAR-10 with average pools.
fn vgg11() -> Vec<Row> {
    let (mut size, mut from, mut net) = (32, 3, Vec::new());
    for (width, pool) in [
        (64, true),
        (128, true),
        (256, false),
        (256, true),
        (512, false),
        (512, true),
        (512, false),
        (512, true),
    ] {
        net.extend([conv(from, width, size, 3, 1), relu(width * size * size)]);
        from = width;
        if pool {
            size /= 2;
            net.push(Work::AvgPool { elements: width * size * size, window: 4 });
        }
    }
    net.push(fc(512, 10));
    rows(net)
}

fn planned(id: &str, net: &[Row], poly: bool) -> Plan {
    let levels = profile(id).unwrap().levels.unwrap();
    plan(net, levels, false, |_, _, work| match work {
        Work::Activation(a) if poly => Some(Job::Poly2 { elements: a.elements, secret: false }),
        _ => Some(Job::Work(work)),
    })
}

/// The fewest bootstraps.
fn bootstraps(id: &str, net: &[Row], poly: bool) -> u64 {
    let plan = planned(id, net, poly);
    let listed: usize = plan.steps.iter().flatten().map(|step| step.refreshes.len()).sum();
    assert_eq!(listed as u64, plan.refreshes.planned);
    assert!(plan.refreshes.exact && plan.refreshes.planned >= plan.refreshes.fewest, "{id}");
    plan.refreshes.fewest
}

#[test]
fn bootstraps_follow_from_levels() {
    for (name, net, composite, degree2) in [
        ("ResNet-20", skips(3, false), 18, 5),
        ("ResNet-20 with shortcuts", skips(3, true), 18, 5),
        ("ResNet-32", skips(5, false), 30, 8),
        ("ResNet-44", skips(7, false), 42, 11),
        ("VGG-11", vgg11(), 9, 2),
    ] {
        let of = |poly| bootstraps("ckks:cpu", &net, poly);
        assert_eq!((of(false), of(true)), (composite, degree2), "{name}");
        // With composite activations none is gained by more, but where a pool comes between: refreshed for a convolution,
        // a value passes it at 16 levels; refreshed once more behind it, at 2.
        let planned = planned("ckks:cpu", &net, false).refreshes.planned;
        assert_eq!(planned > composite, name == "VGG-11", "{name}: {planned}");
    }
    // LowMemoryFHEResNet20 bootstraps its ResNet-20 21 times: twice more at the strides, once before the end.
    assert_eq!(bootstraps("ckks:openfhe", &skips(3, true), false), 21);
}

#[test]
fn a_value_is_refreshed_once_for_all_who_read_it() {
    let read = |work, after: &[u32]| Row { after: Some(after.to_vec()), ..row(work) };
    let net = [
        row(relu(10)),
        row(conv(1, 1, 3, 3, 1)),
        row(relu(9)),
        read(relu(9), &[1]),
        read(Work::Add { elements: 9 }, &[2, 3]),
    ];
    let levels = profile("ckks:cpu").unwrap().levels.unwrap();
    let steps: Vec<Step> =
        plan(&net, levels, false, |_, _, work| Some(Job::Work(work))).steps.into_iter().flatten().collect();
    // Each has what it and those after it take; the first ReLU that reads 0 refreshes, the other finds what that left.
    assert_eq!(
        steps.iter().map(|s| (s.level, s.leaves)).collect::<Vec<_>>(),
        [(16, 2), (2, 0), (14, 0), (14, 0), (0, 0)]
    );
    assert_eq!(steps.iter().map(|s| s.refreshes.len()).collect::<Vec<_>>(), [0, 0, 1, 0, 0]);
}

proptest! {
    /// Nothing runs below the levels that it takes, and no plan refreshes less often than the one that only counts.
    #[test]
    fn no_operation_lacks_levels(net in prop::collection::vec((0_u8..6, prop::collection::vec(any::<usize>(), 0..3)), 1..24), id in 0_usize..3) {
        let rows: Vec<Row> = net.iter().enumerate().map(|(position, (which, reads))| {
            let after = reads.iter().filter_map(|n| n.checked_rem(position)).map(|n| n as u32).collect();
            let work = match which {
                0 => relu(16),
                1 => conv(2, 2, 4, 3, 1),
                2 => conv(2, 2, 4, 3, 2),
                3 => Work::AvgPool { elements: 4, window: 4 },
                4 => fc(4, 4),
                _ => Work::Add { elements: 16 },
            };
            Row { after: Some(after), ..row(work) }
        }).collect();
        let levels = profile(["ckks:cpu", "ckks:openfhe", "ckks:gpu"][id]).unwrap().levels.unwrap();
        let plan = plan(&rows, levels, false, |_, _, work| Some(Job::Work(work)));
        prop_assert!(plan.refreshes.planned >= plan.refreshes.fewest);
        for (position, steps) in plan.steps.iter().enumerate() {
            let need = (levels.needs)(Job::Work(&rows[position].work[0]));
            prop_assert!(steps[0].level >= need);
            prop_assert_eq!(steps[0].leaves, steps[0].level - need);
        }
    }
}

/// The loops of the public code, counted one operation at a time.
fn multiplexed_by_hand(k: u64, channels: u64, size: u64, out: u64, stride: u64) -> (u64, u64) {
    let slots = 32_768_u64;
    let power = |n: u64| {
        let mut p = 1;
        while 2 * p <= n {
            p *= 2;
        }
        p
    };
    let copies = power(slots / (size * size * channels));
    let after = power(slots / ((size / stride) * (size / stride) * out));
    let (mut products, mut rotations) = (0, 0);
    for tap in 0..k * k {
        rotations += u64::from(tap != k * k / 2);
    }
    let mut channel = 0;
    while channel < out {
        products += k * k;
        let mut summed = 1;
        while summed < channels {
            rotations += 1;
            summed *= 2;
        }
        for _ in 0..copies.min(out - channel) {
            rotations += 1;
            products += 1;
            channel += 1;
        }
    }
    (products, rotations + after - 1)
}

#[test]
fn packings_count_what_the_code_does() {
    let Work::Conv(first) = conv(16, 16, 32, 3, 1) else { panic!() };
    assert_eq!(
        (multiplexed(&first, 32_768).unwrap().products, multiplexed(&first, 32_768).unwrap().rotations),
        (88, 57)
    );
    for (cin, cout, size, k, stride) in [
        (3, 16, 32, 3, 1),
        (16, 16, 32, 3, 1),
        (16, 32, 32, 3, 2),
        (32, 32, 16, 3, 1),
        (32, 64, 16, 3, 2),
        (64, 64, 8, 3, 1),
        (16, 32, 32, 1, 2),
    ] {
        let Work::Conv(c) = conv(cin, cout, size, k, stride) else { panic!() };
        let got = multiplexed(&c, 32_768).unwrap();
        let (products, rotations) = multiplexed_by_hand(k, cin, size, cout, stride);
        assert_eq!(
            (got.products, got.rotations),
            (products.into(), rotations.into()),
            "{cin} {cout} {size} {k} {stride}"
        );
    }
    // All of ResNet-20, against the operations that CryptOracle counted.
    let convs: Vec<Conv> =
        resnet20().into_iter().filter_map(|w| if let Work::Conv(c) = w { Some(c) } else { None }).collect();
    let sum = |of: fn(&crate::cost::formulas::packing::Packing) -> u128| -> f64 {
        convs.iter().map(|c| of(&diagonal(c, 32_768).unwrap()) as f64).sum()
    };
    assert_eq!(sum(|p| p.fast), 152.0);
    for (name, got, counted) in [
        ("Mult_Plain", sum(|p| p.products), 6475.0),
        ("Rotate", sum(|p| p.rotations), 1218.0),
        ("Add", sum(|p| p.adds), 6845.0),
    ] {
        println!("{name}: {got} for {counted}");
        assert!((got / counted - 1.0).abs() < 0.05, "{name}: {got} for {counted}");
    }
}

#[track_caller]
fn near(what: &str, e: &Estimate, want: f64, tolerance: f64) {
    let got = e.online.seconds.unwrap()[1] - e.online.link_seconds;
    println!("{what}: {got:.3} s for {want}, ratio {:.4}", got / want);
    assert!(!e.partial, "{what}: {:?}", e.unpriced);
    let [low, _, high] = e.online.seconds.unwrap().map(|s| s - e.online.link_seconds);
    // FHE-MP-CNN's shortcuts and sums, 0.4 % of its log, are not in the networks here.
    assert!(low <= want && want <= 1.005 * high, "{what}: {low} to {high} leaves {want} out");
    assert!((got / want - 1.0).abs() <= tolerance, "{what}: {got} for {want}");
}

#[test]
fn seconds_of_the_logs() {
    let net = skips(3, false);
    let on = |id, machine, he_threads| cost(id, &net, &Terms { machine, he_threads, ..Terms::default() });
    let cpu = on("ckks:cpu", Machine::Epyc, 1);
    near("MPCNN", &cpu, 2_188.79, 0.05);
    let total = cpu.online.seconds.unwrap()[1] - cpu.online.link_seconds;
    assert!((cpu.by_kind.bootstrap.seconds.unwrap() / total - 0.75).abs() < 0.01);
    for (machine, seconds) in
        [(Machine::A100x80, 1.32), (Machine::A100x40, 1.36), (Machine::H100, 1.05), (Machine::Rtx5090, 0.72)]
    {
        near(machine.name(), &on("ckks:gpu", machine, 1), seconds, 0.05);
    }
    let net = skips(3, true);
    for (threads, seconds) in [(1, 567.313), (8, 235.795)] {
        let e = cost("ckks:openfhe", &net, &Terms { he_threads: threads, ..Terms::default() });
        near(&format!("OpenFHE, {threads} threads"), &e, seconds, 0.05);
    }
}

#[test]
fn convolutions_of_the_log() {
    for (work, low, high) in [
        (conv(16, 16, 32, 3, 1), 12.3, 12.3),
        (conv(32, 32, 16, 3, 1), 14.5, 14.5),
        (conv(64, 64, 8, 3, 1), 19.1, 19.1),
        (conv(16, 32, 32, 3, 2), 24.0, 28.0),
        (conv(32, 64, 16, 3, 2), 24.0, 28.0),
    ] {
        // At level 2, as in the log: nothing follows that would need more.
        let net = [row(relu(16_384)), row(work)];
        let e = cost("ckks:cpu", &net, &Terms::default());
        let at_two = e.by_kind.linear.seconds.unwrap() - 0.48;
        assert_eq!(e.layers.unwrap()[1].homomorphic.unwrap().level, 2);
        assert!(at_two > 0.97 * low && at_two < 1.045 * high, "{at_two} for {low} to {high}");
    }
    let first = cost("ckks:cpu", &[row(conv(3, 16, 32, 3, 1)), row(relu(16_384))], &Terms::default());
    // The log's stands at level 18; the plan drops it to what the ReLU behind it takes. 34 products.
    let level = first.layers.as_ref().unwrap()[0].homomorphic.unwrap().level;
    assert_eq!(level, 16);
    let got = first.by_kind.linear.seconds.unwrap() - 0.48 + 34.0 * 2.0 * 0.021_76;
    assert!((got / 16.6 - 1.0).abs() < 0.01, "{got}");
}

#[test]
fn without_a_source_is_null() {
    for id in ["ckks:cpu", "ckks:openfhe", "ckks:gpu"] {
        let pool = Work::Activation(crate::count::Activation {
            kind: crate::count::Kind::MaxPool,
            elements: 100,
            rows: 100,
            row_length: 4,
            comparisons: 300,
            folded: false,
        });
        for work in [
            pool,
            conv(3, 64, 224, 7, 2),
            Work::MatMul { batch: 1, m: 4, k: 4, n: 4, secret: true, steps: 1 },
        ] {
            let e = cost(id, &[row(work)], &Terms::default());
            assert!(e.partial && e.unpriced.len() == 1 && e.online.seconds.is_none(), "{id}");
        }
    }
}

/// 1,000 outputs are never dearer than 1,024: zeros fill them up.
#[test]
fn outputs_are_filled_up() {
    let price = |id, cin, cout| {
        let e = cost(id, &[row(conv(cin, cout, 13, 1, 1))], &Terms::default());
        e.online.seconds.unwrap()[1]
    };
    for id in ["ckks:cpu", "ckks:openfhe", "ckks:gpu"] {
        assert!(price(id, 512, 1_000) <= price(id, 512, 1_024), "{id}");
        assert!(price(id, 512, 1_000) >= price(id, 512, 512), "{id}");
    }
    for name in ["squeezenet1_1", "mobilenetv2"] {
        let of = |id| cost(id, example(name), &Terms::default()).online.seconds.unwrap()[1];
        let ratio = of("ckks:openfhe") / of("ckks:cpu");
        assert!(ratio < 2.0, "{name}: {ratio} times FHE-MP-CNN's");
    }
}

/// No product works on more slots than a ciphertext has, however the vectors lie; and vectors side by side are cheaper.
#[test]
fn vectors_lie_side_by_side() {
    assert_eq!(matrix_diagonals(1, 64, 10), 73);
    // 10 of 3,072 in 32,768 slots: 20 x 3,839; as pixels of a 1x1 convolution 5 x 3,072 + 3,072 do.
    assert_eq!(matrix_diagonals(197, 768, 3_072), 18_432);
    for (vectors, k, n) in [
        (1, 64, 10),
        (1, 4_096, 4_096),
        (7, 65, 33),
        (197, 768, 768),
        (197, 768, 3_072),
        (197, 3_072, 768),
        (40_000, 3, 5),
    ] {
        let full = (vectors * u128::from(k) * u128::from(n)).div_ceil(32_768);
        let packing = matrix_openfhe(vectors, k, n);
        for products in [matrix_diagonals(vectors, k, n), packing.products] {
            assert!(products >= full, "{vectors} of {k} -> {n}: {products} of {full}");
            let one_by_one = vectors * matrix_diagonals(1, k, n);
            assert!(products <= one_by_one, "{vectors} of {k} -> {n}: {products} of {one_by_one}");
        }
        assert!(packing.rotations <= vectors * matrix_openfhe(1, k, n).rotations, "{vectors} of {k} -> {n}");
    }
}

/// Fewer levels and fewer operations never take longer, and the plan is worth what its steps are billed.
#[test]
fn replacing_activations_saves_seconds() {
    let mut compared = 0;
    for (name, net) in examples() {
        for id in ["ckks:cpu", "ckks:gpu", "ckks:openfhe"] {
            let [identity, poly, keep] = [0, 1, 2].map(|way| with(id, net, &Terms::default(), &WAYS[way]));
            let seconds = |e: &Estimate| e.online.seconds.unwrap()[1];
            let what = format!("{name} {id}: {} {} {}", seconds(&identity), seconds(&poly), seconds(&keep));
            assert!([&identity, &poly, &keep].iter().all(|e| e.refreshes.unwrap().exact), "{what}");
            assert!(seconds(&identity) <= seconds(&poly), "{what}");
            // Where other activations than ReLUs lose their lack of a price, more is priced.
            if poly.unpriced == keep.unpriced {
                assert!(seconds(&poly) <= seconds(&keep), "{what}");
                compared += 1;
            }
        }
    }
    assert!(compared > 50, "{compared}");
}

#[test]
fn the_plan_weighs_what_is_billed() {
    for (name, net) in examples() {
        for id in ["ckks:cpu", "ckks:gpu", "ckks:openfhe"] {
            let (tariff, terms) =
                (Tariff::of(id, &Terms::default()).unwrap(), Terms { he_threads: 1, ..Terms::default() });
            let pricing = Pricing::new(&tariff, &terms, &WAYS[1]);
            let ledger = Ledger::new(net, &pricing).unwrap();
            let mut page = Page::default();
            let mut billed = 0.0;
            for position in 0..net.len() {
                ledger.fill(position, &mut page);
                let of_plan =
                    |term: &&Term| term.part == Part::Bootstrap || term.rate.name == "plain_product_level";
                billed += page.all().iter().filter(of_plan).map(|term| ledger.seconds(term)[1]).sum::<f64>();
            }
            let scale = if id == "ckks:openfhe" { 0.775 } else { 1.0 };
            let planned = ledger.planned_seconds().unwrap() * scale;
            assert!(
                (billed - planned).abs() <= 1e-9 * planned.max(1.0),
                "{name} {id}: {billed} for {planned}"
            );
        }
    }
}

/// One level where a polynomial takes two: never dearer than it, and never cheaper than nothing. Elsewhere the same.
#[test]
fn a_folded_scale_saves_a_level() {
    let aespa = Activations::All(Replacement::Aespa);
    for (name, net) in examples() {
        for p in profiles() {
            let [folded, poly] = [&aespa, &WAYS[1]].map(|way| with(p.id, net, &Terms::default(), way));
            let seconds = |e: &Estimate| e.online.seconds.map_or(e.online.link_seconds, |s| s[1]);
            if p.family != "ckks" {
                assert_eq!(folded.bytes_total, poly.bytes_total, "{name} {}", p.id);
                continue;
            }
            assert!(seconds(&folded) <= seconds(&poly), "{name} {}", p.id);
            assert!(folded.refreshes.unwrap().fewest <= poly.refreshes.unwrap().fewest, "{name} {}", p.id);
            assert!(
                seconds(&with(p.id, net, &Terms::default(), &WAYS[0])) <= seconds(&folded),
                "{name} {}",
                p.id
            );
        }
    }
    // 19 activations and 19 convolutions of ResNet-20 take 3 levels together, not 4: of 14 after a refresh, and the
    // fewest refreshes fall from 5.
    let fewest =
        |way| with("ckks:cpu", example("resnet20-cifar10"), &Terms::default(), way).refreshes.unwrap().fewest;
    assert!(fewest(&aespa) < fewest(&WAYS[1]) && fewest(&WAYS[1]) == 5);
}
