# frozen_string_literal: true

require_relative "../spec_helper"
require_relative "codec_support"
require "socket"
require "tempfile"

RSpec.describe "What the codec refuses" do
  include CodecSupport

  # RSpec keeps its state in instance variables of its own thread: that is not why it is refused.
  {
    "Proc" => proc {}, "Method" => 1.method(:+), "IO" => $stdout, "Thread" => Thread.current,
    "Thread::Mutex" => Mutex.new, "Thread::Queue" => Queue.new, "Binding" => binding, "MatchData" => "a".match(/./),
    "Enumerator" => [1].each, "Fiber" => Fiber.new { 1 }, "StringIO" => StringIO.new, "Hash" => Hash.new { 1 }
  }.each do |name, culprit|
    it "names a #{name} and its place" do
      expect { Minigun::Native.dump({ list: [1, CodecSupport::Keyed.new(conn: culprit)] }) }
        .to raise_error(Minigun::SerializationError) { |error|
          expect(error.message).to start_with("item[:list][1].conn (#{name}) cannot be sent to another process: ")
          expect(error.path).to eq("item[:list][1].conn")
          expect(error.object_class).to eq(name)
          expect(error.cause).to be_a(TypeError)
        }
    end
  end

  def refusal(value)
    Minigun::Native.dump(value)
  rescue Minigun::SerializationError => e
    e
  end

  def path(value)
    refusal(value).path
  end

  it "finds the place inside of objects that went by Marshal" do
    expect(path(CodecSupport::Thing.new({ "k" => [1, proc {}] }))).to eq('item.@part["k"][1]')
    expect(path([CodecSupport::Thing.new(CodecSupport::Thing.new(proc {}))])).to eq("item[0].@part.@part")
    expect(path(CodecSupport::List.new([1, [proc {}]]))).to eq("item[1][0]")
    expect(path({ [1] => proc {} })).to eq("item[#<Array>]")
    expect(path({ proc {} => 1 })).to eq("item.key")
    expect(path(Set[1, proc {}])).to match(/\Aitem(\.@hash\.key|\.key|\[1\])?\z/)
    expect(path(Struct.new(:a).new(1))).to eq("item")
  end

  it "finds it where marshal_dump leads to it" do
    CodecSupport::Meddler.action = -> { [1, proc {}] }
    expect(path([CodecSupport::Meddler.new])).to eq("item[0].marshal_dump[1]")
  end

  it "finds it in a cycle" do
    object = CodecSupport::Thing.new
    object.part = [object, CodecSupport::Thing.new(object), proc {}]
    expect(path(object)).to eq("item.@part[2]")
  end

  it "shows the keys of a path shortened, and long paths" do
    expect(path({ ("k" * 100) => proc {} }).size).to be < 60
    deep = 90.times.reduce(proc {}) { |inner, _| { some_long_key: inner } }
    expect(path(deep)).to end_with("...")
    expect(path(deep).size).to be < 350
  end

  it "names singletons, anonymous classes and their objects" do
    single = Object.new.tap { |object| object.define_singleton_method(:x) { 1 } }
    expect(refusal([single]).message).to eq("item[0] (Object) cannot be sent to another process: " \
                                            "singleton object can't be dumped").or include("singleton")
    expect(refusal(Class.new.new).message).to include("anonymous class")
    expect(refusal((+"s").tap { |s| def s.x; end }).object_class).to eq("String")
  end

  it "wraps what marshal_dump raises" do
    CodecSupport::Meddler.action = -> { raise IOError, "gone" }
    error = refusal({ a: CodecSupport::Meddler.new })
    expect(error.message).to eq("item[:a] (CodecSupport::Meddler) cannot be sent to another process: IOError: gone")
    expect(error.cause).to be_a(IOError)
  end

  it "lets pass what is meant for somebody else" do
    CodecSupport::Meddler.action = -> { raise Interrupt }
    expect { Minigun::Native.dump(CodecSupport::Meddler.new) }.to raise_error(Interrupt)
    CodecSupport::Meddler.action = -> { raise Timeout::Error }
    expect { Minigun::Native.dump([CodecSupport::Meddler.new]) }.to raise_error(Timeout::Error)
    CodecSupport::Meddler.action = -> { throw :done, 5 }
    expect(catch(:done) { Minigun::Native.dump(CodecSupport::Meddler.new) }).to eq(5)
  end

  it "gives the error an outer rescue's exception neither as cause nor as text" do
    raise "outer"
  rescue RuntimeError
    expect(refusal(proc {}).cause).to be_a(TypeError)
  end

  it "makes errors that can be sent themselves" do
    copy = marshal_trip(refusal({ a: proc {} }))
    expect([copy.path, copy.object_class]).to eq(["item[:a]", "Proc"])
  end

  it "survives messages that raise, or have no legible text" do
    odd = Class.new(StandardError) { def message = raise("no message") }
    stub_const("OddError", odd)
    CodecSupport::Meddler.action = -> { raise OddError }
    expect(refusal(CodecSupport::Meddler.new).message).to end_with("OddError")
    CodecSupport::Meddler.action = -> { raise "\xFF\x00é".b * 1000 }
    expect(refusal(CodecSupport::Meddler.new).message.size).to be < 700
    expect(refusal(CodecSupport::Meddler.new).message).to be_valid_encoding
  end

  it "notices containers that change while they are sent" do
    [[:clear], [:push, *Array.new(1000, "x")], [:pop]].each do |change|
      array = [CodecSupport::Meddler.new, "a", "b"]
      CodecSupport::Meddler.action = -> { array.public_send(*change) && nil }
      expect(refusal(array).message).to include("Array was changed while it was sent")
    end
    [%i[delete b], [:store, :c, 1], %i[clear]].each do |change|
      hash = { a: CodecSupport::Meddler.new, b: 1 }
      CodecSupport::Meddler.action = -> { hash.public_send(*change) && nil }
      expect(refusal(hash)).to be_a(Minigun::SerializationError)
    end
  end

  describe "bytes" do
    it "that are no value" do
      ["", "\x00", "\x01\x01", "\x60", "\x10\x00", "\x17\x01\x00", "\x19\x06String", "\x17\x60\x00",
       "\x0e\x01\xFF", "\x51\x40\x01", "\x51\x13\x01\x01\x01", "\x13\x21a\x01", "\x13\x07\0\0\0\0\0\0\xF8\x7F\x81",
       "\x42\x0c\x01a\x17\x60"]
        .each do |bytes|
        expect { Minigun::Native.load(bytes.b) }.to raise_error(Minigun::RingCorrupted), bytes.inspect
      end
    end

    it "that announce more than there is" do
      ["\x11\xFF\xFF\xFF\xFF\x07", "\x12\xFF\xFF\xFF\xFF\x07", "\x08\xFF\xFF\xFF\xFF\x07", "\x05\xFF\xFF\xFF\xFF\x07",
       "\x18\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"].each do |bytes|
        expect { Minigun::Native.load(bytes.b) }.to raise_error(Minigun::RingCorrupted, /end inside/)
      end
    end

    it "that Marshal or this process cannot make an object of" do
      ["\x18\x03abc", "\x17\x19\x06String\x00", "\x17\x19\x07Nowhere\x00", "\x0b\x03xyz\x01a",
       "\x17\x19\x13CodecSupport::Point\x05\x01\x01\x01\x01\x01", "\x18\x0d\x04\x08o:\x0cNowhere\x00"]
        .each do |bytes|
        expect { Minigun::Native.load(bytes.b) }.to raise_error(Minigun::SerializationError), bytes.inspect
      end
    end

    it "whose objects raise while they are loaded" do
      bytes = Minigun::Native.dump([1, CodecSupport::Unloadable.new])
      expect { Minigun::Native.load(bytes) }
        .to raise_error(Minigun::SerializationError, /cannot be rebuilt: RuntimeError: refused/)
    end

    it "only as a String" do
      expect { Minigun::Native.load(nil) }.to raise_error(TypeError)
    end
  end
end
