# frozen_string_literal: true

# Keeps the log of an example out of the way and readable; MINIGUN_LOG=1 shows it on stdout.
module LogCapture
  def self.included(group)
    group.around do |example|
      previous = Minigun.logger
      Minigun.logger = Logger.new(log_device)
      example.run
    ensure
      Minigun.logger = previous
    end
  end

  # What has been logged since the example began (empty when MINIGUN_LOG sends it to stdout).
  def log_output
    @log_output ? @log_output.string : ""
  end

  private

  def log_device
    ENV["MINIGUN_LOG"] ? $stdout : (@log_output = StringIO.new)
  end
end
