# frozen_string_literal: true

require_relative "pipeline_dsl"

module Minigun
  # Words that gather, spread and follow items.
  class PipelineDSL
    # A stage that gathers items into Arrays.
    # @param name [Symbol]
    # @param options [Hash] `max_size` (100), `by`, `max_wait`, `max_bytes`, `bytes_of`, `max_total`, `uniq`
    #   (see {BatchRules}) and those of {#stage}
    # @yieldparam batch [Array] what the block emits, or else its value, goes on in its place
    # @return [void]
    # @raise [ArgumentError]
    def accumulator(name = :accumulator, options = {}, &block)
      @__minigun_builder.accumulator(name, options, block)
      nil
    end

    # An accumulator without a name.
    # @example batches of one model each, which wait half a second for more at most
    #   batch 500, by: :class, max_wait: 0.5, uniq: :id
    # @param size [Integer, nil] nil stands for 100
    # @param options [Hash] as for {#accumulator}
    # @return [void]
    # @raise [ArgumentError] unless the size is a positive Integer
    def batch(size = nil, options = {}, &block)
      return batch(nil, size, &block) if size.is_a?(Hash)

      @__minigun_builder.batch(size, options, block)
      nil
    end

    # Takes batches apart: a stage that emits the elements of the Arrays it gets, one by one. Anything
    # else fails.
    # @param options [Hash] those of {#stage}
    # @return [void]
    # @raise [ArgumentError]
    def debatch(options = {})
      @__minigun_builder.debatch(options)
      nil
    end

    # Keeps together what has one key: the stages behind get all items of a key in one slot, a thread or
    # child process, in order. Of several stages (`to`) one gets all of them.
    # @example the entries of one account are booked one after another, those of others at the same time
    #   partition by: :account
    #   processes(4) { consumer(:book) { |entry| ... } }
    # @param options [Hash] `by`: a method's name, or a block that gets the item; those of {#stage}
    # @return [void]
    # @raise [ArgumentError]
    def partition(options = {})
      @__minigun_builder.router(:partition, options)
      nil
    end

    # Gives items to the stages behind it in turn; if there is one alone, to each of its slots.
    # @param options [Hash] those of {#stage}
    # @return [void]
    def round_robin(options = {})
      @__minigun_builder.router(:round_robin, options)
      nil
    end

    # Gives each item to all stages behind it; if there is one alone, to all of its slots.
    # @param (see #round_robin)
    # @return [void]
    def broadcast(options = {})
      @__minigun_builder.router(:broadcast, options)
      nil
    end

    # Tells how far the run is, so that another one can go on from there: the block gets the position in
    # the producer's items before which everything is finished, that is, processed or failed, with all that
    # was emitted because of it, in whatever order. With several producers it gets a Hash of positions by
    # name. It runs in the parent, self being the instance, once at the end as well; what it raises is logged.
    # @example
    #   checkpoint(every: 1_000) { |cursor| File.write("cursor", cursor) }
    #   # later: job.run(resume_from: Integer(File.read("cursor")))
    # @param every [Integer] finished items
    # @yieldparam cursor [Integer, Hash{Symbol => Integer}] to be given to `run(resume_from:)`
    # @return [void]
    # @raise [ArgumentError] unless every is a positive Integer
    def checkpoint(every:, &block)
      @__minigun_builder.checkpoint(every, block)
      nil
    end
  end
end
