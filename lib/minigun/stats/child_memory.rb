# frozen_string_literal: true

module Minigun
  class Stats
    # Memory of the children of a stage, of a sample: it takes some tenths of a millisecond to be asked for,
    # so the first, second, fourth, eighth ... child of a stage tell what they have at their end.
    module ChildMemory
      # What Linux tells of a process, in kilobytes.
      SOURCE = "/proc/self/smaps_rollup"

      # @api private
      # @return [Array(Integer, Integer, Integer), nil] bytes of this process: its share of all memory (pages
      #   that n processes have count an n-th), what only it has, what others have as well; nil = the system
      #   does not tell
      def self.read = Native.memory(SOURCE)

      # @api private
      # @param number [Integer] of a child, from 1 on
      # @return [Boolean] is it one that is asked?
      def self.sample?(number) = number.nobits?(number - 1)

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
