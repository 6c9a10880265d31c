/** Stands in for the browser's files and their synchronous reading, for the core's packages in Node. */
export class FileOverBytes {
  constructor(bytes, name) {
    Object.assign(this, { bytes, name, size: bytes.length });
  }
  slice(start, end) {
    return new FileOverBytes(this.bytes.subarray(start, end), this.name);
  }
}
globalThis.Blob = globalThis.File = FileOverBytes;
globalThis.FileReaderSync = class {
  readAsArrayBuffer({ bytes }) {
    return new Uint8Array(bytes).buffer;
  }
};
