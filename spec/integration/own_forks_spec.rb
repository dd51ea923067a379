# frozen_string_literal: true

# Processes that blocks fork themselves hold a copy of the run: it must not disturb the run.
RSpec.describe "processes that a block forks itself" do
  include Runs

  include_context "nothing is left"

  # A job whose blocks do something with each item in the given context, and then emit it.
  def job_with(kind, &action)
    job do
      producer(:source) { 6.times { |n| emit n } }
      Runs.within(self, kind) do |options|
        processor(:work, options) { |n| emit [n, instance_exec(n, &action)] }
      end
      consumer(:sink) { |item| @results << item }
    end
  end

  Runs::KINDS.each do |kind|
    it "cannot emit from #{kind}, and are told so (contract 10.2)" do
      job = job_with(kind) do |n|
        reader, writer = IO.pipe
        pid = fork do
          n.even? ? emit(:stray) : emit_to_stage(:sink, :stray)
        rescue Minigun::Error => e
          writer.write(e.class)
          exit!(0)
        end
        writer.close
        Process.wait(pid)
        reader.read
      end
      job.run

      expect(job.results).to match_array((0..5).map { |n| [n, "Minigun::Error"] })
    end

    it "may leave from the middle of a block in #{kind} (contract 10.1)" do
      job = job_with(kind) do |_|
        pid = fork
        exit!(3) unless pid
        Process.wait2(pid).last.exitstatus
      end
      job.run

      expect(job.results).to match_array((0..5).map { |n| [n, 3] })
      expect(job.report).to be_success
    end

    it "end where they come back from a block in #{kind}, and work on nothing (contract 10.1)" do
      worked = counters
      # What such a process says goes nowhere.
      job = job_with(kind) do |_|
        worked.add(0, 1)
        pid = fork
        unless pid
          [$stdout, $stderr].each { |io| io.reopen(File::NULL) }
          next :came_back
        end
        Process.wait(pid)
        :parent
      end
      job.run

      expect(job.results).to match_array((0..5).map { |n| [n, :parent] })
      expect(worked.get(0)).to eq(6)
      expect(job.report).to be_success
    end
  end

  it "may leave by exit, which runs at_exit blocks as ever, and nothing is lost (contract 10.1)" do
    # A child that leaves this way costs a tenth of a second.
    result = run_script(<<~RUBY)
      require "minigun"
      Minigun.logger = Logger.new(File::NULL)
      class Job
        include Minigun::DSL
        attr_reader :rows
        def initialize = @rows = []
        pipeline do
          producer(:source) { 8.times { |n| emit n } }
          processor :work do |n|
            pid = fork
            exit unless pid
            Process.wait(pid)
            emit n
          end
          consumer(:sink) { |n| @rows << n }
        end
      end
      job = Job.new
      p job.run, job.rows == (0..7).to_a
    RUBY
    expect([result.timed_out, result.stdout]).to eq([false, "8\ntrue\n"]), result.stderr
  end

  %w[inline threads processes].each do |kind|
    it "take signals as their own, not as the run's, in #{kind} (contract 13)" do
      result = run_script(<<~RUBY, kind, deadline: 20)
        require #{File.expand_path("../scripts/common", __dir__).inspect}
        Signal.trap("QUIT") { exit!(9) }
        class Job
          include Minigun::DSL
          attr_reader :rows
          def initialize = @rows = []
          pipeline do
            producer(:source) { 50.times { |n| emit n } }
            within(self, ARGV.first) do |options|
              processor :work, options do |n|
                next emit(n) unless n < 3
                reader, writer = IO.pipe
                pid = fork do
                  writer.write("r")
                  writer.close
                  sleep
                end
                writer.close
                reader.read
                Process.kill(%w[TERM INT QUIT][n], pid)
                status = Process.wait2(pid).last
                emit [n, status.termsig, status.exitstatus]
              end
            end
            consumer(:sink) { |row| @rows << row }
          end
        end
        job = Job.new
        job.run
        tell statuses: job.rows.grep(Array).sort, others: job.rows.grep(Integer).sort == (3..49).to_a
      RUBY
      outcome = JSON.parse(result.stdout.lines.last || "{}", symbolize_names: true)
      # A child of the library has the default effects where the program has traps.
      last = kind == "processes" ? [2, 3, nil] : [2, nil, 9]
      expect(outcome).to eq(statuses: [[0, 15, nil], [1, 2, nil], last], others: true), result.stderr
    end
  end

  it "cannot emit from a context that a block executes (contract 10.2, 11)" do
    job = job do
      producer(:source) { emit 1 }
      processor :work do |_|
        own = self
        Minigun::Execution.create_context(:thread, "t").execute { own.emit :from_a_thread }.join
        Minigun::Execution.create_context(:fork, "f").execute { own.emit :stray }.join
      end
      consumer(:sink) { |item| @results << item }
    end
    job.run

    expect(job.results).to eq([:from_a_thread])
    expect(only_failure(job).error).to be_a(Minigun::Error).and have_attributes(message: /forked itself/)
  end

  it "may outlive the run, which does not wait for them (contract 13)" do
    result = run_script(<<~RUBY, deadline: 20)
      require "minigun"
      Minigun.logger.level = Logger::WARN
      class Starter
        include Minigun::DSL
        pipeline do
          producer(:source) { emit 1 }
          threads(2) { consumer(:start) { |_| $pid = fork { sleep } } }
        end
      end
      Starter.new.run
      puts Process.kill(:KILL, $pid), Process.wait2($pid).last.termsig
    RUBY
    expect(result.stdout).to eq("1\n9\n"), result.stderr
  end
end
