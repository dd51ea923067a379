# frozen_string_literal: true

require_relative "errors"

module Minigun
  # An item that did not make it through a stage.
  #
  # @!attribute [r] stage
  #   @return [Symbol] the stage's name
  # @!attribute [r] item
  #   @return [String] the item's `inspect`, cut
  # @!attribute [r] error
  #   @return [Exception] what happened; {WorkerDied} when a child ended without an outcome
  # @!attribute [r] count
  #   @return [Integer] items lost by it; more than one when a whole batch failed
  # @!attribute [r] attempt
  #   @return [Integer] the attempt that failed last, from 1
  # @!attribute [r] delivered
  #   @return [Integer] emissions of that attempt that had gone on to other stages
  Failure = Struct.new(:stage, :item, :error, :count, :attempt, :delivered, keyword_init: true) do
    # @param item [Object]
    # @return [String] its `inspect`, cut to {INSPECT_LIMIT} characters
    def self.describe(item)
      # The text of a large container would cost more than the failure is worth.
      return "#{item.class} of #{item.size}" if (item.is_a?(Array) || item.is_a?(Hash)) && item.size > 100

      limit = self::INSPECT_LIMIT
      return "#{describe(item[0, limit])} (#{item.size} characters)" if item.is_a?(String) && item.size > limit

      text = item.inspect
      text.size > limit ? "#{text[0, limit]}..." : text
    rescue StandardError => e
      "#{item.class} (inspect raised #{e.class})"
    end

    # @return [Symbol] `:exception`; `:signal` or `:exit` when that ended the process that worked on
    #   the item; `:deadline`, `:start_deadline`; `:out_of_memory`; `:in_doubt` when nobody knows
    def cause
      case error
      when WorkerTimeout then :deadline
      when WorkerStartTimeout then :start_deadline
      when WorkerDied, PoisonItem then cause_of_death
      when SignalException then :signal
      when SystemExit then :exit
      else error_class == "NoMemoryError" ? :out_of_memory : :exception
      end
    end

    # @return [String, nil] name of the signal, such as `SIGKILL`
    def signal
      number = error.is_a?(SignalException) ? error.signo : data(:signal)
      number && (Signal.signame(number)&.prepend("SIG") || "signal #{number}")
    end

    # @return [Integer, nil] what the process exited with
    def exit_code = error.is_a?(SystemExit) ? error.status : data(:exit_code)

    # @return [Integer, nil] bytes of memory that the process which died had resident at most
    def peak_rss = data(:peak_rss)

    # @return [Hash] plain data
    def to_h
      { stage: stage, item: item, count: count, attempt: attempt, delivered: delivered.to_i,
        cause: cause, signal: signal, exit_code: exit_code, peak_rss: peak_rss,
        error: { class: error_class, message: error.message } }.compact
    end

    # @return [String] one line
    def to_s
      notes = ["item #{item}"]
      notes << "attempt #{attempt}" if attempt.to_i > 1
      notes << "#{delivered} emits delivered" if delivered.to_i.positive?
      "#{stage}: #{error.message} (#{error_class}) [#{notes.join(", ")}]"
    end

    private

    def cause_of_death
      return :out_of_memory if error.out_of_memory?
      return :signal if error.signal

      error.exit_code ? :exit : :in_doubt
    end

    def data(name)
      error.public_send(name) if error.is_a?(WorkerDied) || error.is_a?(PoisonItem)
    end

    def error_class
      error.is_a?(RemoteError) ? error.class_name : error.class.name
    end
  end

  # Characters of an item's `inspect` that are kept.
  Failure::INSPECT_LIMIT = 200
end
