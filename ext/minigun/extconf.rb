# frozen_string_literal: true

# Switches, read from the environment:
#   CC=clang              the compiler to use instead of the one Ruby was built with
#   MINIGUN_DEBUG=1       no optimisation, full debug information, MG_DEBUG defined
#   MINIGUN_SANITIZE=1    AddressSanitizer and UndefinedBehaviorSanitizer
#   MINIGUN_WERROR=1      warnings are errors
#   MINIGUN_FAULTS=1      fault points for the tests of process death (MINIGUN_FAULTS defined)

require "rbconfig"

# Says what to install when a tool is missing. mkmf ends by itself when Ruby's headers are missing,
# naming no package, so this looks first.
module Toolchain
  PACKAGES = {
    compiler: {
      "Debian, Ubuntu" => "apt-get install build-essential",
      "Fedora, RHEL" => "dnf install gcc make redhat-rpm-config",
      "Alpine" => "apk add build-base",
      "macOS" => "xcode-select --install"
    },
    headers: {
      "Debian, Ubuntu" => "apt-get install ruby-dev",
      "Fedora, RHEL" => "dnf install ruby-devel",
      "Alpine" => "apk add ruby-dev",
      "macOS" => "brew install ruby"
    }
  }.freeze

  module_function

  # mkmf reads the compiler from RbConfig, never from the environment.
  def choose_compiler(command = ENV.fetch("CC", nil))
    return if command.nil? || command.empty?

    [RbConfig::CONFIG, RbConfig::MAKEFILE_CONFIG].each { |config| config["CC"] = command }
    RbConfig::CONFIG["CPP"] = "#{command} -E"
    RbConfig::MAKEFILE_CONFIG["CPP"] = "$(CC) -E"
  end

  def check_headers
    header = File.join(RbConfig::CONFIG["rubyhdrdir"].to_s, "ruby", "ruby.h")
    give_up("Ruby's header files are missing (#{header})", :headers) unless File.file?(header)
  end

  def check_compiler
    command = RbConfig::CONFIG["CC"].to_s.split.first.to_s
    give_up("the C compiler #{command.inspect} is not installed", :compiler) unless command?(command)
  end

  def command?(name)
    candidates = name.include?(File::SEPARATOR) ? [name] : search_path(name)
    extensions = ["", *ENV.fetch("PATHEXT", "").split(File::PATH_SEPARATOR)]
    candidates.product(extensions).any? do |path, extension|
      File.file?(path + extension) && File.executable?(path + extension)
    end
  end

  def search_path(name)
    ENV.fetch("PATH", "").split(File::PATH_SEPARATOR).map { |folder| File.join(folder, name) }
  end

  def give_up(problem, tool)
    width = PACKAGES[tool].keys.map(&:length).max
    hints = PACKAGES[tool].map { |system, command| "  #{system.ljust(width)}  #{command}" }
    abort <<~TEXT

      minigun cannot be built: #{problem}.
      It has a part written in C. What it needs comes with:
      #{hints.join("\n")}

    TEXT
  end
end

Toolchain.choose_compiler
Toolchain.check_headers
Toolchain.check_compiler

require "mkmf"

# Where even this fails, mkmf raises instead of answering false.
works = begin
  try_link("int main(void) { return 0; }")
rescue RuntimeError
  false
end
unless works
  Toolchain.give_up("the C compiler #{RbConfig::CONFIG["CC"].inspect} cannot make a program " \
                    "(mkmf.log has its words)", :compiler)
end

# Ruby's own headers warn under the flags this code is held to.
$INCFLAGS.gsub!(/-I(?=\$\((?:arch_)?hdrdir\))/, "-isystem ") if RbConfig::CONFIG["GCC"] == "yes"
$warnflags = ""
$CFLAGS << " -std=gnu11"

unless try_compile(<<~C)
  #include <stdatomic.h>
  _Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit atomics must be lock-free");
  _Static_assert(ATOMIC_INT_LOCK_FREE == 2, "32-bit atomics must be lock-free");
C
  abort "minigun cannot be built: it needs a C11 compiler and a CPU with lock-free 64-bit atomics."
end

%w[-fvisibility=hidden -Wall -Wextra -Wshadow -Wwrite-strings -Wpointer-arith -Wstrict-prototypes
   -Wmissing-prototypes -Wno-declaration-after-statement].each { |flag| append_cflags(flag) }

have_header("linux/futex.h")
have_header("sys/prctl.h")
have_header("sys/eventfd.h")
have_header("sys/event.h")
$defs << "-DHAVE_PIDFD_OPEN" if have_macro("SYS_pidfd_open", "sys/syscall.h")
$defs << "-DHAVE_PIDFD_SEND_SIGNAL" if have_macro("SYS_pidfd_send_signal", "sys/syscall.h")
have_const("P_PIDFD", "sys/wait.h")
have_const("RUBY_FL_EXIVAR", "ruby.h")
have_func("dladdr", "dlfcn.h") || have_library("dl", "dladdr", "dlfcn.h")
have_func("fork", "unistd.h")
have_func("pthread_atfork", "pthread.h")
have_func("pthread_mutexattr_setrobust", "pthread.h")
have_func("pthread_mutex_clocklock", "pthread.h")
have_func("pthread_condattr_setclock", "pthread.h")
have_func("pipe2", "unistd.h")
have_func("rb_proc_isolate")
have_func("rb_thread_check_trap_pending")
have_func("rb_postponed_job_preregister", "ruby/debug.h")
have_func("rb_thread_lock_native_thread", "ruby/thread.h")

# Not sooner: the programs that mkmf asks its questions with are not free of warnings.
append_cflags("-Werror") if ENV["MINIGUN_WERROR"] == "1"

if ENV["MINIGUN_DEBUG"] == "1"
  $CFLAGS << " -O0 -g3 -U_FORTIFY_SOURCE"
  $defs << "-DMG_DEBUG"
else
  $CFLAGS << " -O3"
end

if ENV["MINIGUN_SANITIZE"] == "1"
  # Ruby leaves stack frames by longjmp unseen by the sanitizer, which then takes what they marked on
  # the stack for damage: heap and globals only. The C tests have the stack checked.
  no_stack = ["--param=asan-stack=0", "-mllvm -asan-stack=0"].find { |flag| try_cflags(flag) }
  sanitizers = " -fsanitize=address,undefined -fno-omit-frame-pointer -g #{no_stack}"
  $CFLAGS << sanitizers
  $LDFLAGS << sanitizers
end

$defs << "-DMINIGUN_FAULTS" if ENV["MINIGUN_FAULTS"] == "1"

create_makefile("minigun/minigun")
