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
