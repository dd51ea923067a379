# frozen_string_literal: true

require "tmpdir"

RSpec.describe "reconnect: what it is given (issue 6.7)" do
  def define(*names, **places)
    job_class { reconnect(*names, **places) }
  end

  # @return [Processes::ScriptResult] of a program for which these features cannot be loaded
  def without(*features, source)
    Dir.mktmpdir do |directory|
      features.each do |feature|
        File.write(File.join(directory, "#{feature}.rb"), "raise LoadError, 'cannot load such file -- #{feature}'\n")
      end
      run_script("$LOAD_PATH.unshift(#{directory.inspect})\nrequire 'minigun'\n#{source}")
    end
  end

  it "names a library that there is nothing for" do
    expect { define(:redsi) }
      .to raise_error(ArgumentError, "reconnect: there is nothing for :redsi. Did you mean :redis?")
    expect { define(mongo: :@client) }.to raise_error(ArgumentError, /nothing for :mongo/)
    expect { define }
      .to raise_error(ArgumentError, "reconnect: a library is needed: :active_record, :sequel, :redis, :pg, :mysql2")
  end

  it "wants no places for libraries that know their connections" do
    expect { define(sequel: :@database) }
      .to raise_error(ArgumentError, "reconnect :sequel finds the connections itself, got :@database")
  end

  it "raises MissingGem when the class is defined" do
    result = without("active_record", "sequel", "redis", "redis-client", "pg", "mysql2", <<~RUBY)
      %i[active_record sequel redis pg mysql2].each do |library|
        Class.new { include Minigun::DSL }.reconnect(library)
      rescue Minigun::MissingGem => e
        puts "\#{e.library} \#{e.gem_name} \#{e.message}"
      end
    RUBY
    gems = { active_record: "activerecord", sequel: "sequel", redis: "redis", pg: "pg", mysql2: "mysql2" }
    expect(result.stdout.lines(chomp: true)).to match(
      gems.map do |library, name|
        /\A#{library} #{name} reconnect :#{library} needs the gem #{name}, which is not there: install it \(.*load/
      end
    )
  end

  it "raises it in a pipeline block before anything has started, but not what a gem that is there lacks" do
    result = without("pg", "missing", <<~RUBY)
      File.write(File.join($LOAD_PATH.first, "sequel.rb"), "require 'another_that_is_missing'")
      %i[pg sequel].each do |library|
        Class.new do
          include Minigun::DSL
          pipeline do
            reconnect library
            before_run { puts "started" }
            producer(:numbers) { emit 1 }
          end
        end.new.run
      rescue Minigun::MissingGem, LoadError => e
        puts "\#{e.class} \#{e.message}"
      end
    RUBY
    expect(result.stdout.lines(chomp: true))
      .to match([/\AMinigun::MissingGem reconnect :pg/, "LoadError cannot load such file -- another_that_is_missing"])
  end

  it "checks places when the class is defined, and what they hold in the child" do
    skip "the gem pg is not there" if Gem::Specification.find_all_by_name("pg").empty?
    message = "names of instance variables (:@name) or a Proc that answers with connections are needed, got "
    [:connection, [], [:@a, 1], Object].each do |place|
      expect { define(pg: place) }.to raise_error(ArgumentError, /\Areconnect :pg: #{Regexp.escape(message)}/)
    end
    job = job_class(holder: [nil, 1]) do
      reconnect pg: :@holder
      pipeline do
        producer(:numbers) { emit(1) }
        processes(1) { consumer(:take) { |_| nil } }
      end
    end.new
    job.run
    expect(job.report.failures.map { |one| one.error.message })
      .to eq(["reconnect :pg: PG::Connection expected, got 1"])
  end
end
