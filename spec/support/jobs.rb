# frozen_string_literal: true

# Classes with pipelines, written inside an example.
module Jobs
  # @param variables [Hash{Symbol => Object}] instance variables of each new instance (copies of
  #   these values), with readers
  # @yield the body of the class
  # @return [Class]
  def job_class(variables = {}, &body)
    Class.new do
      include Minigun::DSL

      attr_reader(*variables.keys)

      define_method(:initialize) do
        variables.each { |name, value| instance_variable_set(:"@#{name}", value.dup) }
      end
      class_exec(&body) if body
    end
  end

  # @return [Object] an instance of {#job_class} that has run
  def run_job(variables = {}, &body)
    job_class(variables, &body).new.tap(&:run)
  end

  # An object with instance variables, and nothing else.
  def holder(variables)
    variables.each_with_object(Object.new) do |(name, value), object|
      object.instance_variable_set(:"@#{name}", value)
    end
  end

  # The same block once in each context that forks; yields words of the DSL to put around a stage.
  #
  # @example
  #   in_children.each { |context| run_job { pipeline { instance_exec(stages, &context) } } }
  def self.forking
    {
      "process_per_batch" => ->(dsl, &stages) { dsl.process_per_batch(max: 2, &stages) },
      "processes" => ->(dsl, &stages) { dsl.processes(2, &stages) }
    }
  end
end

RSpec.configure { |config| config.include Jobs }
