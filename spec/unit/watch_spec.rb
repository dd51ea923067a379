# frozen_string_literal: true

RSpec.describe Minigun::Native::Watch do
  # What {Minigun::Execution::State::Snapshot} finds when the watch says that nothing has changed.
  def watched(**variables)
    object = Object.new
    variables.each { |name, value| object.instance_variable_set(:"@#{name}", value) }
    watch = described_class.new(object, variables.transform_keys { |name| :"@#{name}" })
    [object, watch.mark]
  end

  # Changes to a container: what is there, what is done.
  changes = {
    "an element is appended" => [-> { [] }, ->(array) { array << nil }],
    "an element is replaced" => [-> { [1, 2] }, ->(array) { array[0] = 3 }],
    "elements change places" => [-> { [1, 2] }, :reverse!.to_proc],
    "an element is removed" => [-> { [1, 2] }, :pop.to_proc],
    "a long Array grows" => [-> { [*0...1_000] }, ->(array) { array << 1 }],
    "the first of a long Array is taken" => [-> { [*0...1_000] }, ->(array) { array.shift && array.push(1) }],
    "a key is added" => [-> { {} }, ->(hash) { hash[:a] = nil }],
    "a number grows" => [-> { { a: 1 } }, ->(hash) { hash[:a] += 1 }],
    "a String is replaced" => [-> { { a: +"x" } }, ->(hash) { hash[:a] = +"y" }],
    "a key is replaced" => [-> { { a: 1 } }, ->(hash) { hash.replace(b: 1) }],
    "something is added inside a Hash" => [-> { { a: [] } }, ->(hash) { hash[:a] << 1 }],
    "something is added to a Set" => [-> { Set[] }, ->(set) { set << 1 }]
  }.freeze

  changes.each do |what, (container, change)|
    it "is not quiet when #{what}" do
      value = container.call
      _object, watch = watched(value: value, other: [])
      change.call(value)
      expect(watch).not_to be_quiet
    end
  end

  it "is quiet as long as Arrays and plain Hashes are what they were" do
    _object, watch = watched(array: [1, [2]], empty: {}, hash: { "a" => 1, b: nil, c: "x", d: 1.5 })
    expect(watch).to be_quiet
  end

  it "is not quiet when the variable holds something else" do
    object, watch = watched(array: [])
    object.instance_variable_set(:@array, [])
    expect(watch).not_to be_quiet
  end

  it "is quiet again when it has been told to look" do
    list = []
    _object, watch = watched(array: list)
    list << 1
    expect(watch.mark).to be_quiet
  end

  it "is not quiet before that" do
    expect(described_class.new(Object.new, {})).not_to be_quiet
  end

  it "leaves large Hashes to others" do
    _object, watch = watched(hash: (0...33).to_h { |n| [n, n] })
    expect(watch).not_to be_quiet
  end
end
