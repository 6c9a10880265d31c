//! Ten kinds of figures in colour, drawn from a seed: data without a licence, on which methods can be watched.
//!
//! A figure of any place, size, turn and colour lies on a shaded ground among specks, under a light that varies by a
//! factor of ten. Its edges carry the class, its colours and place nothing: what is linear in the pixels tells little,
//! and since the light scales every activation, what is not homogeneous (a polynomial) meets inputs far from the
//! usual. It illustrates methods; it ranks none of them.

use crate::data::Set;
use crate::net::Unfit;
use crate::random::Random;

/// Height and width of the images.
pub const SIDE: usize = 16;

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
    let size = between(3.2, 6.5);
    let place =
        [between(size * 0.8, SIDE as f64 - size * 0.8), between(size * 0.8, SIDE as f64 - size * 0.8)];
    let (sin, cos) = {
        let turn = between(0.0, std::f64::consts::TAU);
        (libm::sin(turn), libm::cos(turn))
    };
    let ground: [f64; 3] = std::array::from_fn(|_| between(-1.0, 1.0));
    let shade: [f64; 2] = std::array::from_fn(|_| between(-0.06, 0.06));
    // A colour that is apart from the ground's, brighter or darker.
    let figure = loop {
        let colour: [f64; 3] = std::array::from_fn(|_| between(-1.0, 1.0));
        let apart: f64 = colour.iter().zip(&ground).map(|(a, b)| (a - b) * (a - b)).sum();
        if apart > 0.5 {
            break colour;
        }
    };
    let specks: [[f64; 6]; 3] = std::array::from_fn(|_| {
        [
            between(0.0, 16.0),
            between(0.0, 16.0),
            between(0.5, 1.4),
            between(-1.0, 1.0),
            between(-1.0, 1.0),
            between(-1.0, 1.0),
        ]
    });
    // Contrast: from a tenth to one, evenly in its logarithm.
    let light = libm::exp(between(libm::log(0.1), 0.0)) * 2.0;
    let mut pixels = [[0.0; SIDE * SIDE]; 3];
    for at in 0..SIDE * SIDE {
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
        for channel in 0..3 {
            let mut value = (1.0 - covered) * (ground[channel] + under) + covered * figure[channel];
            for speck in &specks {
                if (row - speck[0]).hypot(column - speck[1]) < speck[2] {
                    value = speck[3 + channel];
                }
            }
            pixels[channel][at] = value;
        }
    }
    let noise = 0.05;
    into.extend(pixels.iter().flatten().map(|value| (light * (value + noise * random.normal())) as f32));
}
