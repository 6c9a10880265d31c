// The policy that keeps a model in its tab. Written once: serve.mjs sends it as a header, and the
// page's build writes it into index.html, so that a static host without headers has it too.
//
// A policy in a meta tag does not bind a worker started from a URL; the page therefore starts its
// workers from a `blob:`, which inherits it (hence worker-src blob:).
export const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
