# frozen_string_literal: true

module CodeIndex
  # What a build did, as text.
  class Summary
    # Failures named on the screen; the index has them all.
    FAILURES_SHOWN = 20

    # @return [Float] seconds
    attr_reader :seconds

    # @return [Hash{String => Integer}] definitions in the index, of each kind
    attr_reader :counts

    # @return [Array<Array(String, String)>] path and reason
    attr_reader :failures

    # @param indexer [Indexer] after its run
    # @param store [Store] the finished index
    # @param seconds [Float]
    def initialize(indexer, store, seconds)
      @report = indexer.report
      @kinds = indexer.kinds
      @failures = indexer.failures.sort
      @path = store.path
      @counts = store.counts
      @seconds = seconds
    end

    # @return [Integer] 1 when a part of the job was lost; a file that is no Ruby is no such part
    def exit_status
      @report.success? && complete? ? 0 : 1
    end

    # @return [Boolean] whether two builds found the same
    def same_counts?(other)
      counts == other.counts && failures == other.failures
    end

    # @return [String]
    def comparison(sequential)
      agreement = same_counts?(sequential) ? "counts agree" : "COUNTS DIFFER: #{sequential.counts}"
      format("sequential: %<seconds>.1f s, speed-up %<ratio>.2f, %<agreement>s",
             seconds: sequential.seconds, ratio: sequential.seconds / seconds, agreement: agreement)
    end

    # @return [String]
    def to_s
      [stage_table, "", *lost_lines, *failure_lines, definition_line,
       format("time: %.1f s", seconds), "index: #{@path}"].join("\n")
    end

    private

    # What was emitted is what is stored.
    def complete?
      @kinds.sort == @counts.sort
    end

    def stage_table
      rows = @report.stages.map { |name, stage| [name, *stage.values_at(:consumed, :produced, :failed)] }
      [%w[stage in out failed], *rows].map do |name, *numbers|
        name.to_s.ljust(14) + numbers.map { |number| number.to_s.rjust(10) }.join
      end.join("\n")
    end

    def definition_line
      "definitions: #{@counts.values.sum} (#{@counts.map { |kind, count| "#{kind}: #{count}" }.join(", ")})"
    end

    def failure_lines
      shown = @failures.first(FAILURES_SHOWN).map { |path, reason| "  #{path}: #{reason}" }
      more = @failures.size - shown.size
      shown << "  and #{more} more, in the table failures of the index" if more.positive?
      ["files not indexed: #{@failures.size}", *shown]
    end

    def lost_lines
      lines = @report.failures.map { |failure| "LOST: #{failure}" }
      lines << "LOST: found #{@kinds.sort.to_h}, stored #{@counts.sort.to_h}" unless complete?
      lines
    end
  end
end
