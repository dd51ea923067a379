# frozen_string_literal: true

RSpec.describe "forms of routing" do
  include_context "base set"

  describe "stages and pipelines, one and many, to: and from: (contract 10.6, 18)" do
    def self.source(sort, name, options)
      return ->(dsl) { dsl.producer(name, options) { 3.times { |i| emit [name, i] } } } if sort == :stage

      lambda do |dsl|
        dsl.pipeline(name, options) do
          producer(:numbers) { 3.times { |i| emit i } }
          processor(:tag) { |i| emit [name, i] }
        end
      end
    end

    def self.target(sort, name, options)
      return ->(dsl) { dsl.consumer(name, options) { |item| @rows << [name, item] } } if sort == :stage

      lambda do |dsl|
        dsl.pipeline(name, options) do
          processor(:pass) { |item| emit item }
          consumer(:keep) { |item| @rows << [name, item] }
        end
      end
    end

    # Named pipelines are written in the class, everything else in one block.
    def self.evaluate(klass, definitions, place)
      classwide, inside = definitions.partition { |sort, _| sort == :pipeline && place == :named }
      klass.pipeline { inside.each { |pair| pair.last.call(self) } } if inside.any?
      classwide.each { |pair| pair.last.call(klass) }
    end

    %i[named nested].each do |place|
      %i[stage pipeline].product(%i[stage pipeline], [1, 2], [1, 2],
                                 %i[to from]).each do |from, to, sources, targets, word|
        next if place == :nested && [from, to].none?(:pipeline)

        it "#{sources} #{from}(s) into #{targets} #{to}(s) by #{word}:, pipelines #{place}" do
          source_names = %i[a b].first(sources)
          target_names = %i[x y].first(targets)
          list = ->(names) { names.one? ? names.first : names }
          definitions = source_names.map do |name|
            [from, self.class.source(from, name, word == :to ? { to: list[target_names] } : {})]
          end +
                        target_names.map do |name|
                          [to, self.class.target(to, name, word == :from ? { from: list[source_names] } : {})]
                        end
          klass = job_class(rows: [])
          self.class.evaluate(klass, definitions, place)
          job = klass.new
          expect(job.run).to eq(3 * sources)
          expected = target_names.product(source_names, [0, 1, 2]).map { |target, source, i| [target, [source, i]] }
          expect(job.rows).to match_array(expected)
        end
      end
    end
  end

  describe "default routing (contract 9)" do
    # What every stage gets when each passes everything on.
    def deliveries(edges, sources)
      rows = []
      walk = lambda do |name, item|
        edges.fetch(name).each do |target|
          rows << [target, item]
          walk.call(target, item)
        end
      end
      sources.each { |source| 2.times { |i| walk.call(source, [source, i]) } }
      rows
    end

    # P... are producers, N... pipelines, anything else processors.
    def self.stage(dsl, name, options)
      case name
      when /\AP/ then dsl.producer(name, options) { 2.times { |i| emit [name, i] } }
      when /\AN/ then dsl.pipeline(name, options) { processor(:pass) { |item| (@rows << [name, item]) && emit(item) } }
      else dsl.processor(name, options) { |item| (@rows << [name, item]) && emit(item) }
      end
    end

    def run_shape(definitions)
      named, inside = definitions.partition { |name, _| name.start_with?("N") }
      shape = self.class
      klass = job_class(rows: [])
      klass.pipeline { inside.each { |name, options| shape.stage(self, name, options) } }
      named.each { |name, options| shape.stage(klass, name, options) }
      klass.new.tap(&:run)
    end

    {
      "a chain" => [{ P: {}, s1: {}, s2: {}, s3: {} }, { P: [:s1], s1: [:s2], s2: [:s3], s3: [] }],
      "a diamond with a gap" => [
        { P: { to: %i[s1 s2] }, s1: { to: :s3 }, s2: {}, s4: { to: :s3 }, s3: {} },
        { P: %i[s1 s2], s1: [:s3], s2: [:s4], s4: [:s3], s3: [] }
      ],
      "a fan-out whose last branch goes on" => [
        { P: { to: %i[s1 s2] }, s1: {}, s2: {}, s3: {} }, { P: %i[s1 s2], s1: [], s2: [:s3], s3: [] }
      ],
      "several producers in a row" => [{ P1: {}, P2: {}, s: {} }, { P1: [:s], P2: [:s], s: [] }],
      "two chains in one (contract 20)" => [
        { P1: {}, s1: {}, P2: {}, s2: {} }, { P1: [:s1], s1: [:s2], P2: [:s2], s2: [] }
      ],
      "a producer at the end" => [{ P1: {}, s1: {}, P2: {} }, { P1: [:s1], s1: [], P2: [] }],
      "a direct way beside a longer one" => [
        { P: { to: %i[s1 s2] }, s1: { to: :s2 }, s2: {} }, { P: %i[s1 s2], s1: [:s2], s2: [] }
      ],
      "from: alone, which counts as the source's edge" => [
        { P: {}, s1: {}, s2: { from: :P } }, { P: [:s2], s1: [:s2], s2: [] }
      ],
      "to: and from: for one edge" => [{ P: { to: :s1 }, s1: { from: :P } }, { P: [:s1], s1: [] }],
      "a pipeline at the end of a chain" => [
        { N: {}, P: {}, s1: { to: :N } }, { N: [], P: [:s1], s1: [:N] }
      ],
      "two pipelines fed by one stage" => [
        { N1: { from: :s1 }, N2: { from: :s1 }, P: {}, s1: {} }, { N1: [], N2: [], P: [:s1], s1: %i[N1 N2] }
      ],
      "pipelines without options" => [{ N1: {}, N2: {}, N3: {} }, { N1: [], N2: [], N3: [] }]
    }.each do |what, (definitions, edges)|
      it "makes #{what}" do
        job = run_shape(definitions)
        expect(job.class._minigun_task.dag.edges).to eq(edges)
        expect(job.rows).to match_array(deliveries(edges, definitions.keys.grep(/\AP/)))
      end
    end

    it "sends what a pipeline with producers makes down the chain" do
      job = run_job(rows: []) do
        pipeline(:N, to: :s1) { producer(:src) { 2.times { |i| emit i } } }
        pipeline do
          processor(:s1) { |i| emit i + 1 }
          consumer(:s2) { |i| @rows << i }
        end
      end
      expect(job.rows).to eq([1, 2])
      expect(job.class._minigun_task.dag.edges).to eq(N: [:s1], s1: [:s2], s2: [])
    end

    it "lets two consumers in a row be, nothing flows between them (contract 9)" do
      job = run_job(rows: []) do
        pipeline do
          producer(:P) { 2.times { |i| emit i } }
          consumer(:one) { |i| @rows << [:one, i] }
          consumer(:two) { |i| @rows << [:two, i] }
        end
      end
      expect(job.rows).to eq([[:one, 0], [:one, 1]])
    end

    it "takes stage names of any shape (contract 4)" do
      names = %i[loop proc process log load stage accumulator pipeline_a A_handler
                 class] + [:"with space", :"1", "text"]
      job = run_job(rows: []) do
        pipeline do
          producer(:src) { emit 0 }
          names.each { |name| processor(name) { |i| emit i + 1 } }
          consumer(:end) { |i| @rows << i }
        end
      end
      expect(job.rows).to eq([names.size])
    end
  end
end
