# frozen_string_literal: true

# What the specs of the codec share: sample classes and a comparison that is stricter than ==.
module CodecSupport
  Point = Struct.new(:x, :y)
  Keyed = Struct.new(:name, :conn, keyword_init: true)

  class Text < String
  end

  class List < Array
  end

  class Table < Hash
  end

  # A plain object.
  class Thing
    attr_accessor :part

    def initialize(part = nil)
      @part = part
    end

    def ==(other)
      other.class == self.class && other.part == part
    end
  end

  # An object that runs a block of the spec while it is dumped.
  class Meddler
    class << self
      attr_accessor :action
    end

    def marshal_dump
      self.class.action.call
    end

    def marshal_load(_); end
  end

  # An object that raises while it is loaded.
  class Unloadable
    def marshal_dump = 1

    def marshal_load(_)
      raise "refused"
    end
  end

  # A struct with its own way to travel.
  class Custom < Struct.new(:a) # rubocop:disable Style/StructInheritance
    def marshal_dump = [a]

    def marshal_load(values)
      self.a = values.first + 1
    end
  end

  module_function

  def round_trip(value)
    Minigun::Native.load(Minigun::Native.dump(value))
  end

  def marshal_trip(value)
    Marshal.load(Marshal.dump(value))
  end

  # nil when both are the same in every respect that Marshal keeps, else where they differ.
  def difference(left, right, path = "item")
    return "#{path}: #{traits(left)}" unless traits(left) == traits(right)
    return part_difference(left.to_a, right.to_a, path) if [Array, Hash, Struct].any? { |kind| left.is_a?(kind) }

    "#{path}: #{left.inspect}" unless essence(left) == essence(right)
  end

  def traits(value)
    traits = [value.class, value.frozen?, value.instance_variables]
    traits << value.encoding if value.is_a?(String) || value.is_a?(Symbol)
    traits.push(value.compare_by_identity?, value.default) if value.is_a?(Hash)
    traits
  end

  def essence(value)
    case value
    when Float then [value].pack("G")
    when Time then [value.to_r, value.utc_offset, value.utc?, value.zone, value.nsec]
    else value
    end
  end

  def part_difference(left, right, path)
    return "#{path}: size" unless left.size == right.size

    left.each_index do |i|
      found = difference(left[i], right[i], "#{path}[#{i}]")
      return found if found
    end
    nil
  end
end
