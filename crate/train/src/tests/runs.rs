//! Runs end to end on a small task: the same result however they are interrupted, budgets, divergence.

use crate::data::{Set, Task};
use crate::evaluate::accuracy;
use crate::fit::Choose;
use crate::layers::Window;
use crate::masks::Held;
use crate::methods::{Method, Options};
use crate::net::Net;
use crate::random::Random;
use crate::run::{Run, Step, logits};

/// Two features decide among four classes, as an exclusive or does: a line cannot.
pub(super) fn task(images: usize) -> Task<f32> {
    let mut random = Random::new(8);
    let mut set = |images: usize| {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for _ in 0..images {
            let values: [f32; 4] = std::array::from_fn(|_| random.normal() as f32);
            let bit = |a: f32, b: f32| u16::from((a > 0.0) != (b > 0.0));
            y.push(2 * bit(values[0], values[1]) + bit(values[2], values[3]));
            x.extend(values);
        }
        Set::new([1, 2, 2], x, y).unwrap()
    };
    Task { train: set(images), validation: set(200), test: set(400) }
}

fn net() -> Net<f32> {
    let mut net = Net::new([1, 2, 2]);
    let x = net.conv(0, [Some("c"), None], 12, Window { kernel: 3, stride: 1, pad: 1 }, 1).unwrap();
    let x = net.norm(x, ["s", "b", "m", "v"], 1e-5);
    let x = net.relu(x, "a1");
    let x = net.flatten(x);
    let x = net.dense(x, [Some("d1"), None], 16).unwrap();
    let x = net.norm(x, ["s2", "b2", "m2", "v2"], 1e-5);
    let x = net.relu(x, "a2");
    net.dense(x, [Some("d2"), Some("d2.b")], 4).unwrap();
    net.init(&mut Random::new(1));
    net
}

fn options() -> Options {
    Options { base_epochs: 8, search_epochs: 12, tune_epochs: 4, rounds: 3, batch: 32, ..Options::default() }
}

fn all(options: &Options, method: Method, budget: usize) -> Vec<Step> {
    [options.base(), options.method(method, budget, 64)].concat()
}

const METHODS: [Method; 5] = [Method::Snl, Method::Autorep, Method::Random, Method::RandomPoly, Method::Bcd];

#[test]
fn interrupted_runs_end_bit_for_bit_as_others() {
    let task = task(400);
    for method in METHODS {
        let steps = all(&options(), method, 10);
        let mut whole = Run::new(steps.clone(), net(), None, 3);
        assert!(whole.advance(&task, &mut |_| true).unwrap());
        let mut sliced = Run::new(steps, net(), None, 3);
        let mut slices = 0;
        loop {
            let mut left = 7 + slices % 5;
            slices += 1;
            let done = sliced.advance(&task, &mut |_| {
                left -= 1;
                left > 0
            });
            if done.unwrap() {
                break;
            }
            // Killed every third time: what goes on is what the bytes say.
            if slices % 3 == 0 {
                sliced = Run::restore(&sliced.bytes()).unwrap();
            }
        }
        assert!(slices > 10, "{method:?}: {slices}");
        assert_eq!(whole.noted, sliced.noted);
        assert!(whole.bytes() == sliced.bytes(), "{method:?}");
        let other = {
            let mut run = Run::new(all(&options(), method, 10), net(), None, 4);
            run.advance(&task, &mut |_| true).unwrap();
            run.finish()
        };
        let net = whole.finish();
        assert_eq!(net.relus(), 10, "{method:?}");
        assert!(net.params[0].value != other.params[0].value, "another seed is another run");
    }
}

#[test]
fn a_network_learns_and_permuted_labels_teach_nothing() {
    let mut task = task(1000);
    let options = Options { base_epochs: 20, ..options() };
    let trained = |task: &Task<f32>| {
        let mut run = Run::new(options.base(), net(), None, 3);
        run.advance(task, &mut |_| true).unwrap();
        run.finish()
    };
    let net = trained(&task);
    let right = accuracy(&net, &task.test);
    // A quarter is chance; what is linear in the features stays near it.
    assert!(right > 0.85, "{right}");

    // What test labels say changes nothing in the network.
    let wrong = task.test.labels().iter().map(|label| 3 - label).collect();
    task.test = task.test.with_labels(wrong);
    let same = trained(&task);
    assert!(net.params.iter().zip(&same.params).all(|(a, b)| a.value == b.value));

    let mut labels = task.train.labels().to_vec();
    Random::new(1).shuffle(&mut labels);
    task.train = task.train.with_labels(labels);
    let chance = accuracy(&trained(&task), &task.validation);
    // Five standard errors around a quarter, of 200 images.
    assert!((chance - 0.25).abs() < 0.155, "{chance}");
}

#[test]
fn divergence_stops_with_the_last_good_checkpoint() {
    let task = task(300);
    let mut options = Options { clip: None, choose: Choose::Last, ..options() };
    options.base_rate = 1e30;
    let mut run = Run::new(options.base(), net(), None, 3);
    let stopped = run.advance(&task, &mut |_| true).unwrap_err();
    assert!(stopped.reason.contains("diverged in epoch 1"), "{}", stopped.reason);
    let back = Run::restore(&stopped.checkpoint).unwrap();
    assert!(back.net().params.iter().all(|p| p.value.iter().all(|v| v.is_finite())));
    // Bytes that are no checkpoint, and those of the other numbers, are refused or harmless.
    assert!(Run::restore(b"nonsense").is_err());
    for end in [0, 20, 100, stopped.checkpoint.len() - 1] {
        assert!(Run::restore(&stopped.checkpoint[..end]).is_err());
    }
}

#[test]
fn a_forged_checkpoint_is_refused_or_runs() {
    let task = task(120);
    let steps = all(&Options { base_epochs: 2, search_epochs: 3, ..options() }, Method::Autorep, 10);
    let mut run = Run::new(steps, net(), None, 3);
    // Into the search: everything that a checkpoint can hold is there.
    let mut left = 14;
    run.advance(&task, &mut |_| {
        left -= 1;
        left > 0
    })
    .unwrap();
    assert!(run.net().sites.iter().all(|site| site.search.is_some()));
    let good = run.bytes();
    assert!(Run::restore(&good).unwrap().advance(&task, &mut |_| false).is_ok());
    let mut random = Random::new(5);
    let mut refused = 0;
    for _ in 0..3000 {
        let mut bytes = good.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            bytes[at] = [0, 1, 0x7F, 0xFF, random.bits() as u8][random.below(5)];
        }
        match Run::restore(&bytes) {
            // It may stop with a reason; it must not break off.
            Ok(mut run) => drop(run.advance(&task, &mut |_| false)),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 100, "{refused}");
    // Lengths that no file of this size can hold.
    let mut lengths = good.clone();
    lengths.splice(18..19, [0xFF; 9]);
    assert!(Run::restore(&lengths).is_err());
    // A sound run, but for other images.
    let mut other = Run::restore(&good).unwrap();
    let few = Task { train: task.train.part(&[0, 1, 2]), ..task };
    assert!(other.advance(&few, &mut |_| true).unwrap_err().reason.contains("other images"));
}

/// Blocks of two convolutions around a sum, as a ResNet's: without a normalisation after the sum.
fn deep(blocks: usize) -> Net<f32> {
    let window = Window { kernel: 3, stride: 1, pad: 1 };
    let mut net = Net::new([1, 2, 2]);
    let mut x = 0;
    for block in 0..blocks {
        let y = net.conv(x, [Some("c"), None], 8, window, 1).unwrap();
        let y = net.norm(y, ["s", "b", "m", "v"], 1e-5);
        x = if block == 0 { y } else { net.add(x, y).unwrap() };
        x = net.relu(x, "a");
    }
    let x = net.global(x);
    net.dense(x, [Some("d"), Some("d.b")], 4).unwrap();
    net.init(&mut Random::new(1));
    net
}

#[test]
fn parabolas_that_run_away_start_nearly_linear() {
    let task = task(300);
    let squares = |blocks: usize| {
        let steps = [options().base(), vec![Step::Open(Some(2)), Step::Polynomials(2)]].concat();
        let mut run = Run::new(steps, deep(blocks), None, 3);
        run.advance(&task, &mut |_| true).unwrap();
        let net = run.finish();
        let rows = net.sites.iter().map(|site| net.params[site.coefficients].value[2]);
        rows.fold(0f32, |most, c2| most.max(c2))
    };
    // Best: phi(a) / (2 sigma) with sigma near 1; the code's: a hundredth of that.
    assert!(squares(2) > 0.05, "{}", squares(2));
    assert!(squares(18) < 0.01, "{}", squares(18));
}

#[test]
fn masks_decided_elsewhere_are_held_through_fine_tuning() {
    let task = task(400);
    let mut teacher = net();
    let mut run = Run::new(options().base(), teacher.clone(), None, 3);
    assert!(run.advance(&task, &mut |_| true).unwrap());
    teacher.clone_from(run.net());
    // Every third ReLU stays; the others become a parabola of their channel's own.
    let held: Vec<Held> = teacher.sites.iter().map(|site| held(site.shape)).collect();
    let mut student = teacher.clone();
    student.hold(&held).unwrap();
    let kept = student.relus();
    assert_eq!(kept, 12 * 4 / 3 + 6);
    let before = accuracy(&student, &task.test);
    let mut run = Run::new(options().held(), student.clone(), Some(teacher.clone()), 3);
    assert!(run.advance(&task, &mut |_| true).unwrap());
    assert_eq!(run.noted, Some(before));
    let after = accuracy(run.net(), &task.test);
    assert!(after > before + 0.05, "{before} to {after}");
    let masks = |net: &Net<f32>| (0..2).map(|site| net.kept(site)).collect::<Vec<_>>();
    assert_eq!(masks(run.net()), masks(&student));
    assert_eq!(masks(&student), held.iter().map(|of| of.kept.clone()).collect::<Vec<_>>());
    // All of it kept is the teacher.
    let all: Vec<Held> =
        held.iter().map(|of| Held { kept: vec![true; of.kept.len()], ..of.clone() }).collect();
    student.hold(&all).unwrap();
    assert_eq!(logits(&student, &task.test), logits(&teacher, &task.test));

    let refused = |change: &dyn Fn(&mut Vec<Held>)| {
        let mut other = held.clone();
        change(&mut other);
        teacher.clone().hold(&other).is_err()
    };
    assert!(refused(&|all| drop(all.pop())));
    assert!(refused(&|all| all[0].kept.push(true)));
    assert!(refused(&|all| all[1].coefficients.truncate(2)));
    assert!(refused(&|all| all[1].coefficients[3][2] = f32::NAN));
}

fn held([c, h, w]: [usize; 3]) -> Held {
    let row = |channel: usize| [0.1, 0.5, 0.2 + 0.01 * channel as f32];
    Held {
        kept: (0..c * h * w).map(|place| place % 3 == 0).collect(),
        coefficients: (0..c).map(row).collect(),
        drops: false,
    }
}
