# frozen_string_literal: true

# The signatures of sig/, held against the code. Needs "rbs" and "rbs/test".
class Signatures
  DIRECTORY = File.expand_path("../../sig", __dir__)

  # Public to Ruby, private to the library: they have no signature. A leading dot is for methods of
  # the module itself.
  INTERNAL = {
    Minigun => %w[.monotonic_time],
    Minigun::DSL => %w[.included],
    Minigun::DSL::ClassMethods => %w[_minigun_definition included inherited],
    Minigun::Emission => %w[.attach],
    Minigun::Native => %w[.root_fiber?],
    Minigun::PipelineDSL => %w[.user_defined? initialize],
    Minigun::Runner => %w[signal],
    Minigun::Scope => %w[.collect .current .one_value enter initialize prepare],
    Minigun::SharedCollection => %w[.check .label],
    Minigun::SharedCounter => %w[.check .label],
    Minigun::SharedHandle => %w[.included],
    Minigun::SharedMutex => %w[.check .label],
    Minigun::SharedSemaphore => %w[.check .label]
  }.freeze

  # What every Struct has.
  STRUCT = Struct.new(:any).singleton_methods(false)

  # @return [Array<Module>] what users may use: all of these need signatures
  def self.public_modules
    errors = Minigun.constants.map { |name| Minigun.const_get(name) }.grep(Class).select { |one| one <= Minigun::Error }
    native = Minigun::Native.constants.map { |name| Minigun::Native.const_get(name) }
    CompatibilityTables::CLASSES + errors + native + [
      Minigun, Minigun::Execution, Minigun::Failure, Minigun::Native, Minigun::Scope, Minigun::SharedHandle,
      Minigun::Stats::Account, Minigun::Stats::ChildMemory, Minigun::Stats::Reservoir, Minigun::Stats::Timed
    ]
  end

  # @return [Signatures] made once: those of Ruby itself have to be read, too
  def self.of_the_gem = @of_the_gem ||= new

  attr_reader :builder

  # @param directory [String] with .rbs files
  def initialize(directory = DIRECTORY)
    loader = RBS::EnvironmentLoader.new
    loader.add(library: "logger", version: nil)
    loader.add(path: Pathname(directory))
    @environment = RBS::Environment.from_loader(loader).resolve_type_names
    @builder = RBS::DefinitionBuilder.new(env: @environment)
    @methods = {}
  end

  # @return [Array<String>] modules with signatures
  def modules
    names = @environment.class_decls.keys.map { |name| name.to_s.delete_prefix("::") }
    names.grep(/\AMinigun(?:::|\z)/)
  end

  # @param owner [Module]
  # @return [Hash{String => RBS::Definition::Method}] signatures of its own public methods; the name of a
  #   method of the module itself has a leading dot
  def methods_of(owner) = @methods[owner] ||= own_methods(owner)

  # @param owner [Module]
  # @return [Array<String>] public methods without a signature
  def left_out(owner) = names_in_code(owner) - methods_of(owner).keys - INTERNAL.fetch(owner, [])

  # @param owner [Module]
  # @return [Array<String>] signatures without a method
  def invented(owner)
    methods_of(owner).keys - names_in_code(owner) - (owner < Struct ? ["initialize"] : [])
  end

  # @param owner [Module]
  # @return [Array<String>] methods that cannot be called as the signature says
  def misfits(owner)
    (methods_of(owner).keys & names_in_code(owner)).filter_map do |name|
      functions = methods_of(owner)[name].method_types.map(&:type)
      problem = SignatureFit.new(in_code(owner, name).parameters, functions).problem
      "#{name} #{problem}" if problem
    end
  end

  # @param owner [Module]
  # @return [Array<Symbol>] constants without a signature, signatures without a constant, and those
  #   that say what is not true
  def wrong_constants(owner)
    signed = @environment.constant_decls.select { |name, _entry| name.namespace == type_name(owner).to_namespace }
                         .to_h { |name, entry| [name.name, entry.decl.type] }
    present = owner.constants(false).reject { |name| owner.const_get(name).is_a?(Module) }
    untrue = (signed.keys & present).reject { |name| type?(owner.const_get(name), signed[name], owner) }
    (signed.keys - present) + (present - signed.keys) + untrue
  end

  # @param owner [Module]
  # @return [Array<String>] it and what it inherits from, as the signatures say, without Object
  def ancestors(owner)
    line = builder.ancestor_builder.instance_ancestors(type_name(owner)).ancestors
    line.map { |ancestor| ancestor.name.to_s.delete_prefix("::") }.take_while { |name| name != "Object" }
  end

  # @return [Boolean] is a value of a type?
  def type?(value, type, owner)
    RBS::Test::TypeCheck.new(self_class: owner, builder: builder, sample_size: 100, unchecked_classes: [])
                        .value(value, type)
  end

  # The texts of all signatures would be the answer otherwise.
  def inspect = "#<#{self.class}>"

  private

  def own_methods(owner)
    type = type_name(owner)
    own = ->(definition) { definition.methods.select { |_name, method| method.defined_in == type } }
    of_itself = own.call(builder.build_singleton(type)).except(:new).transform_keys { |name| ".#{name}" }
    of_itself.merge(own.call(builder.build_instance(type)).transform_keys(&:to_s))
  end

  def type_name(owner) = RBS::TypeName.parse("::#{owner}")

  def names_in_code(owner)
    own = owner.public_instance_methods(false)
    own += [:initialize] if owner.private_method_defined?(:initialize, false)
    of_itself = owner.singleton_methods(false) - (owner.is_a?(Class) && owner < Struct ? STRUCT : [])
    own.map(&:to_s) + of_itself.map { |name| ".#{name}" }
  end

  def in_code(owner, name)
    name.start_with?(".") ? owner.method(name.delete_prefix(".")) : owner.instance_method(name)
  end
end
