# Sourced by run, build and test: checks that the tools are here, says what to install where one is
# not, and installs what belongs to the repository (the wasm target, npm packages).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

die() { printf '%s\n' "$@" >&2; exit 1; }

need_tools() {
  local missing=()
  # shellcheck disable=SC1091
  if ! command -v cargo >/dev/null && [ -f "$HOME/.cargo/env" ]; then . "$HOME/.cargo/env"; fi
  command -v cargo >/dev/null \
    || missing+=("cargo is missing: install Rust with rustup, from https://rustup.rs (rust-toolchain.toml picks the version)")
  command -v cc >/dev/null \
    || missing+=("cc is missing: install a C compiler and linker (Debian: apt-get install gcc libc6-dev)")
  if ! command -v node >/dev/null; then
    missing+=("node is missing: install Node.js 20.19 or newer, from https://nodejs.org")
  elif ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
    missing+=("node $(node --version) is too old: install Node.js 20.19 or newer, from https://nodejs.org")
  fi
  command -v npm >/dev/null \
    || missing+=("npm is missing: it comes with Node.js, from https://nodejs.org (Debian: apt-get install npm)")
  [ ${#missing[@]} -eq 0 ] || die "${missing[@]}"
}

# rustup adds the targets of rust-toolchain.toml only when it first installs the toolchain.
need_wasm_target() {
  local target=wasm32-unknown-unknown
  [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] && return
  command -v rustup >/dev/null \
    || die "the Rust target $target is missing: install Rust with rustup, from https://rustup.rs"
  rustup target add "$target"
}

# need_packages DIR: npm ci when the lock file is not the one last installed.
need_packages() {
  local stamp="$1/node_modules/.lock-stamp" now
  now=$(sha256sum <"$1/package-lock.json")
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ]; then return; fi
  (cd "$1" && npm ci --no-audit --no-fund)
  printf '%s\n' "$now" >"$stamp"
}

# install PACKAGE SAY: a package of the system, where that is allowed; otherwise fails and says SAY.
install() {
  command -v apt-get >/dev/null || die "$2"
  local as=()
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || die "$2"
    as=(sudo -n)
  fi
  "${as[@]}" apt-get update -q
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$1" || die "$2"
}

# A Vulkan device for the tests of the GPU engine; where there is none, one that runs on the CPU.
need_vulkan() {
  [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] || return 0
  if compgen -G '/usr/share/vulkan/icd.d/*.json' >/dev/null || compgen -G '/etc/vulkan/icd.d/*.json' >/dev/null; then
    return
  fi
  install mesa-vulkan-drivers "a Vulkan driver is missing: install one (Debian: apt-get install mesa-vulkan-drivers)"
}

# A server that knows nothing of the page, for the test of the packed page.
need_python() {
  command -v python3 >/dev/null || install python3 "python3 is missing: install it (Debian: apt-get install python3)"
}

# Sets CHROMIUM, installing the system's package where it may. The headless shell is the same browser without its windows and
# menus: the tests take it where it is, and a third less time.
need_chromium() {
  local name say="Chromium is missing: install it (Debian: apt-get install chromium-headless-shell), or set CHROMIUM to its path"
  for name in "${CHROMIUM:-}" chromium-headless-shell chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name" >/dev/null; then
      CHROMIUM=$(command -v "$name"); export CHROMIUM
      return
    fi
  done
  for name in chromium-headless-shell chromium; do
    # In a shell of its own: where the first is no package, the second is asked for.
    if (install "$name" "$say"); then break; fi
  done
  CHROMIUM=$(command -v chromium-headless-shell || command -v chromium) || die "$say"
  export CHROMIUM
}

# Sets FIREFOX, installing the system's package where it may.
need_firefox() {
  local name
  for name in "${FIREFOX:-}" firefox-esr firefox; do
    if [ -n "$name" ] && command -v "$name" >/dev/null; then
      FIREFOX=$(command -v "$name"); export FIREFOX
      return
    fi
  done
  local say="Firefox is missing: install it (Debian: apt-get install firefox-esr), or set FIREFOX to its path"
  install firefox-esr "$say"
  FIREFOX=$(command -v firefox-esr) || die "$say"
  export FIREFOX
}
