# frozen_string_literal: true

RSpec.describe Minigun::Native, ".containers" do
  def containers(object, reserved = "@__minigun_") = Minigun::Native.containers(object, reserved)

  def object_with(variables)
    # A class of its own: objects of one class number their variables alike.
    Class.new.new.tap { |object| variables.each { |name, value| object.instance_variable_set(name, value) } }
  end

  it "answers the Arrays, Hashes and Sets of the instance variables, in their order" do
    list = Class.new(Array).new([1])
    values = { :@list => list, :@number => 1, :@names => Set[:a], :@text => "text", :@index => { a: 1 }, :@none => nil }
    found = containers(object_with(values))
    expect(found.keys).to eq(%i[@list @names @index])
    expect(found[:@list]).to equal(list)
  end

  it "answers nil when there is none" do
    expect(containers(Object.new)).to be_nil
    expect(containers(object_with(:@number => 1, :@text => "text"))).to be_nil
    expect(containers(:symbol)).to be_nil
  end

  it "leaves out what is reserved" do
    object = object_with(:@__minigun_hooks => [1], :@__mini => [2])
    expect(containers(object)).to eq(:@__mini => [2])
    expect(containers(object, "@")).to be_nil
  end

  it "asks no method of the object" do
    proxy = Class.new(BasicObject) do
      def initialize = @list = [1]
      def method_missing(*) = abort("a method was called")
      def respond_to_missing?(*) = true
    end
    expect(containers(proxy.new)).to eq(:@list => [1])
  end

  it "finds the variables of objects that keep them elsewhere" do
    text = +"text"
    text.instance_variable_set(:@list, [1])
    expect(containers(text)).to eq(:@list => [1])
    expect(containers(Class.new { @list = [2] })).to eq(:@list => [2])
  end

  it "refuses a name that is no String" do
    expect { containers(Object.new, nil) }.to raise_error(TypeError)
  end
end
