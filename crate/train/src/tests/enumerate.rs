//! Every mask by sums of parts against every mask by passes.

use crate::data::Set;
use crate::enumerate::{changes, changes_by, every_mask, masks_by};
use crate::evaluate::hits;
use crate::layers::Window;
use crate::net::Net;
use crate::random::Random;

const WINDOW: Window = Window { kernel: 3, stride: 1, pad: 1 };

/// A plain start, then a block whose sum reaches past an activation.
fn net(maximum: bool) -> Net<f32> {
    let mut net = Net::new([1, 4, 4]);
    let x = net.conv(0, [Some("c0"), None], 3, WINDOW, 1).unwrap();
    let x = net.norm(x, ["s", "b", "m", "v"], 1e-5);
    let x = net.relu(x, "a0");
    let half = Window { kernel: 2, stride: 2, pad: 0 };
    let x = if maximum { net.maximum(x, half).unwrap() } else { net.average(x, half).unwrap() };
    let y = net.conv(x, [Some("c1"), None], 2, WINDOW, 1).unwrap();
    let y = net.relu(y, "a1");
    let y = net.conv(y, [Some("c2"), None], 3, WINDOW, 1).unwrap();
    let x = net.add(x, y).unwrap();
    let x = net.relu(x, "a2");
    let x = net.global(x);
    net.dense(x, [Some("d"), Some("d.b")], 4).unwrap();
    let mut random = Random::new(1);
    net.init(&mut random);
    for site in 0..net.sites.len() {
        let coefficients = net.sites[site].coefficients;
        net.params[coefficients].value.iter_mut().for_each(|c| *c = 0.3 * random.normal() as f32);
    }
    net
}

fn images(count: usize) -> Set<f32> {
    let mut random = Random::new(2);
    let x = (0..count * 16).map(|_| random.normal() as f32).collect();
    Set::new([1, 4, 4], x, (0..count).map(|_| random.below(4) as u16).collect()).unwrap()
}

#[test]
fn sums_of_parts_are_passes() {
    let (net, set) = (net(false), images(60));
    let tried = every_mask(&net, &set).unwrap();
    assert_eq!(tried.len(), 1 << 8);
    let shapes = [(0, 3, 16), (3, 2, 4), (5, 3, 4)];
    let mut seen = std::collections::BTreeSet::new();
    for (mask, found) in tried.iter().enumerate() {
        let mut one = net.clone();
        one.open(None);
        for (site, (from, _, pixels)) in shapes.into_iter().enumerate() {
            one.keep(site, |place| mask >> (from + place / pixels) & 1 == 1);
        }
        let right = hits(&one, &set).into_iter().filter(|hit| *hit).count();
        assert_eq!((found.relus, found.right), (one.relus(), right), "mask {mask:b}");
        seen.insert(right);
    }
    assert!(seen.len() > 5, "all masks do the same: {seen:?}");
}

/// Whatever goes at once: an image's answers hang on no other.
#[test]
fn batches_are_one_pass() {
    let (net, set) = (net(false), images(20));
    let (whole, changed) = (every_mask(&net, &set).unwrap(), changes(&net, &set));
    for batch in [1, 7, 20, 64] {
        assert_eq!(masks_by(&net, &set, batch).unwrap(), whole, "{batch} at once");
        for (found, wanted) in changes_by(&net, &set, batch).iter().zip(&changed) {
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-5 * b.abs().max(1.0);
            assert!(found.error.iter().zip(&wanted.error).all(|(a, b)| near(*a, *b)));
            let differences = found.difference.iter().zip(&wanted.difference);
            assert!(differences.clone().count() == wanted.difference.len());
            assert!(differences.clone().all(|(a, b)| near((*a).into(), (*b).into())));
        }
    }
    assert!(masks_by(&net, &set, 0).unwrap_err().0.contains("too large"));
    // 16 + 48 + 48 + 48 + 12 + 8 + 8 + 12 + 12 + 12 + 3 + 4 numbers an image, in 1 GB.
    assert_eq!(net.most(10), (1 << 28) / (231 * 10));
    assert!(net.takes(net.most(1)) && !net.takes(net.most(1) + 1) && !net.takes(0));
}

#[test]
fn what_is_not_affine_or_too_wide_is_refused() {
    assert!(every_mask(&net(true), &images(4)).unwrap_err().0.contains("maximum"));
    let mut wide = Net::<f32>::new([1, 4, 4]);
    let x = wide.conv(0, [Some("c"), None], 17, WINDOW, 1).unwrap();
    let x = wide.relu(x, "a");
    let x = wide.global(x);
    wide.dense(x, [Some("d"), None], 4).unwrap();
    assert!(every_mask(&wide, &images(4)).unwrap_err().0.contains("too many"));
}

/// relu(x) - x is |x| where x is negative, else 0.
#[test]
fn a_replacement_changes_what_it_should() {
    let mut net = Net::<f32>::new([1, 1, 2]);
    let x = net.relu(0, "a");
    let x = net.flatten(x);
    net.dense(x, [Some("d"), None], 2).unwrap();
    let set = Set::new([1, 1, 2], vec![-1.0, 2.0, -3.0, -0.5], vec![0, 1]).unwrap();
    let found = changes(&net, &set);
    assert_eq!(found[0].difference, [4.0, 0.5]);
    assert_eq!(found[0].error, [(1.0 + 9.0 + 0.25) / 4.0]);
}
