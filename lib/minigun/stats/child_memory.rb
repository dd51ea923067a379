# frozen_string_literal: true

module Minigun
  class Stats
    # Memory of the children of a stage, of a sample. To ask for it takes some tenths of a millisecond, and
    # milliseconds where there is much: the first, second, fourth, eighth ... child of a stage tell what they
    # have at their end, but for short ones among them: of these the first does, and from the 64th on.
    module ChildMemory
      # What Linux tells of a process, in kilobytes.
      SOURCE = "/proc/self/smaps_rollup"

      # @api private
      # @return [Array(Integer, Integer, Integer), nil] bytes of this process: its share of all memory (pages
      #   that n processes have count an n-th), what only it has, what others have as well; nil = the system
      #   does not tell
      def self.read = Native.memory(SOURCE)

      # Seconds that a child lives for at least that is not short.
      LONG = 0.02
      # Number of the child from which on short ones are asked as well.
      MANY = 64
      private_constant :LONG, :MANY

      # @api private
      # @param number [Integer] of a child, from 1 on
      # @param seconds [Float] that it has lived for
      # @return [Boolean] is it one that is asked?
      def self.sample?(number, seconds)
        number.nobits?(number - 1) && (seconds >= LONG || number == 1 || number >= MANY)
      end

      # @api private
      # @param bytes [Array(Integer, Integer, Integer)] see {ChildMemory.read}
      # @return [void]
      def add_child_memory(bytes)
        @child_memory << bytes
      end

      # @return [Hash{Symbol => Object}, nil] `samples:` how many children were asked; of `pss:`, `private:` and
      #   `shared:` the `median:` and the `max:` in bytes. nil when there were no children, or where the
      #   system does not tell
      def child_memory
        samples = @child_memory.dup
        return if samples.empty?

        columns = %i[pss private shared].zip(samples.transpose)
        { samples: samples.size,
          **columns.to_h { |name, bytes| [name, { median: bytes.sort[(bytes.size - 1) / 2], max: bytes.max }] } }
      end
    end
  end
end
