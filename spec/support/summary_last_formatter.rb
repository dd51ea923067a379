# frozen_string_literal: true

require "rspec/core"
require "rspec/core/formatters/progress_formatter"

# The progress formatter with the summary as the very last line: the seed is printed at the start
# only, and the commands that rerun failed examples come before the totals.
class SummaryLastFormatter < RSpec::Core::Formatters::ProgressFormatter
  RSpec::Core::Formatters.register self, :seed, :dump_summary, :close

  def seed(notification)
    return if @seed_printed || !notification.seed_used?

    @seed_printed = true
    output.puts notification.fully_formatted
  end

  def dump_summary(summary)
    output.puts summary.colorized_rerun_commands if summary.failed_examples.any?
    output.puts "\nFinished in #{summary.formatted_duration} " \
                "(files took #{summary.formatted_load_time} to load)"
    output.puts summary.colorized_totals_line
  end

  # Instead of the empty line that ends the output otherwise.
  def close(_notification)
    output.flush unless output.closed?
  end
end
