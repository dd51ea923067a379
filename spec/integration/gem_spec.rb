# frozen_string_literal: true

require "bundler"
require "tmpdir"

RSpec.describe "the gem", timeout: 180 do
  let(:directory) { Dir.mktmpdir }
  let(:empty_home) do
    Bundler.unbundled_env.merge("GEM_HOME" => directory, "GEM_PATH" => directory, "RUBYOPT" => nil, "RUBYLIB" => nil)
  end

  after { FileUtils.rm_rf(directory) }

  # Options that the environment of the suite sets must not reach the program.
  def run_outside(*command, **options)
    cleared = ENV.keys.grep(/\A(?:BUNDLE|BUNDLER|RUBY)/).to_h { |name| [name, nil] }
    run_command(*command, env: cleared.merge(empty_home), deadline: 150, **options)
  end

  it "is built, installed into an empty GEM_HOME, and works from there" do
    package = File.join(directory, "minigun.gem")
    built = run_outside(RbConfig.ruby, "-S", "gem", "build", "minigun.gemspec", "--output", package)
    expect(built).to be_success, built.stderr

    installed = run_outside(RbConfig.ruby, "-S", "gem", "install", "--local", "--no-document", package,
                            chdir: directory)
    expect(installed).to be_success, installed.stderr

    answer = run_outside(RbConfig.ruby, "-e", <<~'RUBY', chdir: directory)
      require "minigun"
      p Minigun::VERSION, $LOADED_FEATURES.grep(/minigun\.(?:so|bundle)\z/).size

      Minigun.logger.level = Logger::WARN
      class Job
        include Minigun::DSL
        pipeline do
          producer(:numbers) { 10.times { |n| emit(n) } }
          processes(2) { processor(:square) { |n| emit(n * n) } }
          consumer(:sum) { |n| (@sums ||= []) << n }
          after_run { p @sums.sum }
        end
      end
      Job.new.run
      puts $LOADED_FEATURES.grep(%r{/minigun\.rb\z})
    RUBY
    expect(answer.stderr).to eq("")
    expect(answer.stdout.lines.map(&:chomp)).to match(
      [Minigun::VERSION.inspect, "1", "285", start_with(File.join(directory, "gems"))]
    )
  end

  it "works by a relative require alone" do
    script = File.join(directory, "script.rb")
    File.write(script, <<~RUBY)
      require_relative #{File.join(Processes::ROOT, "lib", "minigun").inspect}
      p Minigun::VERSION
    RUBY
    result = run_outside(RbConfig.ruby, script, chdir: directory)
    expect([result.stdout, result.stderr]).to eq(["#{Minigun::VERSION.inspect}\n", ""])
  end

  it "packs what it needs and nothing that was built" do
    files = Gem::Specification.load(File.join(Processes::ROOT, "minigun.gemspec")).files
    expect(files).to include("lib/minigun.rb", "lib/minigun/dsl.rb", "ext/minigun/extconf.rb", "ext/minigun/ring.h",
                             "ext/minigun/ring_reader.c", "sig/minigun.rbs", "sig/minigun/dsl.rbs", "sig/manifest.yaml",
                             "LICENSE", "README.md", "CHANGELOG.md")
    expect(files.grep(/\.(?:so|o|bundle)\z|\A(?:spec|tmp|vendor)/)).to eq([])
  end

  it "depends on nothing but Ruby" do
    specification = Gem::Specification.load(File.join(Processes::ROOT, "minigun.gemspec"))
    expect(specification.runtime_dependencies).to eq([])
    expect(specification.required_ruby_version).to be_satisfied_by(Gem::Version.new("3.1.0"))
    expect(specification.required_ruby_version).not_to be_satisfied_by(Gem::Version.new("3.0.9"))
  end
end
