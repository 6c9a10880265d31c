//! The body of a version 1 link: model, view, settings, selection, ports, stages, layers, in this order.

use super::wire::{Reader, Writer};
use super::{Port, Shared, Stage, damaged, layer};
use crate::error::Result;
use crate::limits::{MAX_LINK_LAYERS, MAX_LINK_SETTINGS};

pub(super) fn encode(shared: &Shared) -> Vec<u8> {
    let mut out = Writer::default();
    out.bytes.extend(shared.hash);
    for text in [&shared.title, &shared.example] {
        out.number(text.is_some().into());
        if let Some(text) = text {
            out.text(text);
        }
    }
    out.text(&shared.view);
    out.number(shared.settings.len() as u64);
    for (name, value) in &shared.settings {
        out.text(name);
        out.text(value);
    }
    out.number(shared.profiles.len() as u64);
    for (id, version) in &shared.profiles {
        out.text(id);
        out.number((*version).into());
    }
    out.number(shared.facts.len() as u64);
    for (name, value) in &shared.facts {
        out.text(name);
        out.number(*value);
    }
    out.number(shared.selection.len() as u64);
    let mut next = 0;
    for index in &shared.selection {
        out.number(u64::from(index.saturating_sub(next)));
        next = index.saturating_add(1);
    }
    for ports in &shared.ports {
        out.number(ports.len() as u64);
        for port in ports {
            out.text(&port.name);
            out.text(port.dtype.as_deref().unwrap_or_default());
            layer::write_shape(&mut out, port.shape.as_deref());
        }
    }
    out.number(shared.stages.len() as u64);
    for stage in &shared.stages {
        out.text(&stage.name);
        layer::write_shape(&mut out, stage.resolution.as_deref());
        out.number(stage.blocks);
    }
    out.number(shared.layers.len() as u64);
    let mut before = layer::Before::default();
    for row in &shared.layers {
        layer::write(&mut out, row, &mut before);
    }
    out.bytes
}

pub(super) fn decode(body: &[u8]) -> Result<Shared> {
    let (hash, rest) = body.split_first_chunk::<16>().ok_or_else(|| damaged("it ends too early"))?;
    let input = &mut Reader::new(rest);
    let mut shared = Shared { hash: *hash, ..Shared::default() };
    for slot in [&mut shared.title, &mut shared.example] {
        if input.number_to(1)? == 1 {
            *slot = Some(input.text()?);
        }
    }
    shared.view = input.text()?;
    for _ in 0..input.count(MAX_LINK_SETTINGS)? {
        shared.settings.push((input.text()?, input.text()?));
    }
    for _ in 0..input.count(MAX_LINK_SETTINGS)? {
        shared.profiles.push((input.text()?, input.u32()?));
    }
    for _ in 0..input.count(MAX_LINK_SETTINGS)? {
        shared.facts.push((input.text()?, input.number()?));
    }
    let mut next = 0u32;
    for _ in 0..input.count(MAX_LINK_LAYERS)? {
        let index = next.checked_add(input.u32()?).ok_or_else(|| damaged("a selection is out of range"))?;
        shared.selection.push(index);
        next = index.saturating_add(1);
    }
    for ports in &mut shared.ports {
        for _ in 0..input.count(MAX_LINK_SETTINGS)? {
            let name = input.text()?;
            let dtype = Some(input.text()?).filter(|dtype| !dtype.is_empty());
            ports.push(Port { name, dtype, shape: layer::read_shape(input)? });
        }
    }
    for _ in 0..input.count(MAX_LINK_SETTINGS)? {
        let name = input.text()?;
        shared.stages.push(Stage { name, resolution: layer::read_shape(input)?, blocks: input.number()? });
    }
    let mut before = layer::Before::default();
    for _ in 0..input.count(MAX_LINK_LAYERS)? {
        shared.layers.push(layer::read(input, &mut before)?);
    }
    if input.is_at_end() { Ok(shared) } else { Err(damaged("it goes on after its end")) }
}
