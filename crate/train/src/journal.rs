//! What a command of several runs has made so far, as bytes: networks that are done, runs under way.

use serde::{Deserialize, Serialize};

use crate::data::Task;
use crate::methods::Method;
use crate::net::{Net, Unfit};
use crate::run::{Run, fits};

/// First bytes of a journal, its version among them.
const MAGIC: &[u8] = b"reluctant.runs/1\n";

/// Longest journal that is taken up.
const MOST_BYTES: u64 = 4 << 30;

/// Which run of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Which {
    /// Its seed.
    pub seed: u64,
    /// Method and budget; none: the network with all ReLUs.
    pub method: Option<(Method, usize)>,
}

/// A run that ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Done {
    /// Which.
    pub which: Which,
    /// The network that it made.
    pub net: Net<f32>,
    /// Accuracy before fine-tuning, where there is any.
    pub noted: Option<f64>,
    /// Seconds that it took.
    pub seconds: f64,
}

/// A run that did not end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Begun {
    /// Which.
    pub which: Which,
    /// Its last checkpoint.
    pub run: Vec<u8>,
    /// Seconds that it took so far.
    pub seconds: f64,
}

/// What a command has made so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Journal {
    /// Digest of what must be the same when it is taken up.
    of: [u8; 32],
    done: Vec<Done>,
    begun: Vec<Begun>,
}

impl Journal {
    /// Of a command that begins.
    pub fn new(of: [u8; 32]) -> Self {
        Self { of, done: Vec::new(), begun: Vec::new() }
    }

    /// Takes up what [`Journal::bytes`] wrote, or anyone else: of the same digest, each network as `like` and for
    /// these images. Runs under way are looked through where they are taken up.
    ///
    /// # Errors
    /// Bytes of another kind, of other settings, or of other networks.
    pub fn read(bytes: &[u8], of: [u8; 32], like: &Net<f32>, task: &Task<f32>) -> Result<Self, Unfit> {
        let bad = |why: &str| Unfit(format!("this is no checkpoint of `train` of this version: {why}"));
        if bytes.len() as u64 > MOST_BYTES {
            return Err(bad(&format!("it has more than {} GB", MOST_BYTES >> 30)));
        }
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| bad("it begins otherwise"))?;
        let read: Self = postcard::from_bytes(rest).map_err(|error| bad(&error.to_string()))?;
        if read.of != of {
            return Err(Unfit(
                "the checkpoint is of other data, another network or other settings".to_owned(),
            ));
        }
        for Done { net, .. } in &read.done {
            net.sound()?;
            fits(net, task)?;
            if !net.alike(like) {
                return Err(bad("one of its networks is another one"));
            }
        }
        Ok(read)
    }

    /// Everything, as bytes.
    pub fn bytes(&self) -> Vec<u8> {
        postcard::to_extend(self, MAGIC.to_vec()).unwrap_or_default()
    }

    /// A run that ended.
    pub fn done(&self, which: Which) -> Option<&Done> {
        self.done.iter().find(|done| done.which == which)
    }

    /// Takes up a run under way, a network as `like` on these images, and the seconds that it took so far.
    ///
    /// # Errors
    /// A run of another network, or what [`Run::resume`] refuses.
    pub fn resume(
        &self,
        which: Which,
        like: &Net<f32>,
        task: &Task<f32>,
    ) -> Result<Option<(Run, f64)>, Unfit> {
        let Some(begun) = self.begun.iter().find(|begun| begun.which == which) else { return Ok(None) };
        let run = Run::resume(&begun.run, task)?;
        if run.net().alike(like) {
            Ok(Some((run, begun.seconds)))
        } else {
            Err(Unfit("the checkpoint's run under way is of another network".to_owned()))
        }
    }

    /// Notes how far a run is.
    pub fn note(&mut self, begun: Begun) {
        match self.begun.iter_mut().find(|old| old.which == begun.which) {
            Some(old) => *old = begun,
            None => self.begun.push(begun),
        }
    }

    /// Notes that a run ended.
    pub fn end(&mut self, done: Done) {
        self.begun.retain(|begun| begun.which != done.which);
        if self.done(done.which).is_none() {
            self.done.push(done);
        }
    }
}
