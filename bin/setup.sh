# shellcheck shell=bash
# Makes sure that what the two set-up commands need is there: sourced by bin/test and bin/demo.
# Everything is looked for first, so that a second call is quick and needs no network.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# Messages go to stderr: what a command answers stays alone on stdout.
say() { printf '==> [%3d s] %s\n' "$SECONDS" "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# retry TIMES COMMAND...: for steps that use the network.
retry() {
    local times=$1 try
    shift
    for ((try = 1; try <= times; try++)); do
        "$@" && return 0
        ((try == times)) || { say "attempt $try of $times failed: $*"; sleep $((try * 2)); }
    done
    return 1
}

# quietly LOG COMMAND...: what the command prints goes to LOG; its end is shown when it failed.
quietly() {
    local log=$1
    shift
    "$@" >"$log" 2>&1 || { tail -n 30 "$log" >&2; return 1; }
}

as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

can_install_packages() {
    have apt-get && { [[ $(id -u) -eq 0 ]] || { have sudo && sudo -n true 2>/dev/null; }; }
}

apt_updated=
# install_packages PACKAGE...: Debian packages, when this user may install them.
install_packages() {
    can_install_packages || return 1
    say "installing the Debian packages: $*"
    if [[ -z $apt_updated ]]; then
        retry 3 as_root apt-get update -qq >&2 || return 1
        apt_updated=1
    fi
    retry 3 as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" >&2
}

# need WHAT TEST PACKAGE...: TEST is a command that succeeds when WHAT is there.
need() {
    local what=$1 check=$2
    shift 2
    $check && return 0
    install_packages "$@" && $check && return 0
    die "$what is missing. On Debian or Ubuntu: apt-get install $*"
}

ruby_is_new_enough() { have ruby && ruby -e 'exit RUBY_VERSION.to_f >= 3.1' 2>/dev/null; }
# Builds a program with the compiler that this Ruby builds extensions with.
compiler_works() {
    have make && printf '#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n' |
        ruby -rrbconfig -e 'exec(*RbConfig::CONFIG["CC"].split, *%w[-x c - -o tmp/compiler_works])' 2>/dev/null
}
ruby_headers_present() {
    ruby -rrbconfig -e 'exit File.file?(File.join(RbConfig::CONFIG["rubyhdrdir"], "ruby.h"))'
}
bundler_works() { bundle --version >/dev/null 2>&1; }

ensure_toolchain() {
    need "Ruby 3.1 or newer" ruby_is_new_enough ruby
    need "a C compiler with make" compiler_works build-essential
    need "Ruby's C headers" ruby_headers_present ruby-dev
    # Newer Rubies bring Bundler along; Debian packs it apart.
    need "Bundler" bundler_works bundler
}

gems_present() { bundle check >/dev/null 2>&1; }

# Development gems go below the project, where no root is needed and no other project is touched,
# unless the user has chosen a place.
ensure_gems() {
    gems_present && return 0
    if [[ -z ${BUNDLE_PATH:-} && ! -f .bundle/config ]]; then
        bundle config set --local path vendor/bundle >&2
    fi
    gems_present && return 0
    say "installing the development gems (the first time this takes a minute or two)"
    retry 3 quietly tmp/bundle.log bundle install --jobs "$(nproc 2>/dev/null || echo 2)" ||
        die "bundle install failed; all of its output is in tmp/bundle.log"
}

compile_extension() {
    quietly tmp/compile.log bundle exec rake compile ||
        die "the extension does not compile; all of the output is in tmp/compile.log"
}

export BUNDLE_SILENCE_ROOT_WARNING=1 BUNDLE_GEMFILE="$root/Gemfile"
mkdir -p tmp
ensure_toolchain
ensure_gems
compile_extension
