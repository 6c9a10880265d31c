//! The page's face: a party or the dealer, each in a worker of its own. Opaque handles, messages as plain objects, no logic.

// wasm-bindgen writes unsafe glue.
#![allow(unsafe_code)]

use std::rc::Rc;

use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::bytes::weights_from_bytes;
use crate::fault::Fault;
use crate::material;
use crate::net::Network;
use crate::party::{self, Secret, State};
use crate::random::Seed;
use crate::ring::Ring;
use crate::wire::{Kind, Message, Who};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = "
export type Who = 'client' | 'server' | 'dealer';
export type Kind =
  | 'seed' | 'correction' | 'input' | 'weights' | 'linear' | 'product'
  | 'truncation' | 'comparison' | 'choice' | 'bit' | 'output';
/** A message on the wire; what it says are its bytes, nothing else is sent. */
export interface Message {
  from: Who;
  to: Who;
  /** Index of the engine's layer that it belongs to. */
  layer: number;
  kind: Kind;
  /** Part of an inference as it is priced: between the parties, neither sharing nor opening. */
  online: boolean;
  bytes: Uint8Array<ArrayBuffer>;
}
";

/// A plain object; it takes any field.
fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// A fault as the page knows them.
fn fault(Fault(message): Fault) -> JsValue {
    let place = Object::new().into();
    object(&[
        ("code", "invalid-setting".into()),
        ("message", message.into()),
        ("place", place),
        ("hint", "".into()),
    ])
}

fn to_js(message: Message) -> JsValue {
    object(&[
        ("from", message.from.name().into()),
        ("to", message.to.name().into()),
        ("layer", (message.layer as f64).into()),
        ("kind", message.kind.name().into()),
        ("online", message.kind.online().into()),
        ("bytes", Uint8Array::from(&message.bytes[..]).into()),
    ])
}

fn from_js(message: &JsValue) -> Result<Message, JsValue> {
    let get = |name: &str| Reflect::get(message, &name.into());
    let word = |name: &str| Ok::<_, JsValue>(get(name)?.as_string().unwrap_or_default());
    let unknown = || fault(Fault::new("a message of no known kind"));
    Ok(Message {
        from: Who::of(&word("from")?).ok_or_else(unknown)?,
        to: Who::of(&word("to")?).ok_or_else(unknown)?,
        layer: get("layer")?.as_f64().ok_or_else(unknown)? as usize,
        kind: Kind::of(&word("kind")?).ok_or_else(unknown)?,
        bytes: get("bytes")?.dyn_into::<Uint8Array>().map_err(|_| unknown())?.to_vec(),
    })
}

fn seed_of(seed: &[u8]) -> Result<Seed, JsValue> {
    seed.try_into().map_err(|_| fault(Fault::new("a seed of another length than 32")))
}

fn network_of(bytes: &[u8]) -> Result<Rc<Network>, JsValue> {
    Network::from_bytes(bytes).map(Rc::new).map_err(fault)
}

/// Size of the wasm memory; it never shrinks.
#[wasm_bindgen]
pub fn memory_bytes() -> f64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
    f64::from(buffer.byte_length())
}

/// The client or the server.
#[wasm_bindgen]
pub struct Party {
    party: party::Party,
    ring: Ring,
}

#[wasm_bindgen]
impl Party {
    /// The one that has the input, in the ring. `network`: bytes; `seed`: 32 bytes of its own.
    pub fn client(network: &[u8], input: Vec<u64>, seed: &[u8]) -> Result<Self, JsValue> {
        Self::new(network, Secret::Input(input), seed)
    }

    /// The one that has the weights, as bytes.
    pub fn server(network: &[u8], weights: &[u8], seed: &[u8]) -> Result<Self, JsValue> {
        Self::new(network, Secret::Weights(weights_from_bytes(weights).map_err(fault)?), seed)
    }

    fn new(network: &[u8], secret: Secret, seed: &[u8]) -> Result<Self, JsValue> {
        let network = network_of(network)?;
        let ring = network.ring;
        let party = party::Party::new(network, secret, seed_of(seed)?).map_err(fault)?;
        Ok(Self { party, ring })
    }

    /// A message arrives.
    pub fn arrive(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Message")] message: &JsValue,
    ) -> Result<(), JsValue> {
        self.party.arrive(from_js(message)?).map_err(fault)
    }

    /// Works until it must wait for somebody, or rests between layers, or is done.
    #[wasm_bindgen(unchecked_return_type = "Who | 'rests' | 'done'")]
    pub fn work(&mut self) -> Result<String, JsValue> {
        let state = match self.party.work().map_err(fault)? {
            State::Rests => "rests",
            State::Waits(who) => who.name(),
            State::Done => "done",
        };
        Ok(state.to_owned())
    }

    /// The dealer's messages that it has not read yet.
    pub fn dealt(&self) -> usize {
        self.party.dealt()
    }

    /// The next message to be sent, or null.
    #[wasm_bindgen(unchecked_return_type = "Message | null")]
    pub fn leave(&self) -> JsValue {
        self.party.leave().map_or(JsValue::NULL, to_js)
    }

    /// The engine's layer that it works at.
    pub fn layer(&self) -> usize {
        self.party.layer()
    }

    /// The high bytes of its share of a value, of `most` numbers at most, once it is there: 0 is
    /// the input, i + 1 what layer i makes.
    pub fn high_bytes(&self, value: usize, most: usize) -> Option<Vec<u8>> {
        self.party.high_bytes(value, most)
    }

    /// The result as fractions, once the client has it.
    pub fn result(&self) -> Option<Vec<f64>> {
        Some(self.party.result()?.iter().map(|number| self.ring.fraction_of(*number)).collect())
    }
}

/// The dealer.
#[wasm_bindgen]
pub struct Dealer(material::Dealer);

#[wasm_bindgen]
impl Dealer {
    /// For one inference. `network`: bytes; `seed`: 32 bytes of its own.
    #[wasm_bindgen(constructor)]
    pub fn new(network: &[u8], seed: &[u8]) -> Result<Self, JsValue> {
        let network = network_of(network)?;
        material::Dealer::new(&network, seed_of(seed)?).map(Self).map_err(fault)
    }

    /// The next message, or null when all is dealt.
    #[wasm_bindgen(unchecked_return_type = "Message | null")]
    pub fn deal(&mut self) -> Result<JsValue, JsValue> {
        Ok(self.0.deal().map_err(fault)?.map_or(JsValue::NULL, to_js))
    }
}
