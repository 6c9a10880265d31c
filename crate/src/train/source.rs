//! A network to train: messages with all weights in them, and the graph with shapes.

use prost::Message;

use super::lower::lower;
use crate::design::{self, Spec, digits_cnn};
use crate::error::{Code, Error, Result};
use crate::ir::graph::Graph;
use crate::limits::{MAX_TRAINED_BYTES, MAX_TRAINED_MACS};
use crate::onnx::ModelProto;
use crate::open::{NamedFile, Opened, Settings, shaped};
use reluctant_train::net::Net;
use reluctant_train::random::Random;
use reluctant_train::resize::macs;

/// A network and the file that it goes back into.
#[derive(Clone, Debug)]
pub struct Source {
    /// Everything, weights too.
    pub(super) proto: ModelProto,
    /// The same without large weights, shapes known.
    pub(super) graph: Graph,
    /// As the engine has it.
    pub net: Net<f32>,
}

impl Source {
    /// From a spec of so many parameters at most, which are not made before they are counted: its weights are drawn by
    /// [`Source::drawn`].
    ///
    /// # Errors
    /// As the spec's; `LimitExceeded` for more; `NotSupported` as [`Source::file`].
    pub fn spec(spec: &Spec, most: u64) -> Result<Self> {
        spec.check()?;
        let params = design::count(spec).params;
        if params > most {
            return Err(too_large(format!("{params} parameters")));
        }
        Self::of(design::model(spec, "network")?)
    }

    /// The network of the digits, for images of channels, height and width.
    ///
    /// # Errors
    /// As [`digits_cnn`].
    pub fn digits(shape: [usize; 3], classes: usize) -> Result<Self> {
        let size = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
        Self::of(digits_cnn(shape.map(size), size(classes))?)
    }

    /// From a file with its weights in it.
    ///
    /// # Errors
    /// What is wrong with the file; `NotSupported` for what the engine has no layer for; `LimitExceeded` for a file
    /// that is too large.
    pub fn file(name: &str, bytes: &[u8]) -> Result<Self> {
        if bytes.len() as u64 > MAX_TRAINED_BYTES {
            return Err(too_large(format!("{} MB of weights", bytes.len() >> 20)));
        }
        // What is broken is named by the reader that names it best.
        Opened::file(&NamedFile { name: name.to_owned(), bytes: &bytes }, &mut go_on)?;
        let proto = ModelProto::decode(bytes)
            .map_err(|error| Error::new(Code::Malformed, error.to_string()).file(name))?;
        Self::of(proto).map_err(|error| error.file(name))
    }

    /// From messages, all weights in them or lying nowhere.
    ///
    /// # Errors
    /// As [`Source::file`].
    pub fn messages(proto: ModelProto) -> Result<Self> {
        Self::of(proto)
    }

    /// Multiplications of weights for one image.
    pub fn macs(&self) -> u64 {
        macs(&self.net)
    }

    fn of(proto: ModelProto) -> Result<Self> {
        let bytes = proto.encode_to_vec();
        let file = NamedFile { name: "network".to_owned(), bytes: &bytes };
        let opened = Opened::file(&file, &mut go_on)?;
        let (graph, _) = shaped(opened.graph, &Settings::default())?;
        let net = lower(&proto, &graph)?;
        Ok(Self { proto, graph, net })
    }

    /// The example of that name, weights 0.
    ///
    /// # Errors
    /// `InvalidSetting` for a name that is none; as [`Source::file`].
    #[cfg(feature = "cli")]
    pub fn example(id: &str) -> Result<Self> {
        Self::of(Opened::example(id)?.proto)
    }

    /// The same, where all of its ReLUs are ReLUs: what was replaced does not go back into the file.
    ///
    /// # Errors
    /// `NotSupported` where some are replaced.
    pub fn unmasked(self) -> Result<Self> {
        match self.net.sites.iter().find(|site| !site.plain) {
            None => Ok(self),
            Some(site) => Err(Error::new(Code::NotSupported, "some of its ReLUs are replaced already")
                .value(&site.name)
                .hint("train from the network before they were")),
        }
    }

    /// The same, where it is small enough to be trained here.
    ///
    /// # Errors
    /// `LimitExceeded` where it is not.
    pub fn small(self) -> Result<Self> {
        let macs = macs(&self.net);
        if macs > MAX_TRAINED_MACS {
            return Err(too_large(format!("{macs} multiplications an image")));
        }
        Ok(self)
    }

    /// The network with these numbers of all its parameters, in order.
    ///
    /// # Errors
    /// `InvalidSetting` where they are another network's, or one of them is none.
    pub fn with(&self, numbers: &[f32]) -> Result<Net<f32>> {
        let mut net = self.net.clone();
        let mut rest = numbers;
        for param in &mut net.params {
            let to = param.slice_mut();
            let Some((own, after)) = rest.split_at_checked(to.len()) else { break };
            to.copy_from_slice(own);
            rest = after;
        }
        let all: usize = net.params.iter().map(|param| param.value.len()).sum();
        if all != numbers.len() || numbers.iter().any(|number| !number.is_finite()) {
            let text = "the trained network is another one than the settings say";
            return Err(Error::new(Code::InvalidSetting, text));
        }
        Ok(net)
    }

    /// The network with weights from a seed.
    pub fn drawn(&self, seed: u64) -> Net<f32> {
        let mut net = self.net.clone();
        net.init(&mut Random::new(seed));
        net
    }
}

fn go_on(_: u64, _: u64) -> std::ops::ControlFlow<()> {
    std::ops::ControlFlow::Continue(())
}

fn too_large(what: String) -> Error {
    let most = format!("{} MB of weights and {MAX_TRAINED_MACS} multiplications", MAX_TRAINED_BYTES >> 20);
    Error::new(Code::LimitExceeded, format!("{what} are too many to train here"))
        .hint(format!("at most {most}: take a narrower network"))
}
