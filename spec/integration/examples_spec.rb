# frozen_string_literal: true

require "tmpdir"

RSpec.describe "the examples" do
  include_context "base set"

  let(:directory) { Dir.mktmpdir }

  after { FileUtils.rm_rf(directory) }

  def run_example(name, *arguments)
    run_script(File.join(Processes::ROOT, "examples", name), *arguments, chdir: directory)
  end

  def expect_output(result, lines)
    expect(result.stderr).to eq("")
    expect(result.stdout.lines(chomp: true)).to match(lines)
    expect(result).to be_success
  end

  it "00_quick_start.rb brings counts and emitted lines home" do
    expect_output(run_example("00_quick_start.rb"),
                  ["fast: 1", "fork: 2", "memory: 1", "safe: 1", "share: 1",
                   "longest of each batch: fork safe, share memory"])
  end

  it "01_tempfile_pattern.rb gathers results in a file" do
    expect_output(run_example("01_tempfile_pattern.rb"), ["20 results from 4 children", "sum of squares: 2470"])
  end

  it "code_index.rb indexes and searches" do
    File.write(File.join(directory, "a.rb"), "class Example\n  def answer = 42\nend\n")
    database = File.join(directory, "index.sqlite3")
    built = run_example("code_index.rb", "--database", database, "--roots", directory)
    expect(built.stdout).to include("definitions: 2 (class: 1, method: 1)", "counts agree")
    expect_output(run_example("code_index.rb", "--database", database, "search", "answer"),
                  ["defined:", %r{\A  method Example#answer  /.*/a\.rb:2\z}])
  end

  it "are all run by a spec, and load without running" do
    examples = Dir[File.join(Processes::ROOT, "examples", "*.rb")]
    expect(examples.map { |path| File.basename(path) })
      .to contain_exactly("00_quick_start.rb", "01_tempfile_pattern.rb", "code_index.rb")
    result = run_script("#{examples.inspect}.each { |path| require path }\nputs 'loaded'\n", chdir: directory)
    expect([result.stdout, result.stderr]).to eq(["loaded\n", ""])
  end
end
