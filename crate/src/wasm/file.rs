//! Browser files as the core reads them, and progress as it tells it.

use std::ops::ControlFlow;
use std::rc::Rc;

use js_sys::{Function, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{File, FileReaderSync};

use crate::api::{Code, Error, ReadAt, Result};

/// A browser file, read in ranges. Offsets travel as f64: exact to 2^53.
pub(super) struct BrowserFile {
    file: File,
    reader: FileReaderSync,
}

impl BrowserFile {
    pub(super) fn new(file: File) -> Result<Self, JsValue> {
        Ok(Self { file, reader: FileReaderSync::new()? })
    }

    fn fault(&self, offset: u64) -> Error {
        Error::new(Code::Io, "the browser could not read the file")
            .file(self.file.name())
            .at(offset)
            .hint("it may have changed or moved; choose it again")
    }
}

impl ReadAt for BrowserFile {
    fn len(&self) -> u64 {
        self.file.size() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<()> {
        let (start, end) = (offset as f64, (offset + buf.len() as u64) as f64);
        let blob = self.file.slice_with_f64_and_f64(start, end).map_err(|_| self.fault(offset))?;
        let bytes = self.reader.read_as_array_buffer(&blob).map_err(|_| self.fault(offset))?;
        let bytes = Uint8Array::new(&bytes);
        if bytes.length() as usize != buf.len() {
            return Err(self.fault(offset));
        }
        bytes.copy_to(buf);
        Ok(())
    }

    fn kept(&self) -> Option<Rc<dyn ReadAt>> {
        Some(Rc::new(Self::new(self.file.clone()).ok()?))
    }
}

/// Tells the page how far the work is; what it throws stops the work.
pub(super) fn teller(progress: &Function) -> impl FnMut(u64, u64) -> ControlFlow<()> {
    move |done, total| {
        let told = progress.call2(&JsValue::NULL, &(done as f64).into(), &(total as f64).into());
        if told.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}
