# frozen_string_literal: true

RSpec.describe "the example publisher.rb (issue 6.10)", skip: DatabaseServers.missing(:postgres, "pg") do
  include_context "example runs"

  # An example must open no descriptor: the server is there before it.
  before(:context) do # rubocop:disable RSpec/BeforeAfterAll
    require "pg"
    DatabaseServers.fetch(:postgres)
  end

  after { @sql&.finish }

  let(:server) { DatabaseServers.fetch(:postgres) }
  let(:program) { File.join(Processes::ROOT, "examples/publisher.rb") }

  def sql = @sql ||= PG.connect(**server.parameters, options: "-c search_path=minigun_publisher")

  def publisher(*arguments, database: server.url, **env)
    run_script(program, *arguments, chdir: directory, deadline: 120,
                                    env: { "TMPDIR" => directory, "PUBLISHER_DATABASE" => database, **env })
  end

  def number(query) = Integer(sql.exec(query).getvalue(0, 0))

  # @return [Integer] pid of the program, which fills the database
  def start(*arguments)
    sql.exec("SET client_min_messages = warning; DROP SCHEMA IF EXISTS minigun_publisher CASCADE")
    environment = { "TMPDIR" => directory, "PUBLISHER_DATABASE" => server.url }
    Process.spawn(environment, RbConfig.ruby, program, *arguments, chdir: directory, pgroup: true, out: File::NULL)
  end

  def reach(position)
    eventually(60, "the program does not come to #{position}") do
      number("SELECT max(position) FROM positions") >= position
    rescue PG::UndefinedTable
      nil
    end
  end

  # Records that have changed and were not published, and the other way round.
  def differences
    number(<<~SQL)
      SELECT count(*) FROM (SELECT DISTINCT model, record_id FROM changes) AS changed
      FULL JOIN (SELECT DISTINCT model, record_id FROM published) AS done USING (model, record_id)
      WHERE done.record_id IS NULL OR changed.record_id IS NULL
    SQL
  end

  # Records that were published twice though no change of theirs is behind a position.
  def needlessly_twice(position)
    number(<<~SQL)
      SELECT count(*) FROM (SELECT model, record_id FROM published GROUP BY 1, 2 HAVING count(*) > 1) AS twice
      WHERE NOT EXISTS (SELECT 1 FROM (SELECT *, row_number() OVER (ORDER BY id) AS place FROM changes) AS numbered
                        WHERE place > #{position} AND numbered.model = twice.model
                        AND numbered.record_id = twice.record_id)
    SQL
  end

  it "publishes each changed record once, counts what SQL counts, and has nothing left to do" do
    first = publisher("--fresh", "--words", "6000")
    expect(first).to have_attributes(stderr: "", success?: true)
    expect([differences, number("SELECT count(*) - count(DISTINCT (model, record_id)) FROM published")]).to eq([0, 0])
    changes = number("SELECT count(*) FROM changes")
    words, anagrams = %w[words anagrams].map { |model| number("SELECT count(*) FROM #{model}") }
    expect([words, anagrams, changes]).to match([be > 5_000, be_between(words / 2, words), be > words + anagrams])
    expect(first.stdout).to match(/\Afrom change 0 to #{changes} of #{changes}
words: (#{words}) published with \d+ requests, \1 says SQL; in the sink \1 of \1, 0 of them again
anagrams: (#{anagrams}) published with \d+ requests, \2 says SQL; in the sink \2 of \2, 0 of them again
\d+ requests repeated, 0 given up\n\z/)
    expect(publisher.stdout).to start_with("from change #{changes} to #{changes} of #{changes}\nwords: 0 published")
  end

  it "killed in the middle, goes on from its checkpoint: nothing is missing, and twice is only what it says" do
    pid = start("--words", "4000")
    reach(1_800)
    Process.kill(:KILL, pid)
    Process.wait(pid)
    eventually(30, "children are left") { left_running.empty? }
    position = number("SELECT position FROM positions")
    expect([position, differences]).to match([be < number("SELECT count(*) FROM changes"), be_positive])

    second = publisher
    counted, rows = second.stdout.scan(/(\d+) published .*? (\d+) says SQL/).transpose
    expect(counted).to eq(rows)
    expect(second.stdout).to start_with("from change #{position} to ")
    expect(second).to have_attributes(stderr: "", success?: true)
    expect([differences, needlessly_twice(position)]).to eq([0, 0])
  end

  it "loses nothing when a worker is killed" do
    pid = start("--words", "4000")
    reach(1_000)
    Process.kill(:KILL, eventually { children_of(pid).first })
    expect(Process.wait2(pid).last).to be_success
    expect([differences, number("SELECT count(*) - position FROM changes, positions GROUP BY position")]).to eq([0, 0])
  end

  it "brings a server of its own where none is given, and leaves nothing behind" do
    FileUtils.chmod(0o711, directory) # the server has another user
    result = publisher("--words", "300", database: "")
    expect(result).to have_attributes(stderr: "", success?: true)
    expect(result.stdout).to match(/^words: 300 published.*in the sink 300 of 300, 0 of them again$/)
    expect([Dir.children(directory), left_running]).to eq([[], []])
  end

  it "says what is missing" do
    expect(publisher(database: "postgres://127.0.0.1:1/none"))
      .to have_attributes(stdout: "", stderr: /refused/, status: have_attributes(exitstatus: 3))
    expect(publisher("--wrods")).to have_attributes(stderr: /--wrods.*Usage/m, status: have_attributes(exitstatus: 2))
    File.write(File.join(directory, "pg.rb"), "raise LoadError, 'cannot load such file -- pg'")
    expect(publisher("RUBYLIB" => directory))
      .to have_attributes(stderr: /pg\nThe gems sequel and pg are needed/, status: have_attributes(exitstatus: 3))
  end

  it "is done by hand as docs/publisher.md says" do
    ours, by_hand = File.read(File.join(Processes::ROOT, "docs/publisher.md")).scan(/^```ruby\n(.*?)^```/m).flatten
    expect(File.read(program).gsub(/ +# .*/, "").gsub(/^    /, "")).to include(ours)

    fill = "catalog = Publisher::Catalog.new(ENV.fetch(%q(PUBLISHER_DATABASE)))\ncatalog.drop\ncatalog.fill(1000)\n"
    script = by_hand.sub(/^catalog = .*\n/) { fill }
    result = run_script(script, deadline: 120, env: { "PUBLISHER_DATABASE" => server.url })
    expect(result).to have_attributes(stderr: "", success?: true)
    expect(result.stdout).to match(/\Aanagrams: \d+ published\nwords: 1000 published\n\z/)
    expect([differences, number("SELECT count(*) - count(DISTINCT (model, record_id)) FROM published")]).to eq([0, 0])
    expect(number("SELECT position FROM positions")).to eq(number("SELECT count(*) FROM changes"))
  end
end
