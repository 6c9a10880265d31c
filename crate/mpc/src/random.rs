//! What a seed stands for: ChaCha20's stream, read in order.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};

use crate::ring::from_bytes;

/// A seed.
pub type Seed = [u8; 32];

/// The numbers of a seed. Two that hold one seed draw the same as long as they ask for the same, in the same order.
pub struct Stream(ChaCha20Rng);

impl Stream {
    /// The stream of a seed.
    pub fn new(seed: Seed) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// `n` numbers of so many bytes.
    pub fn draw(&mut self, n: usize, width: usize) -> Vec<u64> {
        let mut bytes = vec![0; n * width];
        self.0.fill_bytes(&mut bytes);
        from_bytes(&bytes, width)
    }

    /// A seed for somebody else.
    pub fn seed(&mut self) -> Seed {
        let mut seed = [0; 32];
        self.0.fill_bytes(&mut seed);
        seed
    }
}

/// The seeds of the client, the server and the dealer from one number, so that a run can be repeated. In earnest each would
/// draw its own.
pub fn seeds(number: u64) -> [Seed; 3] {
    let mut seed = [0; 32];
    seed.iter_mut().zip(number.to_le_bytes()).for_each(|(to, from)| *to = from);
    let mut stream = Stream::new(seed);
    [stream.seed(), stream.seed(), stream.seed()]
}
