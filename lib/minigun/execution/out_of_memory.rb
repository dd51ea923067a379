# frozen_string_literal: true

require_relative "../control_groups"

module Minigun
  module Execution
    # What the kernel says of the processes that it killed for want of memory. A child's status knows
    # only that a KILL came.
    #
    # @api private
    module OutOfMemory
      # The counter of all processes; that of the own control group is closer to the point.
      SYSTEM = "/proc/vmstat"
      # Their names in the unified hierarchy and in the one that memory has for itself.
      COUNTERS = %w[memory.events memory.oom_control].freeze
      private_constant :COUNTERS

      class << self
        # @param files [Array<String>] where to look; the first that has the counter is taken
        # @return [Integer, nil] processes killed so far; nil where nothing tells
        def kills(files = nil)
          # Ruby forgets the descriptor when its thread is ended just as the file was opened.
          Thread.handle_interrupt(Object => :never) { files ? first(files)&.last : own_count }
        end

        private

        # A process that has found its file looks no further, as long as that is there.
        def own_count
          path, count = first([*@path]) || first([*group_files, SYSTEM])
          @path = path
          count
        end

        # @return [Array(String, Integer), nil]
        def first(files)
          files.each do |path|
            count = File.read(path)[/^oom_kill (\d+)/, 1] if File.file?(path)
            return [path, count.to_i] if count
          rescue SystemCallError
            next
          end
          nil
        end

        def group_files
          ControlGroups.directories("memory").product(COUNTERS).map { |path| File.join(*path) }
        end
      end
    end
  end
end
