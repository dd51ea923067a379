# frozen_string_literal: true

require "fiddle"

module Bench
  # What the system knows of processes.
  module Usage
    GETRUSAGE = Fiddle::Function.new(Fiddle::Handle::DEFAULT["getrusage"], [Fiddle::TYPE_INT, Fiddle::TYPE_VOIDP],
                                     Fiddle::TYPE_INT)
    # struct rusage: two times of two words each, then words.
    WORDS = 18
    MINOR_FAULTS = 8
    VOLUNTARY = 16
    INVOLUNTARY = 17
    WHO = { self: 0, children: -1 }.freeze
    private_constant :GETRUSAGE, :WORDS, :WHO

    module_function

    # @return [Array<Integer>] of this process with its threads, and of its children that were waited for
    def words
      WHO.each_value.map { |who| of(who) }.transpose.map(&:sum)
    end

    # What the block has cost, in {MINOR_FAULTS}, {VOLUNTARY} or {INVOLUNTARY}.
    def during(*fields)
      before = words
      yield
      after = words
      fields.sum { |field| after[field] - before[field] }
    end

    # @return [Float] MB
    def private_memory(pid)
      kilobytes = File.foreach("/proc/#{pid}/smaps_rollup").sum do |line|
        line.start_with?("Private_") ? line[/\d+/].to_i : 0
      end
      kilobytes / 1024.0
    end

    # @return [Float] MB
    def resident(pid = "self")
      File.foreach("/proc/#{pid}/status").find { |line| line.start_with?("VmRSS") }[/\d+/].to_i / 1024.0
    end

    # Fills the heap with small objects until the process has so many MB.
    # @return [Array<Object>]
    def ballast(megabytes)
      kept = []
      until resident >= megabytes
        kept << Array.new(1000) { |index| { id: index, name: "a string that is too long to be embedded #{index}" } }
      end
      kept
    end

    def of(who)
      memory = Fiddle::Pointer.malloc(WORDS * 8, Fiddle::RUBY_FREE)
      GETRUSAGE.call(who, memory)
      memory[0, WORDS * 8].unpack("q*")
    end
    private_class_method :of
  end
end
