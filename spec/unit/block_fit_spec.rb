# frozen_string_literal: true

RSpec.describe Minigun::Execution::BlockFit do
  def self.blocks(**blocks, &judge)
    blocks.each { |what, block| instance_exec(what, block, &judge) }
  end

  blocks(
    calls: proc { |n| emit(n) }, "uses a constant": proc { |n| Integer(n) },
    "takes an Array apart itself": proc { |(a, b)| a + b }, "has variables of its own": proc { |n; m| n.to_s * m },
    "skips items": proc { |n| next if n.zero? },
    "rescues and retries": proc { |n|
      begin
        Integer(n)
      rescue ArgumentError
        retry
      ensure
        n.to_s
      end
    },
    "ends a loop inside": proc { |n| n.each { |m| break m if m } }, "makes a lambda": proc { |n| ->(m) { m + n } },
    "takes the first of an Array": proc { |n,| n }, "takes two": proc { |a, b| a + b }, "takes any": proc { |*n| n },
    "takes one or none": proc { |n = 1| n }, "takes keywords": proc { |n, m: 1| n + m },
    "takes a block": proc { |n, &b| b[n] }, returns: proc { |n| return n },
    "returns from a block inside": proc { |n| n.each { |m| return m if m } }, "ends itself": proc { |n| break n },
    "ends itself in a rescue": proc { |n|
      begin
        Integer(n)
      rescue ArgumentError
        break
      end
    },
    "asks for its method": proc { |n| n || __method__ }, "asks for a block": proc { |n| n || block_given? }
  ) do |what, block|
    it "says yes to a block that #{what} (contract 10.2)" do
      expect(described_class.of?(block)).to be(true)
    end
  end

  blocks(
    "calls super": proc { |n| super(n) }, "evaluates a text": proc { |_n| eval("n") }, # rubocop:disable Style/EvalWithLocation
    "defines methods": proc { |_n| def helper(other) = other || n },
    "defines methods in a block inside": proc { |n| n.each { |_m| def helper(other) = other || n } },
    "defines methods where it rescues": proc { |n|
      begin
        Integer(n)
      rescue ArgumentError
        def helper(other) = other || n
      end
    },
    "defines class methods": proc { |_n| def self.helper(other) = other || n },
    "gives methods other names": proc { |_n| alias to_str to_s }, # rubocop:disable Style/Alias -- the instruction is meant
    "takes methods away": proc { |_n| undef to_s },
    "opens its singleton class": proc { |_n| class << self; attr_reader :own; end },
    "gives its variables away": proc { |n| n || binding },
    "is a lambda": ->(n) { n }, "is a method": 1.method(:+).to_proc, "is a Symbol": :to_s.to_proc
  ) do |what, block|
    it "says no to a block that #{what} (contract 10.2)" do
      expect(described_class.of?(block)).to be(false)
    end
  end
end
