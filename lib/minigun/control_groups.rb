# frozen_string_literal: true

module Minigun
  # Where the kernel keeps what it limits and counts for the control group of this process.
  #
  # @api private
  module ControlGroups
    MEMBERSHIP = "/proc/self/cgroup"
    ROOT = "/sys/fs/cgroup"

    class << self
      # The group's directories for one controller, those of its ancestors after it: in the unified
      # hierarchy, and in the one that the controller has for itself.
      #
      # @param controller [String] such as "memory"
      # @param membership [String] what the kernel says of the process
      # @return [Array<String>] not all of them need exist
      def directories(controller, membership = own)
        unified = membership[/^0::(.*)$/, 1]
        single = membership[/^\d+:(?:[^:]*,)?#{controller}(?:,[^:]*)?:(.*)$/, 1]
        [*(unified && upwards(ROOT, unified)), *(single && upwards(File.join(ROOT, controller), single))]
      end

      private

      def own
        File.read(MEMBERSHIP)
      rescue SystemCallError
        ""
      end

      def upwards(root, path)
        parts = path.split("/").reject(&:empty?)
        parts.size.downto(0).map { |count| File.join(root, *parts.first(count)) }
      end
    end
  end
end
