//! A listing as one array of numbers and one of the kernels' constants: how it passes from one wasm package to another.
//! Lists are preceded by their lengths. The package that runs it reads, the one with the models writes.

mod read;

use super::listing::Listing;
use super::shader::{File, Kernel};
pub use read::read;

/// Numbers, and what each kernel's use fixes.
pub fn write(listing: &Listing) -> (Vec<u32>, Vec<String>) {
    let mut numbers = Vec::new();
    put(&mut numbers, listing.elements.iter().copied());
    for ids in [&listing.constants, &listing.inputs, &listing.outputs] {
        put(&mut numbers, ids.iter().map(|id| id.0));
    }
    put(&mut numbers, listing.kernels.iter().map(|kernel| place(kernel.file)));
    for steps in [&listing.once, &listing.steps] {
        numbers.push(steps.len() as u32);
        for step in steps {
            numbers.extend([step.kernel, step.writes.0]);
            numbers.extend(step.groups);
            put(&mut numbers, step.reads.iter().map(|id| id.0));
            put(&mut numbers, step.params.iter().copied());
        }
    }
    (numbers, listing.kernels.iter().map(|kernel: &Kernel| kernel.head.clone()).collect())
}

/// Place of a file among all.
fn place(file: File) -> u32 {
    File::ALL.iter().position(|other| *other == file).map_or(u32::MAX, |place| place as u32)
}

fn put(numbers: &mut Vec<u32>, list: impl ExactSizeIterator<Item = u32>) {
    numbers.push(list.len() as u32);
    numbers.extend(list);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::super::listing::{Dispatch, TensorId};
    use super::*;

    fn listing() -> Listing {
        let ids = |ids: &[u32]| ids.iter().copied().map(TensorId).collect::<Vec<_>>();
        let step = |kernel, params: &[u32], reads: &[u32], writes, groups| {
            let (params, reads, writes) = (params.to_vec(), ids(reads), TensorId(writes));
            Dispatch { kernel, params, reads, writes, groups }
        };
        let text = |file, steps| Kernel::new(file).set("STEPS", steps);
        Listing {
            elements: vec![4, 0, 9],
            constants: ids(&[1]),
            inputs: ids(&[0]),
            outputs: ids(&[2, 0]),
            kernels: vec![text(File::Map, 3), text(File::Fill, 0)],
            once: vec![step(1, &[], &[], 1, [1, 1, 1])],
            steps: vec![step(0, &[7, 8], &[0, 1], 2, [5, 2, 1]), step(1, &[1], &[], 0, [1, 0, 1])],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let (numbers, texts) = write(&listing());
        assert_eq!(read(&numbers, texts).unwrap(), listing());
    }

    #[test]
    fn anything_else_is_refused() {
        let (numbers, texts) = write(&listing());
        for length in 0..numbers.len() {
            assert!(read(&numbers[..length], texts.clone()).is_err(), "{length} numbers");
        }
        assert!(read(&[&numbers[..], &[0]].concat(), texts.clone()).is_err());
        // Elements and three lists of ids before it, the first kernel's file stands at 12.
        let unknown = numbers.iter().enumerate().map(|(at, n)| if at == 12 { 17 } else { *n });
        assert!(read(&unknown.collect::<Vec<u32>>(), texts.clone()).is_err());
        assert!(read(&numbers, texts[1..].to_vec()).is_err());
        // A length beyond what is there allocates nothing.
        assert!(read(&[u32::MAX, 1], Vec::new()).is_err());
    }
}
