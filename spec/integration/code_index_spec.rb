# frozen_string_literal: true

require "sqlite3"
require "tmpdir"
require_relative "../../examples/code_index"

RSpec.describe "the code index", timeout: 120 do
  include CodeTree

  include_context "base set"

  let(:directory) { File.realpath(Dir.mktmpdir) }
  let(:tree) { File.join(directory, "tree").tap { |path| Dir.mkdir(path) } }
  let(:database) { File.join(directory, "index.sqlite3") }
  let(:program) { File.expand_path("../../examples/code_index.rb", __dir__) }

  after { FileUtils.rm_rf(directory) }

  def index_with(indexer_class, roots: [tree], **options)
    store = CodeIndex::Store.new(database)
    indexer = indexer_class.new(roots: roots, store: store, jobs: 2, batch_size: 40, **options)
    produced = indexer.index
    [indexer, store, produced]
  end

  def code_index(*arguments, **options)
    run_script(program, "--database", database, *arguments, deadline: 90, **options)
  end

  def good_files
    Dir[File.join(tree, "copy*", "**", "*.rb")]
  end

  def rows(sql)
    connection = SQLite3::Database.new(database, readonly: true)
    connection.execute(sql)
  ensure
    connection&.close
  end

  [CodeIndex::Indexer, CodeIndex::InlineIndexer].each do |indexer_class|
    it "finds with #{indexer_class} what a recount finds, and names every other file" do
      write_code_tree(tree, copies: 12)
      indexer, store, produced = index_with(indexer_class)

      expect(store.counts).to eq(recount(good_files))
      expect(indexer.kinds).to eq(store.counts)
      expect(produced).to eq(good_files.size + CodeTree::FAILING.size)
      expect(indexer.failures.map { |path, _| File.basename(path) }).to match_array(CodeTree::FAILING)
      expect(indexer.report.failed).to eq(0)
    end
  end

  it "parses in several processes and keeps SQLite in one other" do
    write_code_tree(tree, copies: 30)
    pids = { parse: [], open: [], add: [] }
    store = CodeIndex::Store.new(database)
    recorder = Class.new(CodeIndex::Indexer) do
      define_method(:initialize) do |**options|
        super(**options)
        @pids = pids
      end
      define_method(:parse) { |path, text| (@pids[:parse] << Process.pid) && super(path, text) }
      pipeline do
        after_fork(:store) { @pids[:open] << Process.pid }
        before(:store) { @pids[:add] << Process.pid }
      end
    end
    recorder.new(roots: [tree], store: store, jobs: 2, batch_size: 50).index

    expect(pids[:parse].uniq.size).to be > 1
    expect(pids[:open].size).to eq(1)
    expect(pids[:add].uniq).to eq(pids[:open])
    expect(pids.values.flatten).not_to include(Process.pid)
    expect(pids[:parse]).not_to include(pids[:open].first)
  end

  it "indexes a part of the standard library as a recount does" do
    root = RbConfig::CONFIG["rubylibdir"]
    paths = CodeIndex::SourceFile.below([root]).first(300)
    indexer, store, = index_with(CodeIndex::Indexer, roots: [root], limit: 300)
    failed = indexer.failures.map(&:first)

    expect(store.counts).to eq(recount(paths - failed))
    expect(store.counts.values.sum).to be > 1_000
  end

  it "stores path and line of each definition, and the reason of each failure" do
    write_code_tree(tree)
    index_with(CodeIndex::Indexer)

    expect(rows("SELECT name, kind, path, line FROM definitions WHERE name IN ('A::B::C#m', 'Latin#grüße') ORDER BY 1"))
      .to eq([["A::B::C#m", "method", File.join(tree, "copy0", "nested.rb"), 4],
              ["Latin#grüße", "method", File.join(tree, "copy0", "latin.rb"), 3]])
    reasons = rows("SELECT path, reason FROM failures").to_h.transform_keys { |path| File.basename(path) }
    expect(reasons).to include(
      "binary.rb" => "invalid UTF-8", "invalid_utf8.rb" => "invalid UTF-8",
      "dangling.rb" => "No such file or directory", "directory.rb" => "not a regular file",
      "syntax_error.rb" => /syntax error/, "unknown_encoding.rb" => "unknown encoding klingon"
    )
  end

  it "makes an empty index of an empty directory" do
    _, store, produced = index_with(CodeIndex::Indexer)
    expect(produced).to eq(0)
    expect(store.counts).to eq({})
  end

  describe "as a program" do
    it "builds, reports, compares with the sequential run and answers searches" do
      write_code_tree(tree, copies: 3)
      result = code_index("--roots", tree)

      expect(result.stderr).to eq("")
      expect(result.stdout).to match(/^list +0 +36 +0$/)
      expect(result.stdout).to include("files not indexed: 6", "#{tree}/binary.rb: invalid UTF-8")
      expect(result.stdout).to match(/^sequential: [\d.]+ s, speed-up [\d.]+, counts agree$/)
      expect(result.status.exitstatus).to eq(0)

      expect(code_index("search", "thrice").stdout)
        .to match(%r{\Adefined:\n(  singleton method E\.thrice  #{tree}/copy\d/endless\.rb:3\n){3}\z})
      expect(code_index("--limit", "1", "search", "x").stdout).to match(/\Amentioned:\n  .* E[#.]t.*\n\z/)
      nothing = code_index("search", "fake")
      expect([nothing.stdout, nothing.stderr, nothing.status.exitstatus]).to eq(["", "nothing found for fake\n", 1])
    end

    it "runs inline alone with --sequential" do
      write_code_tree(tree)
      result = code_index("--sequential", "--roots", tree)
      expect(result.stdout).to include("definitions: ").and match(/^time: /)
      expect(result.stdout).not_to include("speed-up")
      expect(result).to be_success
    end

    it "takes several directories and a limit" do
      write_code_tree(tree)
      other = File.join(directory, "other").tap { |path| Dir.mkdir(path) }
      File.write(File.join(other, "x.rb"), "def x; end")
      both = code_index("--no-compare", "--roots", other, tree)
      expect(both.stdout).to match(/^list +0 +17 /)
      expect(code_index("--no-compare", "--limit", "1", "--roots", other, tree).stdout).to match(/^list +0 +1 /)
    end

    {
      ["--jobs", "0"] => "--jobs must be 1 or more", ["--limit", "x"] => "invalid argument: --limit x",
      ["--roots", "/nowhere"] => "no such directory: /nowhere", %w[serach x] => 'what is "serach"?',
      ["search"] => "search for what?", ["--nonsense"] => "invalid option: --nonsense"
    }.each do |arguments, message|
      it "explains #{arguments.join(" ")}" do
        result = code_index(*arguments)
        expect(result.stderr).to include(message).and include("Usage:")
        expect(result.status.exitstatus).to eq(2)
      end
    end

    it "leaves the index as it was when it is interrupted" do
      write_code_tree(tree)
      code_index("--no-compare", "--roots", tree)
      before = rows("SELECT count(*) FROM definitions")
      script = <<~RUBY
        require #{program.inspect}
        class CodeIndex::Indexer
          pipeline { before(:store) { Process.kill(:INT, Process.ppid) } }
        end
        exit CodeIndex::CommandLine.new(ARGV).run
      RUBY
      result = run_script(script, "--database", database, "--no-compare", "--limit", "3", "--roots", tree, deadline: 60)

      expect(result.status.exitstatus).to eq(130)
      expect(result.stderr).to include("interrupted; the index is as it was before")
      expect(rows("SELECT count(*) FROM definitions")).to eq(before)
      expect(Dir.children(directory)).to contain_exactly("tree", "index.sqlite3")
    end

    it "says that there is no index yet" do
      result = code_index("search", "x")
      expect(result.stderr).to include("no index there; build it first")
      expect(result.status.exitstatus).to eq(1)
    end
  end
end
