# frozen_string_literal: true

# A pool of processes has short ways in C for what is plain, on either side of the wire. What a stage has
# to be for them shall not show in what it does.
RSpec.describe "the ways of an item through a pool of processes" do
  include Runs

  include_context "nothing is left"

  # What makes a stage take the long ways: with a deadline, or a rate, each item has its child for itself;
  # with a hook around the block the child goes its long way.
  let(:detours) do
    { "a deadline" => [{ timeout: 60 }, false], "a rate" => [{ rate: 100_000 }, false], "a hook" => [{}, true],
      "a deadline and a hook" => [{ timeout: 60 }, true] }
  end

  # Items that are no numbers.
  let!(:odd) { [nil, false, "", "a".b, "ü", 2**80, 1.5, :a, [], [[nil]], { a: { 1 => nil } }, 1..3, -> {}] }

  # Blocks, by what they do. Items are 0...120.
  blocks = {
    "emits once" => ->(n) { emit n + 1 },
    "emits nothing" => ->(_n) {},
    "emits several times" => ->(n) { (n % 4).times { |k| emit [n, k] } },
    "emits nil and false" => ->(n) { [nil, false][n % 2].then { |item| emit item } },
    "emits to a stage" => ->(n) { emit_to_stage(:sink, n) },
    "emits to a stage that there is not" => ->(n) { emit_to_stage(:nowhere, n) && emit(n) },
    "emits by its scope" => ->(n) { Minigun.current.emit([n, Minigun.current.stage_name, attempt]) },
    "emits from a thread" => ->(n) { Thread.new { emit n }.join },
    "emits Strings of all sorts" => lambda { |n|
      text = "no. #{n}"
      emit [text, text.b, text.encode("UTF-16LE"), text.freeze][n % 4]
    },
    "emits something large" => ->(n) { emit(n % 40 == 7 ? "x" * 3_000_000 : { n => [n.to_s] }) },
    "emits what cannot travel" => ->(n) { emit(n % 30 == 5 ? -> { n } : n) },
    "appends to an Array" => ->(n) { @results << n },
    "appends to an Array, and kills the process" => lambda { |n|
      @results << n
      Process.kill(:KILL, Process.pid) && sleep if n == 90
    },
    "counts in a Hash" => ->(n) { @counts[n % 7] += 1 },
    "changes what a Hash holds" => ->(n) { @held[:list] << n },
    "counts under a key that is there" => ->(n) { @held[:number] += n },
    "adds to a Set" => ->(n) { @set << (n % 50) },
    "adds now and then" => ->(n) { n % 25 == 3 ? @results << n : emit(n) },
    "raises" => ->(n) { n % 20 == 4 ? raise(ArgumentError, "no #{n}") : emit(n) },
    "raises when it has emitted and added" => lambda { |n|
      emit n
      @results << -n
      raise(IOError, "no") if n % 20 == 4
    },
    "throws" => ->(n) { n == 30 ? throw(:nowhere) : emit(n) },
    "ends its thread" => ->(n) { n == 30 ? Thread.exit : emit(n) },
    "exits" => ->(n) { n == 30 ? exit(3) : emit(n) },
    "ends the process at once" => ->(n) { n == 30 ? exit!(4) : emit(n) },
    "kills the process when it has emitted" => lambda { |n|
      emit n
      Process.kill(:KILL, Process.pid) && sleep if n == 30
    },
    "forks a process that comes back to emit" => lambda { |n|
      pid = n == 30 && fork { emit(n) rescue exit!(9) } # rubocop:disable Style/RescueModifier
      emit(pid ? Process.wait2(pid).last.exitstatus : n)
    }
  }.freeze

  # @param hooked [Boolean] give the stage a hook that does nothing
  def run_through(items, block, options: {}, hooked: false)
    body = proc { |item| instance_exec(item, &block) }
    job = job(counts: Hash.new(0), held: { list: [], number: 1, frozen: [1].freeze }, set: Set[1]) do
      producer(:source) { items.each { |item| emit item } }
      processes(2) do
        processor(:work, **options, &body)
        before(:work) { nil } if hooked
      end
      consumer(:sink) { |item| @results << item }
    end
    job.run
    job
  end

  def stats(job)
    job.report.stages.transform_values { |stage| stage.slice(:accepted, :processed, :failed, :retried, :abandoned) }
  end

  def failures(job)
    job.report.failures.map do |failure|
      [failure.stage, failure.item.gsub(/0x\h+/, ""), failure.count, failure.error.class, failure.delivered,
       failure.error.message.gsub(/\d+ MB|process \d+|pid \d+/, "")]
    end.sort_by(&:inspect)
  end

  def outcome(job)
    [job.results.map(&:inspect).sort, stats(job), failures(job), job.variable(:counts).sort, job.variable(:set).sort,
     job.variable(:held).transform_values { |value| value.is_a?(Array) ? value.sort : value }]
  end

  blocks.each do |what, block|
    it "do the same for a block that #{what}" do
      plain = run_through([*0...120], block)
      work = plain.report.stages[:work]
      others = detours.transform_values do |options, hooked|
        outcome(run_through([*0...120], block, options: options, hooked: hooked))
      end

      expect(others).to eq(detours.transform_values { outcome(plain) })
      expect(work.values_at(:accepted, :abandoned)).to eq([work[:processed] + work[:failed], 0])
    end
  end

  it "take whatever an item is" do
    results = [{}, { timeout: 60 }].map do |options|
      run_through(odd, ->(item) { emit(item.is_a?(Proc) ? :proc : [item]) }, options: options)
    end
    expect(results.map { |job| job.results.map(&:inspect).sort }.uniq)
      .to eq([odd.map { |item| (item.is_a?(Proc) ? :proc : [item]).inspect }.sort])
  end
end
