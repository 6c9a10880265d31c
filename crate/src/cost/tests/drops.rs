//! Places of all channels that a plan drops: outputs of convolutions go with the activations.

use super::nets::resnet18;
use super::*;
use crate::count::{Conv, Kind};

/// A plan that keeps half the places of each ReLU, and of the convolution before it where that has several taps.
fn half(net: &[Row]) -> (Vec<Stay>, Vec<Stay>) {
    let (mut all, mut activations) = (Vec::new(), Vec::new());
    for (at, row) in net.iter().enumerate() {
        let stay = |kept| Stay { index: row.index, kept, scales: 0, products: 0 };
        match &row.work[..] {
            [Work::Activation(a)] if a.kind == Kind::ReLU => {
                all.push(stay(a.elements / 2));
                activations.push(stay(a.elements / 2));
            }
            [Work::Conv(conv), ..] if conv.kernel[0] > 1 && at + 1 < net.len() => {
                let outputs = conv.out_channels * conv.output.iter().product::<u64>();
                all.push(stay(outputs / 2));
            }
            _ => {}
        }
    }
    (all, activations)
}

/// The network with the rows of the unfolded input removed, as products of matrices; ReLUs of half the size.
fn removed(net: &[Row], plan: &[Stay]) -> Vec<Row> {
    let of_row = |row: &Row| {
        let Some(stay) = plan.iter().find(|stay| stay.index == row.index) else { return row.clone() };
        let of_work = |work: &Work| match work {
            Work::Conv(conv) => Work::MatMul {
                batch: 1,
                m: stay.kept / conv.out_channels,
                k: conv.in_channels * conv.kernel.iter().product::<u64>(),
                n: conv.out_channels,
                secret: false,
                steps: 1,
            },
            Work::Activation(a) => Work::Activation(crate::count::Activation {
                elements: stay.kept,
                comparisons: stay.kept,
                ..*a
            }),
            other => other.clone(),
        };
        Row { work: row.work.iter().map(of_work).collect(), ..row.clone() }
    };
    net.iter().map(of_row).collect()
}

fn of(id: &str, net: &[Row], plan: &[Stay]) -> Estimate {
    with(id, net, &Terms::default(), &Activations::Plan(plan.to_vec()))
}

/// Where products are paid for by row or by output, dropping places is the network with those rows removed, to the byte.
#[test]
fn dropped_outputs_are_rows_removed() {
    let net = rows(resnet18(32, 100, true));
    let (all, activations) = half(&net);
    assert!(all.len() > activations.len() + 10);
    for id in ["semi2k", "aby3", "trio", "quad"] {
        let found = of(id, &net, &all).bytes_total;
        assert_eq!(found, cost(id, &removed(&net, &all), &Terms::default()).bytes_total, "{id}");
        assert!(found < of(id, &net, &activations).bytes_total, "{id}");
    }
    // By hand: each place of a convolution is 16 k bytes of opened rows, and 8 for each of its outputs.
    let saved: u64 = net
        .iter()
        .filter_map(|row| {
            let stay = all.iter().find(|stay| stay.index == row.index)?;
            let Some(Work::Conv(conv)) = row.work.first() else { return None };
            let k = conv.in_channels * conv.kernel.iter().product::<u64>();
            let gone = conv.output.iter().product::<u64>() - stay.kept / conv.out_channels;
            Some(gone * (16 * k + 8 * conv.out_channels))
        })
        .sum();
    let [less, more] = [&all, &activations].map(|plan| of("semi2k", &net, plan).bytes_total);
    assert_eq!(more - less, saved);
}

/// Every protocol saves on dropped outputs, or says why it does not; then it is the price of the activations alone.
#[test]
fn who_does_not_save_says_why() {
    let net = rows(resnet18(32, 100, true));
    let (all, activations) = half(&net);
    for profile in profiles() {
        let [less, more] = [&all, &activations].map(|plan| of(profile.id, &net, plan));
        match profile.keeps_outputs() {
            Some(why) => {
                assert!(!why.is_empty());
                assert_eq!(less.bytes_total, more.bytes_total, "{}", profile.id);
                assert_eq!(less.online.seconds, more.online.seconds, "{}", profile.id);
            }
            None => assert!(less.bytes_total < more.bytes_total, "{}", profile.id),
        }
        let whole = cost(profile.id, &net, &Terms::default());
        assert!(more.bytes_total <= whole.bytes_total, "{}", profile.id);
    }
}

/// Nothing of a convolution is left: it is free. More than all of it is refused.
#[test]
fn all_or_more_than_all() {
    let net = rows(vec![nets::conv(3, 4, 8, 3, 1), nets::relu(256)]);
    let stay = |index, kept| Stay { index, kept, scales: 0, products: 0 };
    assert_eq!([0, 1].map(|at: usize| planned_of(&net[at])), [256, 256]);
    let none = of("semi2k", &net, &[stay(0, 0), stay(1, 0)]);
    assert_eq!((none.bytes_total, none.online.rounds), (0, 0));
    let all = of("semi2k", &net, &[stay(0, 256), stay(1, 256)]);
    assert_eq!(all.bytes_total, cost("semi2k", &net, &Terms::default()).bytes_total);
    let more = Activations::Plan(vec![stay(0, 257)]);
    assert_eq!(attempt("semi2k", &net, &Terms::default(), &more).unwrap_err().code, Code::InvalidSetting);
    // A claim of more places than there are is no more than all.
    let mut wide = net.clone();
    if let Work::Conv(conv) = &mut wide[0].work[0] {
        *conv = Conv { places: Some(1 << 40), ..conv.clone() };
    }
    assert_eq!(
        cost("semi2k", &wide, &Terms::default()).bytes_total,
        cost("semi2k", &net, &Terms::default()).bytes_total
    );
}

/// Masks of places on the activations alone, at a share of 0.8: 332.06 MB become 316.05. 557,056 ReLUs at 144 B, of which
/// 111,411 go, rounded to whole places: 332,062,496 - 144 B each.
#[test]
fn places_of_activations_alone() {
    use crate::api::{Model, Settings};
    let net = Model::example("resnet18-cifar100").unwrap().score(&Settings::default()).unwrap();
    let keep = Keep { share: 0.8, granularity: crate::count::Granularity::Spatial };
    let share = Activations::Share { kept: keep, others: Replacement::Identity };
    let [whole, masked] = [Activations::Keep, share]
        .map(|activations| with("semi2k", net.rows(), &Terms::default(), &activations).bytes_total);
    assert_eq!(whole, 332_062_496);
    let megabytes = |bytes: u64| (bytes as f64 / 1e4).round() / 100.0;
    assert_eq!((megabytes(whole), megabytes(masked)), (332.06, 316.05));
    assert!((whole - masked).is_multiple_of(144));
}

/// The rule of rows would make CrypTen's convolutions dearer than what it was seen to send, unless nearly all places go: it
/// opens each entry of the input once (1,638,400 B for 64 to 64 channels at 32 x 32, counted in a run), where a matrix of
/// unfolded rows has each nine times.
#[test]
fn crypten_opens_the_input_and_no_rows() {
    let net = rows(vec![nets::conv(64, 64, 32, 3, 1), nets::relu(65_536)]);
    let stay = |index, kept| Stay { index, kept, scales: 0, products: 0 };
    let linear = |kept: u64| {
        let plan = [stay(net[0].index, kept), stay(net[1].index, kept)];
        let [ours, unfolded] =
            [of("crypten", &net, &plan), cost("crypten", &removed(&net, &plan), &Terms::default())];
        // Without the ReLUs, which both have.
        [ours, unfolded].map(|estimate| estimate.bytes_total - 464 * kept)
    };
    assert_eq!(linear(65_536)[0], 1_638_400);
    for (share, cheaper) in [(2, true), (8, true), (16, false)] {
        let [ours, unfolded] = linear(65_536 / share);
        assert_eq!(ours, 1_638_400);
        assert_eq!(unfolded, 16 * (1024 / share * 576 + 36_864));
        assert_eq!(ours < unfolded, cheaper, "1 in {share}");
    }
}
