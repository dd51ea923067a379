# frozen_string_literal: true

require_relative "../spec_helper"
require_relative "fault_matrix"
require "open3"
require "tmpdir"

RSpec.describe "fault points" do
  def symbols(file)
    output, status = Open3.capture2("nm", file)
    raise "nm failed" unless status.success?

    output.scan(/\bmg_fault_\w+/).uniq.sort
  end

  def compile(source, *flags)
    Dir.mktmpdir do |dir|
      object = File.join(dir, "object.o")
      raise "gcc failed" unless system("gcc", "-std=c11", "-c", *flags, source, "-o", object)

      return symbols(object)
    end
  end

  it "are no part of the extension as it is installed (reliability 2)" do
    extension = $LOADED_FEATURES.grep(%r{minigun/minigun\.\w+\z}).grep_v(/\.rb\z/).first

    expect(symbols(extension)).to be_empty
    expect(File.binread(extension)).not_to include("MINIGUN_FAULT")
  end

  it "are there with the switch only (reliability 2)" do
    %w[fault fork ring_writer process].each do |name|
      source = File.join(Processes::ROOT, "ext/minigun/#{name}.c")

      expect(compile(source)).to be_empty
      expect(compile(source, "-DMINIGUN_FAULTS")).to include("mg_fault_visit")
    end
  end

  it "are all in the matrix that is run, and the matrix names no other (reliability 2)" do
    sources = Dir[File.join(Processes::ROOT, "ext/minigun/*.c")].map { |path| File.read(path) }.join
    names = sources.scan(/\bMG_FAULT(?:_WHEN)?\((?:[^;]*?,\s*)?([a-z_]+)\);/m).flatten.uniq

    expect(names).to match_array((FaultMatrix::CHILD + FaultMatrix::PARENT).uniq)
  end
end
