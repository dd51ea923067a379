# frozen_string_literal: true

require_relative "../errors"
require_relative "../suggestion"
require_relative "../width"
require_relative "backoff"

module Minigun
  # What a stage does when an item fails or takes too long, resolved from its options:
  #
  # * `retries` further attempts at an item that failed (0)
  # * `backoff` the pause before each: seconds, `true`, or a Hash with keys of {Backoff::DEFAULTS}
  # * `retry_on` exception classes that are worth another attempt; all, when it is left out
  # * `discard_on` exception classes that are not
  # * `timeout` seconds for each attempt
  # * `grace` seconds that a child has to clean up when its time is up (0.2); forked stages only
  # * `spawn_timeout` seconds for a child to come up (10); forked stages only
  # * `on_crash` `:bisect`: an Array whose child died is worked on in halves, until the elements are
  #   found that processes die of; forked stages only
  #
  # The death of a child is a {WorkerDied} to `retry_on` and `discard_on`, a missed deadline a
  # {WorkerTimeout}.
  class Recovery
    # Deaths after which an item is given up, however many retries are left.
    MAX_DEATHS = 3
    # Seconds between TERM and KILL.
    GRACE = 0.2
    # Seconds from the fork to the first instruction of ours.
    SPAWN_TIMEOUT = 10.0

    # Options that only a stage with processes of its own can have.
    FORKED_OPTIONS = %i[on_crash grace spawn_timeout].freeze
    # All options that this class understands.
    OPTIONS = (%i[retries backoff retry_on discard_on timeout] + FORKED_OPTIONS).freeze

    PROCESS_TYPES = %i[processes process fork].freeze
    CRASH_WORDS = [nil, :bisect].freeze
    private_constant :PROCESS_TYPES, :CRASH_WORDS

    class << self
      # @param type [Symbol] `:pipeline` or what the stage is
      # @param name [Symbol]
      # @param options [Hash]
      # @param _block [Proc, nil]
      # @return [void]
      # @raise (see check)
      def check_stage(type, name, options, _block = nil)
        label = "#{type} #{name.inspect}"
        misplaced = (OPTIONS & options.keys).first if type == :pipeline
        raise ArgumentError, "#{label}: #{misplaced} is an option of stages" if misplaced

        check(label, options, options[:_execution_context])
      end

      # @param label [String] stage or word that has the options, for the message
      # @param options [Hash]
      # @param context [Hash, nil] the execution context they hold for
      # @return [void]
      # @raise [ArgumentError] for a bad value, or an option that has no meaning there
      def check(label, options, context)
        given = options.slice(*OPTIONS).compact
        return if given.empty?

        alien = (given.keys & FORKED_OPTIONS).first unless PROCESS_TYPES.include?(context && context[:type])
        raise ArgumentError, "#{label}: #{alien} needs processes or process_per_batch" if alien

        given.each { |option, value| check_value(label, option, value) }
      end

      private

      def check_value(label, option, value)
        case option
        when :retries then Width.check("#{label}: retries", value, minimum: 0)
        when :backoff then Backoff.from(value)
        when :retry_on, :discard_on then check_classes(label, option, value)
        when :on_crash then check_word(label, value)
        else check_seconds(label, option, value)
        end
      rescue ArgumentError => e
        raise if e.message.start_with?(label)

        raise ArgumentError, "#{label}: #{option} #{e.message}"
      end

      def check_classes(label, option, value)
        list = value.is_a?(Array) ? value : [value]
        return if list.all?(Module)

        raise ArgumentError, "#{label}: #{option} must be exception classes, got #{value.inspect}"
      end

      def check_word(label, value)
        return if CRASH_WORDS.include?(value)

        raise ArgumentError, "#{label}: on_crash must be :bisect, got #{value.inspect}." \
                             "#{Suggestion.for(value, CRASH_WORDS.compact)}"
      end

      def check_seconds(label, option, value)
        least_is_zero = option == :grace
        return if value.is_a?(Numeric) && value.real? && value.to_f.finite? &&
                  (value.positive? || (least_is_zero && value.zero?))

        raise ArgumentError, "#{label}: #{option} must be seconds#{" above 0" unless least_is_zero}, " \
                             "got #{value.inspect}"
      end
    end

    # @return [Integer]
    attr_reader :retries
    # @return [Numeric, nil] seconds
    attr_reader :timeout
    # @return [Numeric] seconds
    attr_reader :grace, :spawn_timeout

    # @param options [Hash] of the stage
    # @param retries [Integer, nil] where the options say nothing
    def initialize(options = {}, retries: nil)
      @retries = options[:retries] || retries || 0
      @backoff = Backoff.from(options[:backoff])
      @retry_on = classes(options[:retry_on])
      @discard_on = classes(options[:discard_on])
      @bisect = options[:on_crash] == :bisect
      @timeout = options[:timeout]
      @grace = options[:grace] || GRACE
      @spawn_timeout = options[:spawn_timeout] || SPAWN_TIMEOUT
    end

    # @return [Boolean] does a block run once, for as long as it likes?
    def plain? = !hold? && timeout.nil?

    # @return [Boolean] must nothing of an attempt go on before it has ended well?
    def hold? = retries.positive? || @bisect

    # @param item [Object]
    # @return [Boolean] is an item whose child died to be worked on in halves?
    def bisect?(item) = @bisect && item.is_a?(Array) && item.size > 1

    # @param error [Exception] that ended an attempt
    # @param attempt [Integer] its number
    # @return [Boolean] is there to be another one?
    def again?(error, attempt)
      attempt <= retries && !listed?(@discard_on, error) && (@retry_on.empty? || listed?(@retry_on, error))
    end

    # @param attempt [Integer] that has failed
    # @return [Float] seconds until the next
    def delay(attempt) = @backoff ? @backoff.delay(attempt) : 0.0

    private

    def classes(value) = value.is_a?(Array) ? value : [value].compact

    # An exception of a class that only the child knew is known by its name.
    def listed?(classes, error)
      classes.any? { |kind| kind === error || (error.is_a?(RemoteError) && kind.name == error.class_name) } # rubocop:disable Style/CaseEquality -- what `rescue` does
    end
  end
end
