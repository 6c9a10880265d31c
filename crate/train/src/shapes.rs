//! Ten kinds of figures in colour, drawn from a seed: data without a licence, on which methods can be watched.
//!
//! A figure of any place and tint, a little turned, lighter or darker than its shaded ground, among specks, under a
//! light that varies by a factor of twenty-five. Its edges carry the class, its colours and place nothing: what is linear in
//! the pixels tells little, and since the light scales every activation, what is not homogeneous (a polynomial) meets
//! inputs far from the usual. How much the light varies was settled so that both lose what they should. It illustrates methods; it ranks none of them.

use crate::data::Set;
use crate::net::Unfit;
use crate::random::Random;

/// Height and width of the images.
pub const SIDE: usize = 16;

/// Deviation of what is added to each number, before the light.
const NOISE: f64 = 0.05;

/// The least light, as a share of the most. At 0.3 polynomials are as good as ReLUs, at 0.03 far worse.
const DARKEST: f64 = 0.04;

/// Classes.
pub const CLASSES: usize = 10;

/// Whether a point of the figure's own coordinates, in which it fills -1 .. 1, is part of it.
fn covers(class: u16, x: f64, y: f64) -> bool {
    let (r, ax, ay) = (x.hypot(y), x.abs(), y.abs());
    match class {
        // Disc, ring, square, frame.
        0 => r < 0.9,
        1 => r < 0.95 && r > 0.55,
        2 => ax.max(ay) < 0.8,
        3 => ax.max(ay) < 0.85 && ax.max(ay) > 0.5,
        // Triangle, plus, bar, two bars.
        4 => y < 0.75 && y > -0.8 && ax < (y + 0.8) * 0.58,
        5 => ax.min(ay) < 0.25 && ax.max(ay) < 0.95,
        6 => ax < 0.3 && ay < 0.95,
        7 => ay < 0.9 && (ax - 0.55).abs() < 0.24,
        // Half disc, angle.
        8 => r < 0.95 && y > 0.0,
        _ => (ax.max(ay) < 0.85) && (x < -0.35 || y > 0.35),
    }
}

/// So many images of 3 x 16 x 16, classes in turn, from a seed.
///
/// # Errors
/// None that these images could cause.
pub fn shapes(images: usize, seed: u64) -> Result<Set<f32>, Unfit> {
    let mut random = Random::new(seed);
    let mut numbers = Vec::with_capacity(images.saturating_mul(3 * SIDE * SIDE));
    let mut labels = Vec::with_capacity(images);
    for image in 0..images {
        let class = (image % CLASSES) as u16;
        labels.push(class);
        draw(class, &mut random, &mut numbers);
    }
    Set::new([3, SIDE, SIDE], numbers, labels)
}

fn draw(class: u16, random: &mut Random, into: &mut Vec<f32>) {
    let mut between = |low: f64, high: f64| low + (high - low) * random.unit();
    let size = between(4.5, 7.0);
    let place =
        [between(size * 0.8, SIDE as f64 - size * 0.8), between(size * 0.8, SIDE as f64 - size * 0.8)];
    let (sin, cos) = {
        let turn = between(-0.4, 0.4);
        (libm::sin(turn), libm::cos(turn))
    };
    // A figure lighter or darker than its ground, each with a tint.
    let grey = between(-0.5, 0.5);
    let ground: [f64; 3] = std::array::from_fn(|_| grey + between(-0.2, 0.2));
    let shade: [f64; 2] = std::array::from_fn(|_| between(-0.04, 0.04));
    let step = if between(0.0, 1.0) < 0.5 { -1.0 } else { 1.0 };
    let figure: [f64; 3] = std::array::from_fn(|channel| ground[channel] + step * between(0.6, 1.4));
    let specks: [[f64; 6]; 2] = std::array::from_fn(|_| {
        [
            between(0.0, 16.0),
            between(0.0, 16.0),
            between(0.5, 1.4),
            between(-1.0, 1.0),
            between(-1.0, 1.0),
            between(-1.0, 1.0),
        ]
    });
    // Evenly in its logarithm.
    let light = libm::exp(between(libm::log(DARKEST), 0.0)) * 2.0;
    let pixels: Vec<[f64; 3]> = (0..SIDE * SIDE)
        .map(|at| {
            let (row, column) = ((at / SIDE) as f64 + 0.5, (at % SIDE) as f64 + 0.5);
            // Share of the pixel that the figure covers, by 2 x 2 points.
            let covered = [(-0.25, -0.25), (-0.25, 0.25), (0.25, -0.25), (0.25, 0.25)]
                .iter()
                .filter(|(dy, dx)| {
                    let (y, x) = ((row + dy - place[0]) / size, (column + dx - place[1]) / size);
                    covers(class, cos * x + sin * y, cos * y - sin * x)
                })
                .count() as f64
                / 4.0;
            let under = shade[0] * (row - 8.0) + shade[1] * (column - 8.0);
            let speck = specks.iter().rfind(|speck| (row - speck[0]).hypot(column - speck[1]) < speck[2]);
            std::array::from_fn(|channel| match speck {
                Some(speck) => speck[3 + channel],
                None => (1.0 - covered) * (ground[channel] + under) + covered * figure[channel],
            })
        })
        .collect();
    for channel in 0..3 {
        let noisy = pixels.iter().map(|pixel| light * (pixel[channel] + NOISE * random.normal()));
        into.extend(noisy.map(|value| value as f32));
    }
}
