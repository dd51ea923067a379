# frozen_string_literal: true

require_relative "take"

module Bench
  # One thing to be measured, and who takes part.
  class Row
    # @!attribute role [Symbol] `:limit`, `:ours` or `:peer`
    Contender = Struct.new(:role, :name, :block)
    # What is to be reached: our figure as a multiple of another's (`kind` `:at_most`), another's as a
    # multiple of ours (`:faster`), or an absolute figure (`:below`).
    Goal = Struct.new(:kind, :figure, :other)

    attr_reader :name, :contenders, :goals, :unit

    # @param unit [Symbol] `:time`, or what the contenders' figures are in
    # @param per [Numeric] what figures are divided by
    # @param rounds [Integer, nil] nil: as everywhere
    def initialize(name, unit: :time, per: 1, rounds: nil)
      @name = name
      @unit = unit
      @per = per
      @rounds = rounds
      @contenders = []
      @goals = []
      @weight = ->(_item) { 0 }
      @digest = Take::DIGEST
    end

    # @!group Definition

    # Runs in each contender's process, before the rounds.
    def setup(&block) = @setup = block

    # What is sent: the block yields each item once. What arrives must have this count and checksum.
    def source(&block) = @source = block

    # What is added up, of each item that arrives, in the measured rounds.
    def weigh(&block) = @weight = block

    # The same for the first round, where something else than the whole item is to be added up.
    def digest(&block) = @weight = @digest = block

    def limit(name, &block) = add(:limit, name, block)
    def ours(name = "minigun", &block) = add(:ours, name, block)
    def peer(name, &block) = add(:peer, name, block)

    # Our figure is at most `times` that of the other.
    def at_most(times, other) = @goals << Goal.new(:at_most, times, other)

    # The other's figure is `times` ours at least.
    def faster(times, other) = @goals << Goal.new(:faster, times, other)

    def below(figure) = @goals << Goal.new(:below, figure, nil)

    # @!endgroup

    def rounds = @rounds || Bench.rounds

    def prepare
      @setup&.call
      @expected = {}
    end

    # @return [Take] for one run
    def take(mode) = Take.new(mode == :check ? @digest : @weight)

    # @return [Array(Integer, Integer), nil] count and checksum of what is sent
    def expected(mode)
      return unless @source

      @expected[mode] ||= begin
        sent = take(mode)
        @source.call { |item| sent << item }
        [sent.count, sent.checksum]
      end
    end

    # @return [Array<Float>]
    def figures(seat) = seat.values.map { |value| value.fdiv(@per) }

    private

    def add(role, name, block)
      @contenders << Contender.new(role, name, block)
    end
  end
end
