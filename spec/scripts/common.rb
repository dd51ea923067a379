# frozen_string_literal: true

require "minigun"
require_relative "base_set"

# What the scripts share. One scenario each; the last line on stdout tells its outcome as JSON.

Minigun.logger = Logger.new(File::NULL)

def within(dsl, kind, &body)
  case kind
  when "inline" then dsl.instance_exec({}, &body)
  when /\Anamed_/
    dsl.execution_context(:pool, kind.delete_prefix("named_").to_sym, 2)
    dsl.instance_exec({ execution_context: :pool }, &body)
  when /_per_batch\z/ then dsl.public_send(kind, max: 2) { instance_exec({}, &body) }
  else dsl.public_send(kind, 2) { instance_exec({}, &body) }
  end
end

def children = BaseSet.children

# @return [Integer] kilobytes of this process that are in huge pages
def in_huge_pages = Integer(File.read("/proc/self/smaps_rollup")[/^AnonHugePages: +(\d+)/, 1])

# @return [String] "1" or "0": may this process have huge pages at all?
def huge_pages_switch = File.read("/proc/self/status")[/^THP_enabled:\s+(\d)/, 1]

def tell(**outcome)
  $stdout.puts outcome.to_json
  $stdout.flush
end

# @param seconds [Array<Float>]
# @param limit [Float] seconds that are promised
# @return [String] how they are distributed
def distribution(name, seconds, limit)
  sorted = seconds.sort
  median, most, all = [0.5, 0.95, 1].map { |share| (sorted[((sorted.size - 1) * share).round] * 1000).round(1) }
  late = seconds.count { |one| one > limit }
  "#{name.ljust(30)} #{seconds.size}: median #{median} ms, 95 % #{most}, max #{all}; " \
    "above #{(limit * 1000).round} ms: #{late}"
end
