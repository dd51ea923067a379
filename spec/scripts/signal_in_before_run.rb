# frozen_string_literal: true

# A signal before the producers have begun.

require_relative "common"

class Early
  include Minigun::DSL

  pipeline do
    before_run do
      Process.kill("TERM", Process.pid)
      # The signal has been heard when it is in the log.
      sleep 0.01 until $heard # rubocop:disable Style/GlobalVars
    end
    producer(:source) { loop { emit 1 } }
    consumer(:sink) { |_| nil }
  end
end

class Listener < Logger
  def warn(text = nil)
    $heard = true # rubocop:disable Style/GlobalVars
    super
  end
end
Minigun.logger = Listener.new(File::NULL)

Early.new.run
