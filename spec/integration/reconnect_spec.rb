# frozen_string_literal: true

require "tmpdir"

RSpec.describe "reconnect (issue 6.7)" do
  include_context "base set"

  # An example must open no descriptor: the server is there before it.
  def self.use(server, gem = nil)
    before(:context) do # rubocop:disable RSpec/BeforeAfterAll
      require gem if gem
      DatabaseServers.fetch(server)
    end

    let!(:server) { DatabaseServers.fetch(server) }
  end

  # Where the way to the fork is the same, two forms stand for all.
  def self.forms = SessionJobs::FORMS.keys.values_at(1, 3)

  # Each child asks in a session of its own, and the parent's is none of theirs.
  def expect_own_sessions(job, parent)
    expect(job.run).to eq(SessionJobs::ITEMS)
    expect(SessionJobs.faults(job, parent)).to eq([])
  end

  describe "PostgreSQL", skip: DatabaseServers.missing(:postgres, "pg") do
    use(:postgres, "pg")

    let!(:parent) { PG.connect(**server.parameters) }
    let(:session) { proc { @held[:one].exec("SELECT pg_backend_pid()").getvalue(0, 0) } }

    after { parent.finish }

    def backend = parent.exec("SELECT pg_backend_pid()").getvalue(0, 0)

    SessionJobs::FORMS.each_key do |form|
      it "has a session for each child, in #{form}, and leaves the parent in its transaction" do
        parent.exec("BEGIN; CREATE TEMPORARY TABLE mine (n int)")
        before = backend
        expect_own_sessions(SessionJobs.build([[:pg], {}], form, &session).new(held: { one: parent }), before)
        expect([backend, parent.exec("SELECT count(*) FROM mine").getvalue(0, 0)]).to eq([before, "0"])
      end
    end

    it "finds what a Proc or the name of a variable says, and leaves other variables alone" do
      connection = parent
      { pg: -> { connection } }.then do |places|
        job = SessionJobs.build([[], places], "processes") { connection.exec("SELECT pg_backend_pid()").getvalue(0, 0) }
        expect_own_sessions(job.new, backend)
      end
      session = proc { @mine.exec("SELECT pg_backend_pid()").getvalue(0, 0) }
      job = SessionJobs.build([[], { pg: :@mine }], "processes", &session).new(mine: parent, other: "no connection")
      expect_own_sessions(job, backend)
    end

    it "has the connection ready for hooks behind it, while a child of another stage does without" do
      job = Class.new do
        include Minigun::DSL

        attr_reader :answers

        def initialize(connection)
          @connection = connection
          @answers = []
        end

        pipeline do
          reconnect :pg, stage: :ask
          after_fork(:ask) { @connection.prepare("twice", "SELECT $1::int * 2") }
          producer(:numbers) { 3.times { |number| emit(number) } }
          process_per_batch(max: 1) do
            processor(:pass) { |number| emit([number, @connection.socket_io.stat.ftype]) }
            consumer(:ask) do |number, kind|
              @answers << [kind, @connection.exec_prepared("twice", [number]).getvalue(0, 0)]
            end
          end
        end
      end.new(parent)
      job.run
      expect(job.answers.sort).to eq([%w[socket 0], %w[socket 2], %w[socket 4]])
    end

    it "fails the items of a child that cannot connect, with the server's words" do
      job = SessionJobs.build([[:pg], {}], "processes", &session).new(held: { one: parent })
      parent.exec("CREATE ROLE guest LOGIN CONNECTION LIMIT 1")
      guest = PG.connect(**server.parameters, user: "guest")
      job.instance_variable_set(:@held, { one: guest })
      job.run
      expect(job.report.totals).to include(failed: SessionJobs::ITEMS)
      expect(job.report.failures.map { |failure| failure.error.message }).to all(include("too many connections for"))
    ensure
      guest&.finish
      parent.exec("DROP ROLE guest")
    end
  end

  describe "MariaDB", skip: DatabaseServers.missing(:mariadb, "mysql2") do
    use(:mariadb, "mysql2")

    let!(:parent) { Mysql2::Client.new(socket: server.socket, username: "root", init_command: "SET @mark = 7") }
    let!(:question) { "SELECT CONNECTION_ID() AS id, @mark AS mark" }
    let(:session) do
      text = question
      proc { @clients.first.query(text).first.values }
    end

    after { parent.close }

    forms.each do |form|
      it "has a session for each child, in #{form}, with the options of the parent's" do
        before = parent.query(question).first.values
        job = SessionJobs.build([[:mysql2], {}], form, &session).new(clients: [parent])
        expect_own_sessions(job, before)
        expect(job.sessions.map { |_pid, (_id, mark)| mark }).to all(eq(7))
        expect(parent.query(question).first.values).to eq(before)
      end
    end
  end

  describe "Redis", skip: DatabaseServers.missing(:redis, "redis") do
    use(:redis, "redis")

    # They do not look whether there was a fork.
    let!(:clients) do
      [Redis.new(path: server.socket, inherit_socket: true),
       RedisClient.config(path: server.socket, inherit_socket: true).new_client]
    end

    after { clients.each(&:close) }

    forms.each do |form|
      it "has sessions for each child, in #{form}" do
        before = clients.map { |client| client.call("CLIENT", "ID") }
        job = SessionJobs.build([[:redis], {}], form) { @clients.map { |client| client.call("CLIENT", "ID") } }
                         .new(clients: clients)
        expect_own_sessions(job, before)
        expect(job.sessions.flat_map(&:last) & before).to eq([])
        expect(clients.map { |client| client.call("CLIENT", "ID") }).to eq(before)
      end
    end
  end

  describe "Sequel", skip: DatabaseServers.missing(:postgres, "sequel") do
    use(:postgres, "sequel")

    forms.each do |form|
      it "has a session for each child, in #{form}, while the parent reads rows" do
        database = Sequel.connect(server.url, max_connections: 2)
        database.synchronize do
          before = database.get(Sequel.function(:pg_backend_pid))
          Thread.new { database.get(1) }.join # one that is free is inherited as well
          job = SessionJobs.build([[:sequel], {}], form) { database.get(Sequel.function(:pg_backend_pid)) }.new
          expect_own_sessions(job, before)
          expect(database.get(Sequel.function(:pg_backend_pid))).to eq(before)
        end
      ensure
        database.disconnect
        Sequel::DATABASES.delete(database)
      end
    end

    it "empties pools of every kind, frozen ones too" do
      kinds = %i[single sharded_single threaded sharded_threaded]
      kinds.push(:timed_queue, :sharded_timed_queue) if RUBY_VERSION >= "3.2"
      databases = kinds.map { |kind| Sequel.connect(server.url, pool_class: kind, servers: {}).freeze }
      question = Sequel.function(:pg_backend_pid)
      before = databases.map { |database| database.get(question) }
      job = SessionJobs.build([[:sequel], {}], "processes") { databases.map { |database| database.get(question) } }.new
      job.run
      inherited, own = job.sessions.flat_map(&:last).partition { |session| before.include?(session) }
      expect([inherited, own.size]).to eq([[], SessionJobs::ITEMS * kinds.size])
      expect(databases.map { |database| database.get(question) }).to eq(before)
    ensure
      databases.each(&:disconnect)
      Sequel::DATABASES.clear
    end

    it "closes a file of SQLite before a fork" do
      Dir.mktmpdir do |directory|
        file = Sequel.sqlite(File.join(directory, "rows"))
        file.create_table(:rows) { Integer :n }
        job = Class.new do
          include Minigun::DSL

          reconnect :sequel
          pipeline do
            producer(:numbers) { 9.times { |number| emit(number) } }
            process_per_batch(max: 3) { consumer(:insert) { |number| file[:rows].insert(n: number) } }
          end
        end.new
        expect { job.run }.not_to output.to_stderr_from_any_process
        expect(file[:rows].select_order_map(:n)).to eq([*0..8])
      ensure
        file.disconnect
        Sequel::DATABASES.delete(file)
      end
    end

    it "leaves a database in memory alone: it would be gone" do
      memory = Sequel.sqlite.tap { |database| database.create_table(:rows) { Integer :n } }
      Minigun.const_get(:Reconnect).hooks([:sequel], {}).first.fetch(:before_fork).call
      expect(memory[:rows].count).to eq(0)
    ensure
      memory.disconnect
      Sequel::DATABASES.delete(memory)
    end
  end

  describe "ActiveRecord", skip: DatabaseServers.missing(:postgres, "activerecord") do
    use(:postgres)

    def script(argument) = run_script(File.join(__dir__, "../scripts/reconnect_active_record.rb"), argument)

    it "has a session for each child, and leaves the parent in its transaction" do
      expect(script(server.url)).to have_attributes(stderr: "", stdout: "", success?: true)
    end

    it "closes files of SQLite before a fork" do
      Dir.mktmpdir do |directory|
        expect(script(File.join(directory, "rows"))).to have_attributes(stderr: "", stdout: "", success?: true)
      end
    end
  end
end
