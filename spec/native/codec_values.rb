# frozen_string_literal: true

require_relative "codec_support"

# Nested random values of every kind that has a form of its own, and of some that have none.
class CodecValues
  LEAVES = %i[constant integer float text bytes odd_text symbol time range thing].freeze
  KINDS = (LEAVES + %i[array array hash hash hash point]).freeze
  DEPTH = 5
  ENCODINGS = %w[UTF-8 UTF-16LE Windows-1252 UTF-7].freeze

  def initialize(random)
    @random = random
  end

  def next(depth = 0)
    kind = pick(depth < DEPTH ? KINDS : LEAVES)
    LEAVES.include?(kind) ? send(kind) : send(kind, depth + 1)
  end

  private

  def pick(choices)
    choices.sample(random: @random)
  end

  def constant = pick([nil, true, false])
  def text = "word#{@random.rand(50)} é"
  def bytes = @random.bytes(@random.rand(200))
  def odd_text = @random.bytes(3).force_encoding(pick(ENCODINGS))
  def symbol = pick(%i[id name value é])
  def thing = CodecSupport::Thing.new(integer)

  def integer
    @random.rand(2**pick([3, 8, 31, 62, 63, 64, 200])) * pick([1, -1])
  end

  def float
    pick([@random.rand, -0.0, Float::NAN, Float::INFINITY, @random.rand * 1e300])
  end

  def time
    time = Time.at(@random.rand(-(2**33)..(2**33)), @random.rand(1_000_000_000), :nsec)
    pick([time.dup, time.getutc, time.getlocal(3600 * @random.rand(-12..12)), Time.at(@random.rand.rationalize)])
  end

  def range
    Range.new(pick([nil, integer, @random.rand]), pick([nil, integer, @random.rand]), pick([true, false]))
  end

  def array(depth)
    Array.new(@random.rand(20)) { self.next(depth) }
  end

  def hash(depth)
    Array.new(@random.rand(20)) { [key, self.next(depth)] }.to_h
  end

  def point(depth)
    CodecSupport::Point.new(self.next(depth), self.next(depth))
  end

  def key
    pick([integer, "key#{@random.rand(30)}", nil, @random.rand(30) == 1 ? [1] : 1.5, pick(%i[a b c d e])])
  end
end
