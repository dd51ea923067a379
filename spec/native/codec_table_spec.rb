# frozen_string_literal: true

require_relative "../spec_helper"
require_relative "codec_support"

RSpec.describe "The Symbol table of a ring" do
  include_context "base set"
  include_context "child slots"

  def written(&block)
    child = slot
    child.spawn do |channel|
      block.call(channel)
      channel.finish
    end
    child
  end

  def values(child)
    drain(child).map(&:last)
  end

  it "serves all records" do
    sent = Array.new(50) { |i| { id: i, name: :same, point: CodecSupport::Point.new(i) } }
    child = written { |channel| sent.each { |value| channel.write(1, 0, value) } }
    expect(values(child)).to eq(sent)
  end

  it "forgets what a record added that could not be encoded" do
    child = written do |channel|
      channel.write(1, 0, :known)
      3.times do |i|
        channel.write(1, 0, [:known, :"new #{i}", CodecSupport::Point.new(1), proc {}])
      rescue Minigun::SerializationError
        channel.write(1, 0, [:other, :"new #{i}", :known, CodecSupport::Point.new(2)])
      end
    end
    expected = Array.new(3) { |i| [:other, :"new #{i}", :known, CodecSupport::Point.new(2)] }
    expect(values(child)).to eq([:known] + expected)
  end

  it "forgets what was written before a value turned out to be too deep, or a Hash one for Marshal" do
    deep = 150.times.reduce(:deepest) { |inner, i| [:"level #{i}", inner] }
    odd = { first: :second, [1] => :third }
    sent = [deep, odd, %i[third second deepest], :second, deep, :third]
    child = written { |channel| sent.each { |value| channel.write(1, 0, value) } }
    expect(values(child)).to eq(sent)
  end

  it "learns all of a record that cannot be rebuilt" do
    child = written do |channel|
      channel.write(1, 0, [:before, CodecSupport::Unloadable.new, :after, CodecSupport::Point.new(:inside, 1)])
      channel.write(1, 0, [:after, :before, CodecSupport::Point.new(:inside, 2)])
    end
    expect { child.read }.to raise_error(Minigun::SerializationError, /RuntimeError: refused/)
    expect(child.read[2]).to eq([:after, :before, CodecSupport::Point.new(:inside, 2)])
    expect(child.read).to be_nil
  end

  it "learns all of a record whose class is unknown to the reader" do
    child = written do |channel|
      CodecSupport.const_set(:OnlyThere, Struct.new(:a))
      2.times { channel.write(1, 0, [CodecSupport::OnlyThere.new(1), :after]) }
      channel.write(1, 0, %i[after end])
    end
    2.times { expect { child.read }.to raise_error(Minigun::SerializationError) }
    expect(child.read[2]).to eq(%i[after end])
  end

  it "goes on after an exception that passed through the reading of a record" do
    child = written do |channel|
      CodecSupport::Meddler.action = -> { 1 }
      channel.write(1, 0, [CodecSupport::Meddler.new, CodecSupport::Unloadable.new, :after])
      channel.write(1, 0, :after)
    end
    CodecSupport::Meddler.define_method(:marshal_load) { |_| throw :out, :thrown }
    expect(catch(:out) { child.read }).to eq(:thrown)
    expect(child.read[2]).to eq(:after)
  ensure
    CodecSupport::Meddler.define_method(:marshal_load) { |_| nil }
  end

  it "stands more Symbols than it holds" do
    symbols = Array.new(5000) { |i| :"symbol #{i}" }
    child = written { |channel| 2.times { channel.write(1, 0, symbols) } }
    expect(values(child)).to eq([symbols, symbols])
  end

  it "starts afresh with each child" do
    child = slot
    2.times do |i|
      child.spawn do |channel|
        channel.write(1, 0, [:"own #{i}", :shared])
        channel.finish
      end
      expect(values(child)).to eq([[:"own #{i}", :shared]])
      child.drop
    end
  end

  it "is safe from code that writes while a value is being written" do
    child = written do |channel|
      CodecSupport::Meddler.action = lambda do
        channel.write(1, 0, :inner)
      rescue Minigun::Error => e
        e.class.name
      end
      channel.write(1, 0, [:outer, CodecSupport::Meddler.new])
    end
    expect(values(child).map(&:first)).to eq([:outer])
  end
end
