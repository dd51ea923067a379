# frozen_string_literal: true

require "fileutils"
require "rbconfig"

# A copy of the project under tmp/variants with an extension built in another way, or from changed
# sources. Nothing of the project itself is touched, and what is built stays for the next time.
class Variant
  ROOT = File.expand_path("../..", __dir__)
  PARTS = %w[lib ext spec examples docs bin README.md CHANGELOG.md LICENSE Rakefile .rspec .rubocop.yml Gemfile
             Gemfile.lock minigun.gemspec].freeze
  BUILT = /\.(so|bundle|o)\z/
  # Directories of what is made in the copy.
  OUTPUT = %r{\A(?:build|native|fuzz|tmp)/}

  attr_reader :root

  # @param switches [Hash{String => String}] of extconf.rb
  def initialize(name, switches: {}, parts: PARTS)
    @root = File.join(ROOT, "tmp/variants/#{name}")
    @switches = switches
    @parts = parts
  end

  # @yield after the copying, before the compiler runs
  # @return [self]
  def build
    copy
    yield self if block_given?
    compile
    self
  end

  # Makes the copy equal to the project; files that are equal keep their time, for make's sake.
  def copy
    wanted = sources
    present = files(@root).grep_v(BUILT).grep_v(OUTPUT)
    (present - wanted).each { |path| File.delete(File.join(@root, path)) }
    wanted.each { |path| copy_file(path) }
    self
  end

  # Builds what is there now, without copying.
  def compile
    build = File.join(@root, "build")
    FileUtils.mkdir_p(build)
    configure(build) unless configured?(build)
    run("make", "-j2", chdir: build)
    FileUtils.cp(File.join(build, File.basename(extension)), extension)
  end

  # @return [Hash{String => String}] with which Bundler takes the copy for the project
  def environment = { "BUNDLE_GEMFILE" => File.join(@root, "Gemfile") }

  def library = File.join(@root, "lib")

  def extension = File.join(library, "minigun/minigun.#{RbConfig::CONFIG["DLEXT"]}")

  private

  def sources
    @parts.flat_map do |part|
      path = File.join(ROOT, part)
      File.directory?(path) ? files(path).map { |file| File.join(part, file) } : [part].select { File.file?(path) }
    end.grep_v(BUILT)
  end

  def files(directory)
    Dir.glob("**/*", File::FNM_DOTMATCH, base: directory).select { |path| File.file?(File.join(directory, path)) }
  end

  def copy_file(path)
    source = File.join(ROOT, path)
    target = File.join(@root, path)
    return if File.file?(target) && FileUtils.identical?(source, target)

    FileUtils.mkdir_p(File.dirname(target))
    FileUtils.cp(source, target)
  end

  # A Makefile names its sources: one made before a file was added or removed is stale.
  def configured?(build)
    makefile = File.join(build, "Makefile")
    return false unless File.file?(makefile)

    known = File.read(makefile).scan(/^(?:ORIG_SRCS|HDRS) = (.*)$/).flatten.join(" ").split
    known.map { |path| File.basename(path) }.sort == Dir.children(File.join(@root, "ext/minigun")).grep(/\.[ch]\z/).sort
  end

  def configure(build)
    FileUtils.rm_f(Dir["#{build}/*"])
    run(RbConfig.ruby, File.join(@root, "ext/minigun/extconf.rb"), chdir: build)
  end

  def run(*command, chdir:)
    output = IO.popen([@switches, *command, { chdir: chdir, err: %i[child out] }], &:read)
    raise "#{command.join(" ")} failed in #{chdir}:\n#{output}" unless $?.success?
  end
end
