//! Rounds of a network against every chain of it, tried one by one.

use proptest::prelude::*;

use super::nets::{conv, relu};
use super::*;

/// Rounds of every chain that ends in a row, without remembering any.
fn longest(rows: &[Row], rounds: &[u64], end: usize) -> u64 {
    let before = rows[end].reads(end).map(|read| longest(rows, rounds, read)).max().unwrap_or(0);
    before + rounds[end]
}

/// Work of 0, 1, 2, 8 and more rounds.
fn work(which: u8) -> Work {
    match which {
        0 => Work::Add { elements: 4 },
        1 => Work::Scale { elements: 4 },
        2 => Work::Product { elements: 4 },
        3 => conv(2, 2, 4, 3, 1),
        _ => relu(4),
    }
}

proptest! {
    #[test]
    fn rounds_are_those_of_the_longest_chain(
        net in prop::collection::vec((0_u8..5, prop::option::of(prop::collection::vec(any::<usize>(), 0..4))), 1..12),
        id in 0..profiles().len(),
    ) {
        let rows: Vec<Row> = net
            .iter()
            .enumerate()
            .map(|(position, (which, reads))| {
                let after = reads.as_ref().map(|reads| {
                    reads.iter().filter_map(|n| n.checked_rem(position)).map(|n| n as u32).collect()
                });
                Row { index: position as u32, after, ..row(work(*which)) }
            })
            .collect();
        let e = cost(profiles()[id].id, &rows, &Terms::default());
        let layers = e.layers.unwrap();
        let own: Vec<u64> = layers.iter().map(|l| l.online.map_or(0, |p| p.rounds)).collect();
        let expected = (0..rows.len()).map(|end| longest(&rows, &own, end)).max().unwrap();
        prop_assert_eq!(e.online.rounds, expected);
        // The rows that are marked are a chain, and they hold all of its rounds.
        let marked: Vec<usize> = (0..rows.len()).filter(|i| layers[*i].on_path).collect();
        prop_assert_eq!(marked.iter().map(|i| own[*i]).sum::<u64>(), expected);
        for pair in marked.windows(2) {
            prop_assert!(reaches(&rows, pair[1], pair[0]));
        }
        let k = &e.by_kind;
        let kinds = [k.linear, k.activation, k.pool, k.truncation];
        prop_assert_eq!(kinds.iter().map(|k| k.rounds).sum::<u64>(), expected);
        let phase = &e.online;
        let link = Line::default().link().seconds(phase.bytes_up, phase.bytes_down, phase.rounds);
        prop_assert!((link - phase.link_seconds).abs() <= 1e-12);
    }
}

fn reaches(rows: &[Row], from: usize, to: usize) -> bool {
    rows[from].reads(from).any(|read| read == to || reaches(rows, read, to))
}

/// The example of `path`: branches of 8 and 2 rounds, their sum, and another 8.
#[test]
fn branches_share_rounds() {
    let branch = |work, after: &[u32]| Row { after: Some(after.to_vec()), ..row(work) };
    let net = [
        branch(relu(10), &[]),
        branch(Work::Product { elements: 10 }, &[]),
        branch(Work::Add { elements: 10 }, &[0, 1]),
        row(relu(10)),
    ];
    let settings = Terms::default();
    let e = cost("semi2k", &net, &settings);
    assert_eq!(e.online.rounds, 16);
    assert_eq!((e.by_kind.activation.rounds, e.by_kind.linear.rounds), (16, 0));
    let layers = e.layers.unwrap();
    assert_eq!(layers.iter().map(|l| l.on_path).collect::<Vec<_>>(), [true, false, false, true]);
    let card = |position| super::card(&net, position, "semi2k", &settings).unwrap();
    assert!(lines_of(&card(0)).contains("\nrounds = "), "{}", lines_of(&card(0)));
    assert!(lines_of(&card(1)).contains("while a longer branch answers"), "{}", lines_of(&card(1)));
    assert_eq!(serde_json::to_value(&card(1).cost).unwrap(), serde_json::to_value(&layers[1]).unwrap());
}

#[test]
fn a_row_that_reads_a_later_one_is_refused() {
    for read in [1, 2, u32::MAX] {
        let net = [row(relu(1)), Row { after: Some(vec![read]), ..row(relu(1)) }];
        let error = attempt(profiles()[0].id, &net, &Terms::default(), &Activations::Keep).unwrap_err();
        assert_eq!(error.code, Code::InvalidSetting);
    }
}
