# frozen_string_literal: true

module Minigun
  # A child process ended before its work was done.
  class WorkerDied < Error
    # What a signal is known to mean.
    HINTS = {
      "ABRT" => "a crash of Ruby or of native code, or a failed assertion: see what it printed on stderr",
      "SEGV" => "a crash of native code", "BUS" => "a crash of native code", "ILL" => "a crash of native code",
      "FPE" => "a crash of native code", "SYS" => "a system call that is forbidden here",
      "XCPU" => "limit of processor time: RLIMIT_CPU", "XFSZ" => "limit of the size of files: RLIMIT_FSIZE"
    }.freeze
    private_constant :HINTS

    # @return [Integer, nil]
    attr_reader :pid

    # @return [Integer, nil] number of the signal that killed it
    attr_reader :signal

    # @return [Integer, nil] status it exited with
    attr_reader :exit_code

    # @return [Symbol, nil] name of the stage it worked for
    attr_reader :stage

    # @return [Integer, nil] bytes of memory that it had resident at most, shared ones included; nil where
    #   the system does not tell
    attr_reader :peak_rss

    # @param message [String, nil]
    # @param pid [Integer, nil]
    # @param signal [Integer, nil]
    # @param exit_code [Integer, nil]
    # @param stage [Symbol, nil]
    # @param out_of_memory [Boolean]
    # @param peak_rss [Integer, nil] bytes
    def initialize(message = nil, pid: nil, signal: nil, exit_code: nil, stage: nil, out_of_memory: false,
                   peak_rss: nil)
      @pid = pid
      @signal = signal
      @exit_code = exit_code
      @stage = stage
      @out_of_memory = out_of_memory
      @peak_rss = peak_rss
      super(message || default_message)
    end

    # @return [Boolean] does the kernel say that it killed a process for want of memory?
    def out_of_memory? = @out_of_memory

    private

    def default_message
      worker = ["worker process", pid].compact.join(" ")
      worker += " of stage #{stage.inspect}" if stage
      notes = [hint, memory].compact
      "#{worker} #{cause_of_death}#{" (#{notes.join("; ")})" if notes.any?}"
    end

    def cause_of_death
      return "was killed by the kernel: out of memory" if out_of_memory?
      return "was killed by #{signal_name}" if signal
      return "exited with status #{exit_code} before its work was done" if exit_code

      "died before its work was done"
    end

    def signal_name
      name = Signal.signame(signal)
      name ? "SIG#{name}" : "signal #{signal}"
    end

    def hint = signal && HINTS[Signal.signame(signal)]

    def memory = peak_rss && "peak memory #{(peak_rss / (1024.0 * 1024)).round} MB"
  end
end
