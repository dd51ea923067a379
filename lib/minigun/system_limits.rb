# frozen_string_literal: true

require_relative "control_groups"

module Minigun
  # Which limit an error number of the system stands for, and what it is set to.
  #
  # @api private
  module SystemLimits
    # What is limited, by the error that tells it.
    RESOURCES = {
      Errno::EMFILE::Errno => { NOFILE: "open files of a process" },
      Errno::EAGAIN::Errno => { NPROC: "processes and threads of a user" },
      Errno::ENOMEM::Errno => { AS: "bytes of address space", DATA: "bytes of data" }
    }.freeze
    # Where else to look when no limit of the process is set.
    ELSEWHERE = {
      Errno::EAGAIN::Errno => "limit of processes: RLIMIT_NPROC, pids.max, kernel.threads-max, kernel.pid_max",
      Errno::ENOMEM::Errno => "limit of memory: vm.overcommit_memory, vm.max_map_count",
      Errno::ENFILE::Errno => "limit of open files in the system: fs.file-max"
    }.freeze
    private_constant :RESOURCES, :ELSEWHERE

    class << self
      # @param error [Integer] number of an Errno
      # @return [String] in parentheses after a space; empty when nothing is known
      def explain(error)
        texts = RESOURCES.fetch(error, {}).filter_map { |name, what| resource(name, what) }
        texts << control_group if error == Errno::EAGAIN::Errno
        texts = [ELSEWHERE[error]] if texts.compact.empty?
        texts.compact.empty? ? "" : " (#{texts.compact.join(", ")})"
      end

      # Names the limit in what the block raises when the system refuses something.
      def named
        yield
      rescue ThreadError => e
        raise ThreadError, "#{e.message}#{explain(Errno::EAGAIN::Errno)}"
      rescue SystemCallError => e
        limits = explain(e.errno)
        raise if limits.empty?

        raise e.class, limits.strip
      end

      private

      def resource(name, what)
        limit, = Process.getrlimit(name)
        "RLIMIT_#{name}: #{limit} #{what}" unless limit == Process::RLIM_INFINITY
      end

      # The narrowest of the groups around this process.
      def control_group
        limit, used = ControlGroups.directories("pids").filter_map { |directory| pids(directory) }
                                   .min_by { |most, now| most - now }
        limit && "pids.max: #{limit} processes and threads of the control group, #{used} there"
      end

      # @return [Array(Integer, Integer), nil] nil = no limit
      def pids(directory)
        limit = Integer(File.read(File.join(directory, "pids.max")), exception: false)
        limit && [limit, Integer(File.read(File.join(directory, "pids.current")))]
      rescue SystemCallError
        nil
      end
    end
  end
end
