# frozen_string_literal: true

# Jobs whose children say which session of a database server they have.
module SessionJobs
  # The forms of forked work.
  FORMS = {
    "process_per_batch" => proc { process_per_batch(max: 3) { consumer(:ask) { |_| ask } } },
    "processes" => proc { processes(2) { consumer(:ask) { |_| ask } } },
    "a pipeline inside" => proc { pipeline(:inner) { processes(2) { consumer(:ask) { |_| ask } } } },
    "threads of children" => proc do
      batch 2
      process_per_batch(max: 2, threads: 2) { consumer(:ask) { |_| ask } }
    end
  }.freeze
  ITEMS = 6

  # @param reconnect [Array(Array<Symbol>, Hash)] arguments of `reconnect`
  # @param form [String] one of {FORMS}
  # @yield what a session is, self being the job
  # @return [Class] of jobs that are given their instance variables
  def self.build(reconnect, form, &session)
    names, places = reconnect
    Class.new do
      include Minigun::DSL

      attr_reader :sessions

      def initialize(**variables)
        @sessions = []
        @turn = Mutex.new
        variables.each { |name, value| instance_variable_set("@#{name}", value) }
      end

      define_method(:session, &session)
      def ask = @sessions << [Process.pid, @turn.synchronize { session }]

      reconnect(*names, **places)
      pipeline do
        producer(:numbers) { ITEMS.times { |number| emit(number) } }
        instance_exec(&FORMS.fetch(form))
      end
    end
  end

  # @param job [Object]
  # @param parent [Object] the session of the parent
  # @return [Array<String>] what is wrong with the sessions of a job that has run
  def self.faults(job, parent)
    pairs = job.sessions.uniq
    children, sessions = pairs.transpose
    { "#{job.sessions.size} answers: #{job.report.failures.map(&:error)}" => job.sessions.size != ITEMS,
      "a child has several sessions: #{pairs}" => children.uniq.size < pairs.size,
      "children share sessions: #{pairs}" => sessions.uniq.size < pairs.size,
      "a child has the session of its parent: #{pairs}" => sessions.include?(parent),
      "the parent asked itself" => children.include?(Process.pid) }.select { |_, wrong| wrong }.keys
  end
end
