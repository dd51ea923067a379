# frozen_string_literal: true

RSpec.describe "interrupting a run" do
  include Runs

  describe "from the thread that called it" do
    include_context "nothing is left"

    # A job whose one stage never ends, and the gate that opens when it has begun.
    def endless(kind)
      begun = gate
      job = job do
        producer(:source) { 100.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          consumer(:work, options) do |_|
            begun.open
            sleep
          end
        end
      end
      [job, begun]
    end

    def endless_producer(kind)
      begun = gate
      job = job do
        Runs.within(self, kind) do |options|
          producer(:source, options) do
            begun.open
            sleep
          end
        end
        consumer(:sink) { |_| nil }
      end
      [job, begun]
    end

    def run_in_thread(job, begun)
      thread = Thread.new { job.run }
      thread.report_on_exception = false
      begun.wait
      thread
    end

    Runs::KINDS.each do |kind|
      %i[endless endless_producer].each do |shape|
        it "by Interrupt is delivered, #{shape} in #{kind} (contract 10.8)" do
          thread = run_in_thread(*public_send(shape, kind))
          thread.raise(Interrupt, "enough")

          expect { thread.join(20) }.to raise_error(Interrupt, "enough")
        end

        it "by Thread#kill ends it, #{shape} in #{kind} (contract 10.8)" do
          thread = run_in_thread(*public_send(shape, kind))
          thread.kill

          expect(thread.join(20)).to be(thread)
        end
      end

      it "by Timeout is delivered in #{kind} (contract 10.8)" do
        # On a busy machine the stage may not have begun in the first time.
        worked = [0.1, 1, 10].any? do |seconds|
          job, begun = endless(kind)
          expect { Timeout.timeout(seconds) { job.run } }.to raise_error(Timeout::Error)
          begun.open?
        end
        expect(worked).to be(true)
      end
    end

    it "by Timeout is delivered while many stages work (contract 10.8)" do
      10.times do
        job = job do
          producer(:source) { loop { emit "x" * 1_000 } }
          processes(2) { processor(:one) { |text| emit text } }
          threads(2) { processor(:two) { |text| emit text } }
          batch 5
          process_per_batch(max: 2) { consumer(:three) { |list| @results << list.size } }
        end

        expect { Timeout.timeout(0.02) { job.run } }.to raise_error(Timeout::Error)
      end
    end

    it "during before_run and after_run hooks is delivered (contract 10.8)" do
      %i[before_run after_run].each do |type|
        begun = gate
        job = job do
          producer(:source) { emit 1 }
          consumer(:sink) { |_| nil }
          public_send(type) do
            begun.open
            sleep
          end
        end
        thread = run_in_thread(job, begun)
        thread.raise(Interrupt)

        expect { thread.join(20) }.to raise_error(Interrupt)
      end
    end

    it "leaves an instance that can run again (contract 10.8)" do
      %i[inline processes process_per_batch].each do |kind|
        stop = true
        begun = gate
        job = job do
          producer(:source) { 4.times { |n| emit n } }
          Runs.within(self, kind) do
            consumer(:work) do |n|
              begun.open
              sleep if stop
              @results << n
            end
          end
        end
        thread = run_in_thread(job, begun)
        thread.raise(Interrupt)
        expect { thread.join(20) }.to raise_error(Interrupt)
        stop = false

        expect(job.run).to eq(4)
        expect(job.results.sort).to eq([0, 1, 2, 3])
      end
    end

    it "leaves a report of what was done (contract 21.4)" do
      job, begun = endless(:threads)
      thread = run_in_thread(job, begun)
      thread.raise(Interrupt)
      expect { thread.join(20) }.to raise_error(Interrupt)

      expect(job.report.stages.fetch(:work)).to include(consumed: be_between(1, 2))
    end

    it "inside of blocks by the user's own Timeout costs the item (contract 10.7)" do
      %i[inline threads processes process_per_batch].each do |kind|
        job = job do
          producer(:source) { 3.times { |n| emit n } }
          Runs.within(self, kind) do
            processor(:work) { |n| n == 1 ? Timeout.timeout(0.01) { sleep } : emit(n) }
          end
          consumer(:sink) { |n| @results << n }
        end
        job.run

        expect(job.results.sort).to eq([0, 2])
        expect(only_failure(job).error).to be_a(Timeout::Error)
      end
    end

    it "does not confuse the count of items when Timeout hits a blocked emit (design 4)" do
      emitted = 0
      job = job do
        producer(:source) do
          loop do
            Timeout.timeout(0.02) { loop { emit(emitted += 1) } }
          rescue Timeout::Error
            break if emitted > 200
          end
        end
        consumer(:sink) do |n|
          sleep 0.05 if n == 1
          @results << n
        end
      end
      job.run

      # The emission that was hit may or may not have been delivered.
      expect(job.results.size).to be_between(emitted - 10, emitted)
      expect(job.report).to be_success
    end

    # What is thrown into a thread is heard when a method or block returns; so the n-th return inside
    # of the library raises, for every n that an emission has.
    def hit_at_return(number)
      seen = 0
      producer = Thread.current
      trace = TracePoint.new(:return, :b_return) do |event|
        next unless Thread.current.equal?(producer) && event.path.include?("/lib/minigun/flow/")

        producer.raise(IOError, "hit") if (seen += 1) == number
      end
      trace.enable { yield }
      false
    rescue IOError
      true
    end

    # Kills the thread of the stage :source at the n-th return inside of the library.
    def killed_at_return(number, &block)
      seen = 0
      killed = false
      parent = Process.pid
      trace = TracePoint.new(:return, :b_return) do |event|
        next unless Thread.current.name == "minigun:source" && event.path.include?("/lib/minigun/")
        next unless Process.pid == parent
        next unless (seen += 1) == number

        killed = true
        Thread.current.kill
      end
      trace.enable(target_thread: nil, &block)
      killed
    end

    it "ends wherever its producer is killed (design 4)" do
      { inline: 150, process_per_batch: 400 }.each do |kind, most|
        step = kind == :inline ? 1 : 5
        killed = 1.step(most, step).take_while do |number|
          job = job do
            Runs.within(self, kind) { producer(:source) { 2.times { |n| emit n } } }
            after_producer { nil }
            consumer(:sink) { |n| @results << n }
          end
          killed_at_return(number) { job.run }.tap { expect(job.results).to eq([0, 1].first(job.results.size)) }
        end

        expect(killed.size).to be_between(80 / step / 2, (most / step) - 1)
      end
    end

    # Kills the producer at the n-th return of a method of Ruby's own, from its thread's first step on.
    # Readers of ours count as such to a TracePoint, but Ruby does not look for interrupts in them.
    def killed_at_step(number)
      caller_of_run = Thread.current
      seen = 0
      killed = false
      trace = TracePoint.new(:c_return) do |event|
        next if Thread.current.equal?(caller_of_run) || !event.path.end_with?("/flow/slot.rb")
        next if event.defined_class.to_s.start_with?("Minigun")
        next unless (seen += 1) == number

        killed = true
        Thread.current.kill
      end
      trace.enable(target_thread: nil) { Timeout.timeout(10) { yield } }
      killed
    end

    it "ends wherever its producer is killed on its first steps (design 4)" do
      killed = (1..20).take_while do |number|
        job = job { producer(:source) { emit 1 } }
        killed_at_step(number) { job.perform }
      end

      expect(killed.size).to be_between(5, 19)
    end

    def handlers
      %w[INT TERM QUIT].map do |name|
        Signal.trap(name, "IGNORE").tap { |handler| Signal.trap(name, handler) }
      end
    end

    def raise_at_return(number, &block)
      seen = 0
      caller_of_run = Thread.current
      parent = Process.pid
      trace = TracePoint.new(:return, :b_return) do |event|
        next unless Thread.current.equal?(caller_of_run) && event.path.include?("/lib/minigun/")

        caller_of_run.raise(IOError, "hit") if Process.pid == parent && (seen += 1) == number
      end
      trace.enable(target_thread: nil, &block)
      false
    rescue IOError
      true
    end

    it "ends, and leaves nothing behind, wherever its caller is interrupted (contract 10.8)" do
      job = job do
        producer(:source) { 4.times { |n| emit n } }
        processes(1) { processor(:one) { |n| emit n } }
        batch 2
        process_per_batch(max: 1) { consumer(:two) { |list| @results << list } }
      end
      before = handlers
      children = children_of(Process.pid)
      step = 47
      interrupted = (1 + rand(step)).step(by: step).take_while do |number|
        raise_at_return(number) { job.run }.tap do
          expect(handlers).to eq(before)
          eventually(5, "children are left") { (children_of(Process.pid) - children).empty? }
        end
      end

      expect(interrupted.size).to be >= 10
    end

    it "keeps count of the items wherever an emit is hit (design 4)" do
      spec = self
      interrupted = (1..60).take_while do |number|
        hit = nil
        job = job do
          producer :source, to: %i[one two] do
            hit = spec.hit_at_return(number) { 3.times { emit 1 } }
          end
          consumer(:one) { |n| @results << n }
          threads(2) { consumer(:two) { |n| @results << n } }
        end
        job.run

        expect(job.results.size).to be <= 6
        hit
      end

      expect(interrupted.size).to be_between(10, 59)
    end
  end

  describe "by a signal" do
    # @param name [String] a file of spec/scripts
    def script(name, *arguments)
      run_script(File.expand_path("../scripts/#{name}.rb", __dir__), *arguments.map(&:to_s), deadline: 30)
    end

    # The last line that the script printed, as plain data.
    def outcome(result)
      JSON.parse(result.stdout.lines.last || "{}", symbolize_names: true)
    end

    { "INT" => 2, "TERM" => 15, "QUIT" => 3 }.each do |name, number|
      it "#{name} stops the producers, finishes the rest and kills by that signal (design 4)" do
        result = script(:signal_once, name, "inline")

        expect(result.timed_out).to be(false)
        expect(result.status.termsig).to eq(number)
        expect(outcome(result)).to include(lost: 0, children: 0)
        expect(outcome(result)[:consumed]).to be >= 20
      end
    end

    Runs::SORTS.each do |kind|
      it "TERM finishes what is in flight in #{kind} (design 4)" do
        result = script(:signal_once, "TERM", kind)

        expect(result.timed_out).to be(false)
        expect(result.status.termsig).to eq(15)
        expect(outcome(result)).to include(lost: 0, children: 0)
      end

      it "TERM stops a producer in #{kind} (design 4)" do
        result = script(:signal_producer, "TERM", kind)

        expect(result.timed_out).to be(false)
        expect(result.status.termsig).to eq(15)
        expect(outcome(result)).to include(after_run: true, children: 0)
      end

      it "a second TERM ends a block that does not end in #{kind} (design 4)" do
        result = script(:signal_twice, "TERM", kind)

        expect(result.timed_out).to be(false)
        expect(result.status.termsig).to eq(15)
        expect(outcome(result)).to include(left: 0, raised: "SignalException")
      end
    end

    it "during before_run stops the producers before they begin (design 4)" do
      result = script(:signal_in_before_run)

      expect(result.timed_out).to be(false)
      expect(result.status.termsig).to eq(15)
    end

    it "is survived by a handler that was there before, and that is called (contract 13)" do
      result = script(:signal_handler)

      expect(result).to be_success
      expect(outcome(result)).to eq(handled: %w[TERM TERM], restored: true, complete: true)
    end

    it "at any moment of a run leaves neither a child nor a hang (design 4)" do
      result = script(:signal_at_random, 12)

      expect(result.timed_out).to be(false)
      expect(outcome(result)).to eq(hung: 0, left: 0, ended: 12)
    end

    it "in the last moment of a run is not swallowed (design 4)" do
      result = script(:signal_at_end)

      expect(result.timed_out).to be(false)
      expect(outcome(result)).to eq(signals: [15])
    end

    it "to the whole process group, as a terminal sends it, does the same (reliability I9)" do
      result = script(:signal_group)

      expect(result.timed_out).to be(false)
      expect(result.status.termsig).to eq(2)
      expect(outcome(result)).to include(lost: 0, children: 0)
    end
  end

  describe "state of the process" do
    include_context "nothing is left"

    def handler_of(name)
      Signal.trap(name, "SYSTEM_DEFAULT").tap { |handler| Signal.trap(name, handler) }
    end

    it "keeps the previous signal handlers, also when run raises (contract 13)" do
      before = %w[INT TERM QUIT HUP CHLD USR1].to_h { |name| [name, handler_of(name)] }
      quiet = job do
        producer(:source) { emit 1 }
        processes(1) { consumer(:sink) { |_| nil } }
      end
      loud = job { producer(:source) { raise NotImplementedError } }
      quiet.run
      expect { loud.run }.to raise_error(NotImplementedError)

      expect(before.keys.to_h { |name| [name, handler_of(name)] }).to eq(before)
    end

    it "keeps $? (contract 19.11)" do
      `exit 3`
      job = job do
        producer(:source) { 3.times { |n| emit n } }
        process_per_batch(max: 2) { consumer(:sink) { |_| nil } }
      end
      job.run

      expect($?.exitstatus).to eq(3)
    end

    it "keeps working directory, umask, random sequence and encodings (reliability P20)" do
      state = -> { [Dir.pwd, File.umask, Encoding.default_external, Encoding.default_internal, $stdout.sync] }
      before = state.call
      srand(7)
      expected = Array.new(3) { rand(1_000) }
      srand(7)
      job = job do
        producer(:source) { 3.times { |n| emit n } }
        processes(2) do
          processor(:wild) do |n|
            Dir.chdir("/")
            File.umask(0)
            srand(1)
            emit n
          end
        end
        consumer(:sink) { |_| nil }
      end
      job.run

      expect(Array.new(3) { rand(1_000) }).to eq(expected)
      expect(state.call).to eq(before)
    end

    it "lets the user wait for children of his own while a run forks (reliability P15)" do
      result = run_script(File.expand_path("../scripts/foreign_waiters.rb", __dir__), deadline: 30)

      expect(result.stderr).to eq("")
      expect(JSON.parse(result.stdout)).to eq("statuses" => [7] * 20, "results" => 120, "failed" => 0)
    end

    it "lets blocks run programs and see their status in every context (contract 10.4)" do
      Runs::KINDS.each do |kind|
        job = job do
          producer(:source) { 2.times { |n| emit n } }
          Runs.within(self, kind) do |options|
            processor(:shell, options) { |n| emit [`echo #{n}`.to_i, system("exit #{n}"), $?.exitstatus] }
          end
          consumer(:sink) { |item| @results << item }
        end
        job.run

        expect(job.results.sort_by(&:first)).to eq([[0, true, 0], [1, false, 1]])
      end
    end

    it "allows a run in a thread of its own, and in a forked child (contract 10.8)" do
      klass = class_of_jobs do
        producer(:source) { 6.times { |n| emit n } }
        processes(2) { processor(:work) { |n| emit n * 2 } }
        consumer(:sink) { |n| @results << n }
      end
      in_thread = Thread.new { klass.new.tap(&:run).results.sum }.value
      reader, writer = IO.pipe
      pid = fork do
        writer.write(klass.new.tap(&:run).results.sum.to_s)
        exit!(0)
      end
      writer.close

      expect(in_thread).to eq(30)
      expect(reader.read).to eq("30")
      expect(Process.wait2(pid).last).to be_success
    ensure
      reader&.close
    end
  end
end
