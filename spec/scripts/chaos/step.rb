# frozen_string_literal: true

# One stage of a random pipeline: where it runs, what it takes, and how it deals with failures.
ChaosStep = Struct.new(:name, :does, :kind, :width, :size, :retries, :backoff, :retry_on, :discard_on, :bisect,
                       :timeout, keyword_init: true) do
  # @param random [Random]
  # @param does [Symbol] `:each`; `:batch`, a list that an accumulator has made; `:pack`, the block of
  #   an accumulator; `:source`
  def self.draw(name, random, does: %i[each each each batch pack].sample(random: random))
    step = new(name: name, does: does, kind: self::KINDS.sample(random: random), width: random.rand(1..3),
               size: random.rand(2..5), retries: 0)
    step.draw_recovery(random)
    step
  end

  def draw_recovery(random)
    self.retries = random.rand(1..4) if random.rand < 0.4
    self.backoff = self.class::BACKOFFS.sample(random: random)
    self.retry_on, self.discard_on = self.class::CHOICES.sample(random: random) if retries.positive?
    self.bisect = forked? && lists? && random.rand < 0.5
    self.timeout = self.class::TIMEOUT if random.rand < 0.2
  end

  def forked? = self.class::FORKED.include?(kind)

  def lists? = %i[batch pack].include?(does)

  # Does nothing of an attempt go on before it has ended well?
  def hold? = retries.positive? || bisect

  # @return [Hash] for the stage
  def options
    { retries: (retries if retries.positive?), backoff: (backoff if retries.positive?), retry_on: retry_on,
      discard_on: discard_on, on_crash: (:bisect if bisect), timeout: timeout,
      grace: (self.class::GRACE if timeout && forked?) }.compact
  end

  # The same decision as the library's, made again.
  #
  # @param error [Class]
  def again?(error, attempt)
    attempt <= retries && discard_on.to_a.none? { |kind| error <= kind } &&
      (retry_on.nil? || retry_on.any? { |kind| error <= kind })
  end

  def to_s = "#{name}: #{does} in #{kind}(#{width}) #{options.inspect}"
end

ChaosStep::KINDS = %i[processes processes process_per_batch process_per_batch named threads thread_per_batch
                      inline].freeze
ChaosStep::FORKED = %i[processes process_per_batch named].freeze
ChaosStep::TIMEOUT = 0.4
ChaosStep::GRACE = 0.05
ChaosStep::BACKOFFS = [nil, nil, 0.002, { base: 0.002, factor: 2, max: 0.01, jitter: 0.5 }].freeze
# retry_on and discard_on.
ChaosStep::CHOICES = [
  [nil, nil], [nil, nil], [nil, [ArgumentError]], [[ArgumentError, Minigun::WorkerDied], nil], [[IOError], nil],
  [nil, [Minigun::WorkerDied]], [[StandardError], [EOFError]]
].freeze
