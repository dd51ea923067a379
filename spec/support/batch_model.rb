# frozen_string_literal: true

# What an accumulator makes of items, said as simply as possible. An item is `[key, id, bytes]`.
class BatchModel
  # @param options [Hash] `size`, `keyed`, `uniq`, `bytes`, `total`
  def initialize(options)
    @options = options
    @open = []
    @out = []
    @step = 0
  end

  # @return [BatchModel] with options chosen at random
  def self.sample(random)
    chance = ->(value) { random.rand < 0.5 ? value : nil }
    new(size: random.rand(1..6), keyed: chance.call(true), uniq: chance.call(true),
        bytes: chance.call(random.rand(1..25)), total: chance.call(random.rand(1..10)))
  end

  # @return [Array] items at random: small ones, too large ones, ones of no bytes at all
  def self.items(random, count)
    Array.new(count) { [random.rand(4), random.rand(12), random.rand(12)] }
  end

  # @return [Hash] the options of the stage
  def stage_options
    { max_size: @options[:size], by: (:first if @options[:keyed]), max_bytes: @options[:bytes],
      bytes_of: (:last if @options[:bytes]), max_total: @options[:total],
      uniq: (->(item) { item[1] } if @options[:uniq]) }.compact
  end

  # @return [Array<Array>] the batches, in the order in which they leave
  def call(items)
    items.each { |item| add(item) }
    (@out + @open.map { |batch| batch[:items] }).tap { @open = @out = [] }
  end

  def inspect = "#<BatchModel #{@options}>"

  private

  def initialize_copy(_other)
    @open = []
    @out = []
  end

  def add(item)
    batch = @open.find { |open| !@options[:keyed] || open[:items].first.first == item.first }
    return if batch && hold?(batch, item)

    batch = leave(batch) if batch && too_large?(batch[:items] + [item])
    put(item, make_room(batch))
  end

  def hold?(batch, item) = @options[:uniq] && batch[:items].any? { |other| other[1] == item[1] }

  def put(item, batch)
    @open << (batch = { items: [] }) unless batch
    batch[:items] << item
    batch[:since] = (@step += 1)
    leave(batch) if batch[:items].size == @options[:size] || too_large?(batch[:items])
  end

  def make_room(batch)
    return batch unless @options[:total] && @open.sum { |open| open[:items].size } == @options[:total]

    largest = @open.max_by { |open| [open[:items].size, -open[:since]] }
    leave(largest)
    batch unless largest.equal?(batch)
  end

  def leave(batch)
    @open.delete_if { |open| open.equal?(batch) }
    @out << batch[:items]
    nil
  end

  def too_large?(items) = @options[:bytes] && items.sum(&:last) > @options[:bytes]
end
