# frozen_string_literal: true

require_relative "shape"

# A class whose pipeline has a given shape. Every execution leaves a line "stage path" in a file that
# is only ever appended to, before anything else happens.
module ChaosJob
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
    count = shape.items
    dsl.producer(:source) { count.times { |n| emit [n.to_s, ""] } }
    outer, inner = shape.steps.partition.with_index { |_, i| shape.nested_from.nil? || i < shape.nested_from }
    define_steps(dsl, outer)
    dsl.pipeline(:inner) { ChaosJob.define_steps(self, inner) } if inner.any?
    place(dsl, shape.sink_kind, 2, :sink_pool) do |options|
      consumer(:sink, options) { |item| sink(*item) }
    end
  end

  def self.define_steps(dsl, steps)
    steps.each do |step|
      place(dsl, step.kind, step.width, :"#{step.name}_pool") do |options|
        accumulator(:"#{step.name}_list", options.merge(max_size: 3)) if step.does == :batch
        processor(step.name, options) { |item| step.does == :batch ? work_list(step, item) : work(step, [item]) }
      end
    end
  end

  def self.place(dsl, kind, width, pool, &body)
    case kind
    when :inline then dsl.instance_exec({}, &body)
    when :named
      dsl.execution_context(pool, :processes, width)
      dsl.instance_exec({ execution_context: pool }, &body)
    when /_per_batch\z/ then dsl.public_send(kind, max: width) { instance_exec({}, &body) }
    else dsl.public_send(kind, width) { instance_exec({}, &body) }
    end
  end

  attr_reader :seen

  def initialize
    @seen = []
  end

  def work_list(step, list) = work(step, list)

  def work(step, items)
    paths = items.map(&:first)
    %i[record meet pass_on].each { |act| paths.each { |path| send(act, step, path) } }
  end

  def sink(path, _blob)
    record(nil, path)
    sleep(shape.delay(path))
  end

  private

  def record(step, path)
    line = "#{step&.name || :sink} #{path}"
    File.open(log, File::WRONLY | File::APPEND) { |file| file.syswrite("#{line}\n") }
    @seen << line
  end

  # Half of what an item emits is out when it meets its fate, if it has two.
  def pass_on(step, path)
    shape.children(step, path).each do |child|
      item = [child, shape.blob(step, path)]
      shape.jumps?(step, child) ? emit_to_stage(:sink, item) : emit(item)
    end
    leave(step, :kill) if shape.fate(step, path) == :kill
  end

  def meet(step, path)
    fate = shape.fate(step, path)
    case fate
    when :raise then raise ArgumentError, "on purpose"
    when :exit, :abort, :thread_exit then leave(step, fate)
    when :doze then sleep(shape.delay(path) * 3)
    end
  end

  # What would be the end of the whole program is a mere error outside of a child.
  def leave(step, fate)
    raise "#{fate} in the parent" unless shape.forked?(step)

    case fate
    when :exit then exit!(7)
    when :thread_exit then Thread.exit
    when :abort then signal_self(:ABRT)
    when :kill then signal_self(:KILL)
    end
  end

  def signal_self(name) = Process.kill(name, Process.pid) && sleep
end
