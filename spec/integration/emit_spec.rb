# frozen_string_literal: true

RSpec.describe "emit and emit_to_stage" do
  include Runs

  include_context "nothing is left"

  def shape(value)
    case value
    when String then [value, value.encoding]
    when Array then value.map { |element| shape(element) }
    when Hash then [value.class, value.default, value.compare_by_identity?, shape(value.to_a)]
    when Float then [value, 1 / value]
    when Exception then [value.class, value.message]
    else [value.class, value]
    end
  end

  Runs::FORKED.each do |kind|
    it "brings values of every kind home unchanged from #{kind} (contract 21.2)" do
      job = job do
        producer(:source) { emit :go }
        Runs.within(self, kind) do |options|
          processor(:make, options) { |_| Runs::AWKWARD.each_value { |value| emit value } }
        end
        consumer(:sink) { |value| @results << value }
      end
      job.run

      expect(job.results.map { |value| shape(value) }).to eq(Runs::AWKWARD.values.map { |value| shape(value) })
    end

    it "brings values of every kind home from a producer in #{kind} (contract 21.2)" do
      job = job do
        Runs.within(self, kind) do |options|
          producer(:source, options) { Runs::AWKWARD.each_value { |value| emit_to_stage :sink, value } }
        end
        consumer(:sink) { |value| @results << value }
      end

      expect(job.run).to eq(Runs::AWKWARD.size)
      expect(job.results.map { |value| shape(value) }).to eq(Runs::AWKWARD.values.map { |value| shape(value) })
    end

    it "hands values of every kind to #{kind} and back (contract 21.2)" do
      job = job do
        producer(:source) { Runs::AWKWARD.each_value { |value| emit value } }
        Runs.within(self, kind, 1) do |options|
          processor(:pass, options) { |value| emit value }
        end
        consumer(:sink) { |value| @results << value }
      end
      job.run

      expect(job.results.map { |value| shape(value) }).to eq(Runs::AWKWARD.values.map { |value| shape(value) })
    end
  end

  %i[inline threads].each do |kind|
    it "passes values of every kind on as they are in #{kind} (contract 10.2)" do
      job = job do
        producer(:source) { Runs::AWKWARD.each_value { |value| emit value } }
        Runs.within(self, kind, 1) { processor(:pass) { |value| emit value } }
        consumer(:sink) { |value| @results << value }
      end
      job.run

      expect(job.results.zip(Runs::AWKWARD.values)).to all(satisfy { |got, sent| got.equal?(sent) || got.eql?(sent) })
    end
  end

  # What has a short way out of a child, and what is just beyond it.
  it "brings Hashes and Arrays of every size, depth and sort home (contract 21.2)" do
    odd = "日本".encode("EUC-JP").to_sym
    by_identity = { "a" => 1, +"b" => 2 }.compare_by_identity
    deep = ->(depth) { depth.times.reduce(1) { |inside, n| n.even? ? [inside] : { n => inside } } }
    shapes = [
      Hash.new(7).merge(a: 1), by_identity, { odd => [odd] }, [odd, :"dynamic#{rand(9)}"],
      { 1.5 => 2**70, nil => -0.0 },
      { [1] => 2 }, { Time.at(0) => 1 }, { "é".encode("UTF-16LE") => "a".b }, Class.new(Hash)[1, 2].to_a,
      *[3, 4, 5, 6, 40].map(&deep), *[31, 254, 255, 256, 257, 1_000].map { |size| Array.new(size) { |n| n } },
      *[31, 63, 64, 65, 85, 86, 127, 128, 129, 1_000].map { |size| Array.new(size) { |n| ["key #{n}", { n: n }] }.to_h }
    ]
    job = job do
      processes(1) { producer(:source) { shapes.each { |value| [emit(value), emit_to_stage(:sink, value)] } } }
      consumer(:sink) { |value| @results << value }
    end
    job.run

    expect(job.results.map { |value| shape(value) })
      .to eq(shapes.flat_map { |value| [shape(Marshal.load(Marshal.dump(value)))] * 2 })
  end

  it "loses no more than the Hashes and Arrays that cannot be sent (reliability P17)" do
    unsendable = -> {}
    job = job do
      producer(:source) { emit 0 }
      processes(1) do
        processor(:make) do |_|
          [{ a: unsendable }, [[unsendable]], { unsendable => 1 }, { a: { b: { c: { d: { e: unsendable } } } } }]
            .each_with_index { |value, n| [emit({ n: n, text: "before" }), emit(value)] }
          emit([:last])
        end
      end
      consumer(:sink) { |value| @results << value }
    end
    job.run

    expect(job.results).to eq([*Array.new(4) { |n| { n: n, text: "before" } }, [:last]])
    expect(job.report.failures.sum(&:count)).to eq(4)
  end

  it "brings what several threads of a child emit at once home (contract 21.2)" do
    job = job do
      producer(:source) { emit 0 }
      processes(1) do
        processor(:make) do |_|
          Array.new(4) do |t|
            Thread.new { 2_000.times { |n| emit({ t: t, n: n, text: "x" * (n % 500 == 499 ? 400_000 : 1) }) } }
          end.each(&:join)
        end
      end
      consumer(:sink) { |row| @results << row.values_at(:t, :n) }
    end
    job.run

    expect(job.results.group_by(&:first).transform_values { |rows| rows.map(&:last) })
      .to eq((0...4).to_h { |t| [t, (0...2_000).to_a] })
  end

  it "brings a String of 200 MB home from a child (contract 21.2)" do
    size = 200 << 20
    job = job do
      producer(:source) { emit 7 }
      process_per_batch(max: 1) do
        processor(:make) { |n| emit(format("%08d", n) * (size / 8)) }
      end
      consumer(:sink) { |text| @results << [text.bytesize, text.encoding, text[0, 8], text[-8, 8], text.count("7")] }
    end
    job.run

    expect(job.results).to eq([[size, Encoding::UTF_8, "00000007", "00000007", size / 8]])
  end

  it "brings an Array of a million Integers home from a child, and hands it to one (contract 21.2)" do
    job = job do
      producer(:source) { emit 1_000_000 }
      processes(1) do
        processor(:make) { |n| emit Array.new(n) { |i| i * i } }
        processor(:check) { |list| emit [list.size, list.sum, list] }
      end
      consumer(:sink) { |size, sum, list| @results << [size, sum, list == Array.new(1_000_000) { |i| i * i }] }
    end
    job.run

    expect(job.results).to eq([[1_000_000, 1_000_000.times.sum { |i| i * i }, true]])
  end

  it "hands an item that cannot be sent to a child of processes by inheritance (contract 21.2)" do
    job = job do
      producer(:source) do
        emit ->(n) { n + 1 }
        emit 5
        emit ->(n) { n + 2 }
      end
      processes(1) { processor(:call) { |item| emit(item.is_a?(Proc) ? item.call(10) : item) } }
      consumer(:sink) { |n| @results << n }
    end
    job.run

    expect(job.results.sort).to eq([5, 11, 12])
    expect(job.report.failed).to eq(0)
  end

  Runs::FORKED.each do |kind|
    it "reports an emitted item that cannot be sent from #{kind}; the rest arrives (contract 21.2)" do
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind, 1) do |options|
          processor(:make, options) do |n|
            emit n
            emit({ conn: Thread::Mutex.new })
            emit n + 1
          end
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results).to eq([1, 2])
      expect(only_failure(job)).to have_attributes(stage: :make, count: 1)
      expect(only_failure(job).error).to be_a(Minigun::SerializationError)
      expect(only_failure(job).error.message).to include("Mutex").and include(":conn")
    end
  end

  it "delivers the same object to every stage downstream (contract 10.2)" do
    item = Object.new
    job = job do
      producer(:source, to: %i[one two]) { emit item }
      consumer(:one) { |object| @results << object }
      consumer(:two) { |object| @results << object }
    end
    job.run

    expect(job.results).to eq([item, item])
  end

  it "treats a Hash with :item and :target as an item, everywhere (contract 10.2)" do
    Runs::KINDS.each do |kind|
      job = job do
        producer(:source) { emit({ item: 1, target: :far }) }
        Runs.within(self, kind) { |options| processor(:pass, options) { |hash| emit hash } }
        consumer(:near) { |hash| @results << [:near, hash] }
        consumer(:far) { |hash| @results << [:far, hash] }
      end
      job.run

      expect(job.results).to eq([[:near, { item: 1, target: :far }]])
    end
  end

  it "spreads Array items over several block parameters in every context (contract 7.2)" do
    Runs::KINDS.each do |kind|
      job = job do
        producer(:source) { emit [1, 2] }
        Runs.within(self, kind) { |options| processor(:add, options) { |a, b| emit a + b } }
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results).to eq([3])
    end
  end

  it "returns nil in every context (contract 16, Q46)" do
    Runs::KINDS.each do |kind|
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind) do |options|
          processor(:values, options) { |_| emit([emit(1), emit_to_stage(:sink, 1)]) }
        end
        consumer(:sink) { |item| @results << item }
      end
      job.run

      expect(job.results.last).to eq([nil, nil])
    end
  end

  it "mixes emit and emit_to_stage in order (contract 10.2)" do
    %i[inline processes process_per_batch].each do |kind|
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind) do
          processor(:mix) do |_|
            emit :a
            emit_to_stage :sink, :b
            emit_to_stage :sink, :c
            emit :d
          end
        end
        consumer(:sink) { |item| @results << item }
      end
      job.run

      expect(job.results).to eq(%i[a b c d])
    end
  end

  it "does nothing in a terminal stage, in every context (contract 10.2)" do
    Runs::KINDS.each do |kind|
      job = job do
        producer(:source) { 3.times { |n| emit n } }
        Runs.within(self, kind) do |options|
          consumer(:sink, options) do |n|
            @results << n
            emit n
          end
        end
      end
      job.run

      expect(job.results).to contain_exactly(0, 1, 2)
      expect(job.report.failed).to eq(0)
    end
  end

  it "logs an unknown target and goes on, in every context (contract 10.7)" do
    Runs::KINDS.each do |kind|
      job = job do
        producer(:source) { emit 1 }
        Runs.within(self, kind) do |options|
          processor(:lost, options) do |n|
            emit_to_stage :nowhere, n
            emit n
          end
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results).to eq([1])
    end
    expect(log_output.scan(/ERROR.*:nowhere/).size).to eq(Runs::KINDS.size)
  end

  it "works from helper methods, Fibers and Enumerators (contract 10.2)" do
    Runs::KINDS.each do |kind|
      klass = class_of_jobs do
        producer(:source) { emit 1 }
        Runs.within(self, kind) do |options|
          processor(:helpers, options) do |n|
            pass_on(n)
            Fiber.new { emit n + 1 }.resume
            Enumerator.new { |y| y << emit(n + 2) }.next
          end
        end
        consumer(:sink) { |n| @results << n }
      end
      klass.class_eval do
        private

        def pass_on(number) = emit(number)
      end
      job = klass.new
      job.run

      expect(job.results).to eq([1, 2, 3])
    end
  end

  Runs::KINDS.each do |kind|
    it "works from threads that the block starts in #{kind} (contract 20)" do
      job = job do
        producer(:source) { 3.times { |n| emit n * 100 } }
        Runs.within(self, kind) do |options|
          processor(:spread, options) do |base|
            Array.new(4) { |t| Thread.new { 25.times { |i| emit base + (t * 25) + i } } }.each(&:join)
          end
        end
        consumer(:sink) { |n| @results << n }
      end
      job.run

      expect(job.results.sort).to eq((0...300).to_a)
    end
  end

  (Runs::KINDS - [:process_per_batch]).each do |kind|
    it "refuses in #{kind} when the block has returned (contract 20)" do
      job = job do
        producer(:source) { 2.times { |n| emit n } }
        Runs.within(self, kind, 1) do |options|
          processor(:leaver, options) { |n| n.zero? ? @release = Runs.straggler(self) : emit(@release.call) }
        end
        consumer(:sink) { |item| @results << item }
      end
      job.run

      expect(job.results).to contain_exactly(a_string_matching(/\AMinigun::Error: emit called after.*:leaver/))
    end
  end

  it "refuses in process_per_batch when the block has returned (contract 20)" do
    job = job do
      producer(:source) { emit 1 }
      process_per_batch(max: 1) { processor(:leaver) { |_| @release = Runs.straggler(self) } }
      before_exit(:leaver) { emit @release.call }
      consumer(:sink) { |item| @results << item }
    end
    job.run

    expect(job.results).to contain_exactly(a_string_matching(/\AMinigun::Error: emit called after.*:leaver/))
  end

  it "refuses outside of blocks (issue: bad input)" do
    job = job { producer(:source) { emit 1 } }

    expect { job.emit(1) }.to raise_error(Minigun::Error, /outside a stage block/)
    expect { job.emit_to_stage(:source, 1) }.to raise_error(Minigun::Error, /outside a stage block/)
  end
end
