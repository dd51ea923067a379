# frozen_string_literal: true

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
  Failure = Struct.new(:stage, :item, :error, :count, :attempt, keyword_init: true) do
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

    # @return [Hash] plain data
    def to_h
      { stage: stage, item: item, count: count, attempt: attempt,
        error: { class: error_class, message: error.message } }
    end

    # @return [String] one line
    def to_s
      "#{stage}: #{error.message} (#{error_class}) [item #{item}]"
    end

    private

    def error_class
      error.is_a?(RemoteError) ? error.class_name : error.class.name
    end
  end

  # Characters of an item's `inspect` that are kept.
  Failure::INSPECT_LIMIT = 200
end
