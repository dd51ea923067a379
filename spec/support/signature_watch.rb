# frozen_string_literal: true

# Looks at calls while a program runs: are the arguments and the values what the signatures say?
#
# Nothing is wrapped: RBS's own instrumentation puts a block of its own around each block that is given,
# and by its parameters a stage could not be told from a producer any more.
class SignatureWatch
  # @return [Set<String>] methods that were called and looked at, in this process
  attr_reader :seen

  # @param signatures [Signatures]
  # @param owners [Array<Module>]
  def initialize(signatures, owners)
    @signatures = signatures
    @methods = owners.flat_map { |owner| entries(owner) }.to_h
    # Children report as well.
    @wrong = Minigun::SharedArray.new
    @seen = Set.new
  end

  # @return [Array<String>] what was not as the signatures say while the block ran
  def wrong(&block)
    tracer = TracePoint.new(:call, :return, :c_return, :raise) do |event|
      note_unwinding(event.event)
      look(event) unless event.event == :raise
    end
    keep_tracing { tracer.enable(&block) }
    @wrong.to_a.uniq
  end

  private

  # When Ruby 3.1 collects a Ractor that has ended, it forgets what is traced.
  def keep_tracing
    GC.start
    disabled = GC.disable
    yield
  ensure
    GC.enable unless disabled
  end

  def entries(owner)
    @signatures.methods_of(owner).map do |name, method|
      place = name.start_with?(".") ? owner.singleton_class : owner
      [[place, name.delete_prefix(".").to_sym], ["#{owner}#{"#" unless name.start_with?(".")}#{name}", owner, method]]
    end
  end

  # A method that is left by an exception returns nil, says Ruby.
  def note_unwinding(kind)
    Thread.current.thread_variable_set(:signature_unwinding, kind == :raise) if %i[raise call].include?(kind)
  end

  def unwinding?(event)
    event.return_value.nil? && Thread.current.thread_variable_get(:signature_unwinding)
  end

  def look(event)
    label, owner, method = @methods[[event.defined_class, event.callee_id]]
    return if label.nil? || (event.event != :call && unwinding?(event))

    functions = method.method_types.map(&:type)
    fits = event.event == :call ? arguments?(event, functions, owner) : value?(event, functions, owner)
    @seen << label
    @wrong << "#{label} #{event.event}" unless fits
  end

  def value?(event, functions, owner)
    functions.any? { |function| @signatures.type?(event.return_value, function.return_type, owner) }
  end

  def arguments?(event, functions, owner)
    given = event.parameters.filter_map { |kind, name| event.binding.local_variable_get(name) if kind == :req }
    functions.any? do |function|
      types = function.required_positionals.map(&:type)
      given.zip(types).all? { |value, type| @signatures.type?(value, type, owner) }
    end
  end
end
