# frozen_string_literal: true

RSpec.describe "logging" do
  include Runs

  include_context "nothing is left"

  # A logger as old scripts may have written it: two methods, and nothing else.
  def plain_logger
    Class.new do
      attr_reader :calls

      def initialize = @calls = []
      def info(*arguments) = @calls << [:info, *arguments]
      def error(*arguments) = @calls << [:error, *arguments]
    end.new
  end

  # A job with something to say in every way there is.
  def loud_job
    job(list: [1]) do
      producer(:source) { 2.times { |n| emit n } }
      producer(:broken) { raise "broken" }
      processes(1) do
        processor :work do |n|
          @list.clear
          emit_to_stage :nowhere, n
          raise "no" if n == 1
        end
      end
    end
  end

  it "goes to one Logger on $stdout, level INFO, unless another is given (contract 2)" do
    result = run_script(<<~RUBY)
      require "minigun"
      logger = Minigun.logger
      p logger.class, logger.level == Logger::INFO, logger.equal?(Minigun.logger)
      logger.info("said")
      Minigun.logger = :other
      p Minigun.logger
    RUBY
    expect(result.stdout).to match(/\ALogger\ntrue\ntrue\nI, .*said\n:other\n\z/), result.stderr
  end

  it "calls info and error with one String each, and needs no other method (contract 14)" do
    Minigun.logger = logger = plain_logger
    job = loud_job
    job.run

    expect(logger.calls.map { |_, *arguments| arguments.map(&:class) }.uniq).to eq([[String]])
    errors = logger.calls.filter_map { |level, text| text if level == :error }
    ["unknown stage :nowhere", "item 1 failed: no (RuntimeError)", "producer failed: broken", "@list is not merged"]
      .each { |text| expect(errors.grep(/#{Regexp.escape(text)}/)).not_to be_empty, text }
    expect(job.report.failed).to eq(2)
  end

  it "says which job, pipeline, producer or stage speaks (contract 14)" do
    job = loud_job
    job.run

    expect(log_output).to match(/\[Job:\h{8}\] Starting/)
    expect(log_output).to match(/\[Job:\h{8}\]\[Pipeline:default\] source/)
    expect(log_output).to match(/\[Job:\h{8}\]\[Pipeline:default\]\[Producer:broken\] producer failed/)
    expect(log_output).to match(/\[Job:\h{8}\]\[Pipeline:default\]\[Stage:work\] item 1 failed/)
    job.perform
    expect(log_output).to include(" : [Pipeline:default][Stage:work] item 1 failed")
  end

  it "ends a run in order by a signal although the logger raises then (contract 13)" do
    result = run_script(<<~RUBY)
      require "minigun"
      Minigun.logger = Logger.new(File::NULL)
      def (Minigun.logger).warn(text) = text.include?("SIGTERM") ? raise("disk full") : super
      class Endless
        include Minigun::DSL
        pipeline do
          producer(:source) { loop { emit 1 } }
          consumer(:sink) { |_| Process.kill(:TERM, Process.pid) if (@n = @n.to_i + 1) == 5 }
          after_run { puts "complete" }
        end
      end
      Signal.trap("TERM") { puts "delivered" }
      Endless.new.run
    RUBY
    expect([result.timed_out, result.stdout]).to eq([false, "complete\ndelivered\n"]), result.stderr
  end
end
