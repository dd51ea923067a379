# frozen_string_literal: true

require "tmpdir"
require_relative "../../../examples/code_index/store"

RSpec.describe "CodeIndex::Store" do
  let(:store) { CodeIndex::Store.new(File.join(directory, "deep", "index.sqlite3")) }

  let(:directory) { Dir.mktmpdir }

  after { FileUtils.rm_rf(directory) }

  def build(rows, failures = [])
    store.create
    store.open
    store.add(rows)
    store.publish(failures)
  end

  it "counts what was added" do
    build([["A", "", "class", "a.rb", 1], ["A#x", "y z", "method", "a.rb", 2], ["B#x", "", "method", "b.rb", 3]])
    expect(store.counts).to eq("class" => 1, "method" => 2)
  end

  it "answers the definition of a name first, then what mentions it" do
    build([["A#user", "each_slice pairs", "method", "a.rb", 1], ["L#each_slice", "", "method", "l.rb", 2],
           ["A#slice_each", "", "method", "a.rb", 3]])
    expect(store.search("each_slice").map { |match| [match.name, match.defined] })
      .to eq([["L#each_slice", true], ["A#user", false]])
    expect(store.search("each_slice", limit: 1).size).to eq(1)
  end

  it "finds operators, quotes and wildcards as they are" do
    build([["A#<=>", "", "method", "a.rb", 1], ["A#%", "", "method", "a.rb", 2], ["A#a_b", "", "method", "a.rb", 3]])
    expect(store.search("<=>").map(&:name)).to eq(["A#<=>"])
    expect(store.search("%").map(&:name)).to eq(["A#%"])
    expect(store.search('say "a_b"')).to eq([])
    expect(store.search("a_b")).to eq([CodeIndex::Store::Match.new("method", "A#a_b", "a.rb", 3, true)])
  end

  it "keeps the list of failures" do
    build([], [["b.rb", "bad"], ["a.rb", "worse"]])
    expect(store.send(:query, "SELECT * FROM failures")).to eq([["a.rb", "worse"], ["b.rb", "bad"]])
  end

  it "leaves the index of before alone until the new one is complete" do
    build([["A", "", "class", "a.rb", 1]])
    store.create
    expect(store.counts).to eq("class" => 1)
    store.discard
    expect(Dir.children(File.dirname(store.path))).to eq(["index.sqlite3"])
  end

  it "says what is wrong with a file that is no index" do
    expect { store.counts }.to raise_error(CodeIndex::Store::Error, /no index there/)
    FileUtils.mkdir_p(File.dirname(store.path))
    File.write(store.path, "no database" * 100)
    expect { store.counts }.to raise_error(CodeIndex::Store::Error, /index\.sqlite3: .*database/)
  end

  it "names the gem that is missing" do
    script = <<~RUBY
      module Kernel
        alias_method :original_require, :require
        def require(name) = name == "sqlite3" ? raise(LoadError, name) : original_require(name)
      end
      require "./examples/code_index/store"
      begin
        CodeIndex::Store.new(ARGV.first).create
      rescue CodeIndex::Store::Error => e
        puts e.message
      end
    RUBY
    expect(run_script(script, store.path).stdout).to eq("the gem sqlite3 is missing: gem install sqlite3\n")
  end
end
