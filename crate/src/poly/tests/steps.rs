//! Multiplications, against an evaluation that counts them.

use super::super::sign::odd_steps;
use super::super::steps::{Steps, horner, paterson_stockmeyer};

#[test]
fn known_counts() {
    let steps = |products, scalings, depth| Steps { products, scalings, depth };
    assert_eq!(horner(&[1.0, 2.0, 3.0]), steps(1, 1, 2));
    assert_eq!(horner(&[0.0, 1.0, 1.0]), steps(1, 0, 1), "x^2 + x");
    assert_eq!(horner(&[0.0, 1.0]), steps(0, 0, 0), "identity");
    assert_eq!(horner(&[0.3, 0.5, 0.0, 0.0]), steps(0, 1, 1), "a line");
    assert_eq!(paterson_stockmeyer(&[1.0, 2.0, 3.0]), steps(1, 1, 2));
    assert_eq!(paterson_stockmeyer(&[1.0, 2.0, 3.0, 4.0, 5.0]).products, 2);
    assert_eq!(paterson_stockmeyer(&[1.5; 16]).products, 6);
    assert_eq!(paterson_stockmeyer(&[]), Steps::default());
    assert_eq!(odd_steps(15), steps(10, 8, 4));
    assert_eq!(odd_steps(27).depth, 5);
    assert_eq!(odd_steps(1), steps(0, 1, 1));
}

/// A number that counts: (value, depth), products and scalings in the tally.
#[derive(Clone, Copy)]
struct Counted(f64, usize);

#[derive(Default)]
struct Tally {
    products: usize,
    scalings: usize,
}

impl Tally {
    fn product(&mut self, a: Counted, b: Counted) -> Counted {
        self.products += 1;
        Counted(a.0 * b.0, a.1.max(b.1) + 1)
    }

    fn scale(&mut self, c: f64, x: Counted) -> Counted {
        self.scalings += 1;
        Counted(c * x.0, x.1 + 1)
    }
}

fn add(a: Counted, b: Counted) -> Counted {
    Counted(a.0 + b.0, a.1.max(b.1))
}

/// Blocks of k coefficients, written as one would run it.
fn run(c: &[f64], k: usize, x: f64) -> (f64, Steps) {
    let mut tally = Tally::default();
    let mut powers = vec![Counted(1.0, 0), Counted(x, 0)];
    for i in 2..=k {
        let next = tally.product(powers[i / 2], powers[i - i / 2]);
        powers.push(next);
    }
    let mut sum: Option<Counted> = None;
    let blocks: Vec<&[f64]> = c.chunks(k).collect();
    for (place, block) in blocks.iter().enumerate().rev() {
        let mut here = Counted(block[0], 0);
        for (i, c) in block.iter().enumerate().skip(1) {
            let term = tally.scale(*c, powers[i]);
            here = add(here, term);
        }
        sum = Some(match sum {
            None => here,
            Some(above) if place + 2 == blocks.len() && blocks[place + 1].len() == 1 => {
                let lifted = tally.scale(above.0, powers[k]);
                add(lifted, here)
            }
            Some(above) => {
                let lifted = tally.product(above, powers[k]);
                add(lifted, here)
            }
        });
    }
    let Counted(value, depth) = sum.unwrap();
    (value, Steps { products: tally.products, scalings: tally.scalings, depth })
}

#[test]
fn what_is_claimed_can_be_run() {
    for degree in 2..=24usize {
        let c: Vec<f64> = (0..=degree).map(|i| 0.31 + 0.1 * i as f64).collect();
        let claimed = paterson_stockmeyer(&c);
        let mut found = Vec::new();
        for k in 2..=degree {
            let (value, steps) = run(&c, k, 0.7);
            assert!((value - super::super::value(&c, 0.7)).abs() < 1e-9);
            found.push(steps);
        }
        let (value, mut plain) = run(&c, 1, 0.7);
        assert!((value - super::super::value(&c, 0.7)).abs() < 1e-9);
        // With blocks of one, it is Horner.
        plain.depth = horner(&c).depth;
        assert_eq!(plain, horner(&c));
        found.push(plain);
        assert!(found.contains(&claimed), "degree {degree}: {claimed:?} of {found:?}");
        assert_eq!(found.iter().map(|s| s.products).min(), Some(claimed.products));
        assert!(claimed.products <= horner(&c).products);
    }
}
