//! Checkpoints that come from anywhere: whole ones go on, changed ones are refused or go on without harm.

use crate::data::{Set, Task};
use crate::layers::Window;
use crate::methods::{Method, Options};
use crate::net::Net;
use crate::random::Random;
use crate::run::Run;

fn task(shape: [usize; 3]) -> Task<f32> {
    let numbers = shape.iter().product::<usize>();
    let mut random = Random::new(5);
    let mut set = || {
        let x = (0..numbers * 6).map(|_| random.normal() as f32).collect();
        Set::new(shape, x, vec![0, 1, 0, 1, 0, 1]).unwrap()
    };
    Task { train: set(), validation: set(), test: set() }
}

fn net() -> Net<f32> {
    let mut net = Net::new([1, 2, 2]);
    let x = net.conv(0, [Some("c"), None], 2, Window { kernel: 3, stride: 1, pad: 1 }, 1).unwrap();
    let x = net.norm(x, ["s", "b", "m", "v"], 1e-5);
    let x = net.relu(x, "a");
    let x = net.global(x);
    net.dense(x, [Some("d"), Some("d.b")], 2).unwrap();
    net.init(&mut Random::new(1));
    net
}

/// In the middle of AutoReP's search, after one step of the second epoch.
fn halfway() -> Vec<u8> {
    let options = Options { search_epochs: 3, tune_epochs: 1, batch: 2, ..Options::default() };
    let mut run = Run::new(options.method(Method::Autorep, 3, 8), net(), None, 3);
    let mut left = 7;
    let task = task([1, 2, 2]);
    run.advance(&task, &mut |_| {
        left -= 1;
        left > 0
    })
    .unwrap();
    assert_eq!(run.fit().and_then(|fit| Some((fit.epoch(), fit.along()?.0))), Some((1, 1.0 / 3.0)));
    run.bytes()
}

#[test]
fn a_checkpoint_goes_on_and_is_of_its_images() {
    let bytes = halfway();
    let same = task([1, 2, 2]);
    assert_eq!(Run::resume(&bytes, &same).unwrap().bytes(), bytes);
    let other = Run::resume(&bytes, &task([1, 4, 4])).unwrap_err();
    assert!(other.0.contains("the images are [1, 4, 4]"), "{}", other.0);
    let few = Task { train: same.train.part(&[0, 1]), ..same.clone() };
    assert!(Run::resume(&bytes, &few).unwrap_err().0.contains("other images"));
    for end in 0..bytes.len() {
        assert!(Run::resume(&bytes[..end], &same).is_err(), "{end}");
    }
}

/// Whatever one byte says, nothing panics, and nothing of its size is allocated.
#[test]
fn a_changed_byte_does_no_harm() {
    let bytes = halfway();
    let task = task([1, 2, 2]);
    let mut refused = 0;
    for place in 0..bytes.len() {
        for flip in [0x01, 0x10, 0x80, 0xff] {
            let mut forged = bytes.clone();
            forged[place] ^= flip;
            match Run::resume(&forged, &task) {
                // A number that ran away is said, as in any run.
                Ok(mut run) => drop(run.advance(&task, &mut |_| false)),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > bytes.len() / 2, "{refused} of {}", 4 * bytes.len());
}

/// What a search decides by goes with it: nothing else may stand on it.
#[test]
fn what_a_search_holds_is_read_by_it_alone() {
    let run = Run::resume(&halfway(), &task([1, 2, 2])).unwrap();
    assert_eq!(run.net().sound(), Ok(()));
    let mut net = run.net().clone();
    net.sites[0].keep = net.sites[0].search.as_ref().unwrap().auxiliary;
    assert!(net.sound().is_err());
}

/// A pass takes as long as its windows are large, whatever the file's size.
#[test]
fn a_window_of_too_many_products_is_refused() {
    let mut net = Net::<f32>::new([1, 1, 1]);
    let window = Window { kernel: 512, stride: 1, pad: 511 };
    net.conv(0, [Some("w"), None], 1, window, 1).unwrap();
    assert!(net.sound().is_err());
}

#[test]
fn networks_are_looked_through() {
    assert_eq!(net().sound(), Ok(()));
    assert_eq!(Net::<f32>::from_bytes(&net().bytes()).unwrap().sound(), Ok(()));
    let broken: [fn(&mut Net<f32>); 6] = [
        |net| net.shapes[1] = [2, 2, 3],
        |net| net.shapes[0] = [1 << 20, 1 << 20, 1],
        |net| net.nodes[2].inputs = vec![3],
        |net| net.sites[0].keep = 99,
        |net| net.params[0].dims = vec![1],
        |net| net.nodes.clear(),
    ];
    for (place, spoil) in broken.iter().enumerate() {
        let mut net = net();
        spoil(&mut net);
        assert!(net.sound().is_err(), "{place}");
    }
}
