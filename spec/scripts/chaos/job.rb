# frozen_string_literal: true

require_relative "shape"

# A class whose pipeline has a given shape. Every execution leaves a line "stage path attempt from id"
# in a file that is only ever appended to, before anything else happens; `from` is the attempt that
# emitted the item.
module ChaosJob
  # @param log [IO] open for appending: a thread that is ended while it opens a file leaves it open
  def self.of(shape, log)
    Class.new do
      include Minigun::DSL
      include ChaosJob

      define_method(:shape) { shape }
      define_method(:log) { log }
      pipeline { ChaosJob.define(self, shape) }
    end.new
  end

  def self.define(dsl, shape)
    place(dsl, shape.source, :source_pool) { |options| producer(:source, options) { produce } }
    outer, inner = shape.steps.partition.with_index { |_, i| shape.nested_from.nil? || i < shape.nested_from }
    define_steps(dsl, outer)
    dsl.pipeline(:inner) { ChaosJob.define_steps(self, inner) } if inner.any?
    place(dsl, shape.sink, :sink_pool) do |options|
      consumer(:sink, options) { |item| consume(item) }
    end
  end

  def self.define_steps(dsl, steps)
    steps.each do |step|
      place(dsl, step, :"#{step.name}_pool") do |options, context|
        if step.does == :pack
          next accumulator(step.name, options.merge(max_size: step.size)) do |list|
            work(step, list)
          end
        end

        accumulator(:"#{step.name}_list", context.merge(max_size: step.size)) if step.does == :batch
        processor(step.name, options) { |item| work(step, ChaosJob.list(step, item)) }
      end
    end
  end

  # A list that was taken apart may come as the one item that is left of it.
  def self.list(step, item) = step.does == :batch && item.first.is_a?(Array) ? item : [item]

  def self.place(dsl, step, pool, &body)
    context = step.kind == :named ? { execution_context: pool } : {}
    options = context.merge(step.options)
    dsl.execution_context(pool, :processes, step.width) if step.kind == :named
    case step.kind
    when :inline, :named then dsl.instance_exec(options, context, &body)
    when /_per_batch\z/ then dsl.public_send(step.kind, max: step.width) { instance_exec(options, context, &body) }
    else dsl.public_send(step.kind, step.width) { instance_exec(options, context, &body) }
    end
  end

  attr_reader :seen

  def initialize
    @seen = []
  end

  def produce
    shape.items.times do |n|
      note(:maybe, n, 0)
      emit [n.to_s, "", attempt]
      note(:sure, n, 0)
    end
  end

  # All of a list are recorded before one of them meets its fate.
  def work(step, items)
    now = attempt
    %i[record meet pass_on].each do |act|
      items.each { |path, _, from| send(act, step, path, act == :record ? from : now) }
    end
  end

  def consume((path, _, from))
    record(shape.sink, path, from)
    sleep(shape.delay(path))
  end

  private

  def record(step, path, from)
    @seen << note(step.name, path, from)
  end

  def note(stage, path, from)
    line = "#{stage} #{path} #{attempt} #{from} #{Process.pid}.#{Process.clock_gettime(Process::CLOCK_MONOTONIC,
                                                                                       :nanosecond)}"
    log.syswrite("#{line}\n")
    line
  end

  # Half of what an item emits is out when it meets its fate, if it has two.
  def pass_on(step, path, attempt)
    shape.children(step, path).each do |child|
      item = [child, shape.blob(step, path, attempt), attempt]
      shape.jumps?(step, child) ? emit_to_stage(:sink, item) : emit(item)
    end
    leave(step, :kill) if shape.fate(step, path, attempt) == :kill
  end

  def meet(step, path, attempt)
    fate = shape.fate(step, path, attempt)
    case fate
    when :argument then raise ArgumentError, "on purpose"
    when :eof then raise EOFError, "on purpose"
    when :exit, :abort, :thread_exit then leave(step, fate)
    when :doze then sleep(shape.delay(path) * 3)
    when :hang then hang(step, path)
    end
  end

  # Until the time is up.
  def hang(step, path)
    case step.forked? ? shape.way(step, path, 4) : 0
    when 0 then sleep
    when 1 then loop { nil }
    when 2 then signal_self(:STOP)
    when 3
      trap(:TERM, "IGNORE")
      sleep
    end
  end

  # What would be the end of the whole program is a mere error outside of a child.
  def leave(step, fate)
    raise "#{fate} in the parent" unless step.forked?

    case fate
    when :exit then exit!(7)
    when :thread_exit then Thread.exit
    when :abort then signal_self(:ABRT)
    when :kill then signal_self(:KILL)
    end
  end

  def signal_self(name) = Process.kill(name, Process.pid) && sleep
end
