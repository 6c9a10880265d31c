//! Processor seconds of an epoch of the digits' network, and of a small ResNet on drawn figures, on one core.
//!
//!     cargo run --release -p reluctant-train --example epoch

use std::sync::LazyLock;
use std::time::Instant;

use reluctant_train::data::Task;
use reluctant_train::layers::Window;
use reluctant_train::methods::Options;
use reluctant_train::net::{Net, Unfit};
use reluctant_train::random::Random;
use reluctant_train::run::Run;
use reluctant_train::shapes::shapes;

/// Seconds that this thread was on a processor, where the system says it; else seconds.
fn now() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |all| all / 1e9)
}

const fn window(kernel: usize, stride: usize) -> Window {
    Window { kernel, stride, pad: kernel / 2 }
}

fn block(
    net: &mut Net<f32>,
    x: usize,
    name: &str,
    width: usize,
    kernel: usize,
    stride: usize,
) -> Result<usize, Unfit> {
    let x = net.conv(x, [Some(name), None], width, window(kernel, stride), 1)?;
    Ok(net.norm(x, ["s", "b", "m", "v"], 1e-5))
}

fn digits() -> Result<Net<f32>, Unfit> {
    let mut net = Net::new([1, 8, 8]);
    let mut x = 0;
    for (place, width) in [8, 8, 16, 16].into_iter().enumerate() {
        x = block(&mut net, x, "c", width, 3, 1)?;
        x = net.relu(x, "a");
        if place % 2 == 1 {
            x = net.average(x, Window { kernel: 2, stride: 2, pad: 0 })?;
        }
    }
    x = net.flatten(x);
    x = net.dense(x, [Some("d1"), Some("d1.b")], 32)?;
    x = net.norm(x, ["s", "b", "m", "v"], 1e-5);
    x = net.relu(x, "a");
    net.dense(x, [Some("d2"), Some("d2.b")], 10)?;
    Ok(net)
}

fn resnet(width: usize) -> Result<Net<f32>, Unfit> {
    let mut net = Net::new([3, 16, 16]);
    let mut x = block(&mut net, 0, "stem", width, 3, 1)?;
    x = net.relu(x, "a");
    for stage in 0..4 {
        for place in 0..2 {
            let (width, stride) = (width << stage, if stage > 0 && place == 0 { 2 } else { 1 });
            let mut y = block(&mut net, x, "c1", width, 3, stride)?;
            y = net.relu(y, "a");
            y = block(&mut net, y, "c2", width, 3, 1)?;
            let short = if stride == 2 { block(&mut net, x, "s", width, 1, 2)? } else { x };
            x = net.add(y, short)?;
            x = net.relu(x, "a");
        }
    }
    x = net.global(x);
    net.dense(x, [Some("d"), Some("d.b")], 10)?;
    Ok(net)
}

fn time(name: &str, mut net: Net<f32>, images: usize) -> Result<(), Unfit> {
    let [c, h, w] = net.shape(0);
    net.init(&mut Random::new(1));
    let mut random = Random::new(2);
    let set = if c == 3 {
        shapes(images, 1)?
    } else {
        let numbers = (0..images * h * w).map(|_| random.normal() as f32).collect();
        reluctant_train::data::Set::new([c, h, w], numbers, (0..images).map(|i| (i % 10) as u16).collect())?
    };
    let few = set.part(&[0]);
    let task = Task { train: set, validation: few.clone(), test: few };
    let options = Options { base_epochs: 6, batch: 128, ..Options::default() };
    let mut run = Run::new(options.base(), net, None, 1);
    let (mut start, mut epoch, mut best) = (now(), 0, f64::INFINITY);
    let ended = run.advance(&task, &mut |run| {
        let at = run.fit().map_or(6, |fit| fit.epoch());
        if at != epoch {
            best = best.min(now() - start);
            (start, epoch) = (now(), at);
        }
        true
    });
    println!("{name}: {images} images, batch 128: {best:.4} s an epoch, the best of six ({})", ended.is_ok());
    Ok(())
}

fn main() -> Result<(), Unfit> {
    time("digits-cnn", digits()?, 1297)?;
    time("resnet-2-2-2-2 of 8 channels", resnet(8)?, 2000)
}
